import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { MAX_SCALE, centred, fit, pan, partBounds, shrinkToFit, toImage, zoomAt } from "../shared/geometry.js";

const cases = JSON.parse(readFileSync(new URL("../../../tests/cases/geometry.json", import.meta.url), "utf8"));

for (const { id, size_wh, box_wh, expected } of cases.shrink_to_fit) {
  test(`shrink to fit: ${id}`, () => assert.deepEqual(shrinkToFit(size_wh, box_wh), expected));
}
for (const { id, sizes, expected } of cases.part_bounds) {
  test(`part bounds: ${id}`, () => assert.deepEqual(partBounds(sizes), expected));
}
for (const { id, image_wh, screen_wh, expected } of cases.viewport) {
  test(`fitted view: ${id}`, () => assert.deepEqual(fit(image_wh, screen_wh), expected));
}

test("1:1 puts the middle of the image into the middle of the screen", () => {
  const view = centred([1000, 600], [400, 300], 1);
  assert.deepEqual(toImage(view, [200, 150]), [500, 300]);
});

test("zooming keeps the image point under the pointer", () => {
  let view = fit([640, 480], [800, 600]);
  const before = toImage(view, [123, 456]);
  for (const factor of [1.4, 1.4, 0.3, 2, 9, 0.01, 5]) {
    view = zoomAt(view, [123, 456], factor, 1.25);
    const after = toImage(view, [123, 456]);
    assert.ok(Math.abs(after[0] - before[0]) < 1e-6 && Math.abs(after[1] - before[1]) < 1e-6);
  }
});

test("the scale stays within its limits", () => {
  const view = fit([640, 480], [800, 600]);
  assert.equal(zoomAt(view, [0, 0], 1e9, view.scale).scale, MAX_SCALE);
  assert.equal(zoomAt(view, [0, 0], 1e-9, view.scale).scale, 0.25);
  assert.equal(zoomAt(view, [0, 0], 1e-9, 0.1).scale, 0.025);
});

test("panning never loses the image", () => {
  for (const delta of [[1e6, 1e6], [-1e6, -1e6], [1e6, -1e6]]) {
    const view = pan({ scale: 2, x: 0, y: 0 }, delta, [100, 100], [400, 300]);
    assert.ok(view.x <= 360 && view.x + 200 >= 40);
    assert.ok(view.y <= 260 && view.y + 200 >= 40);
  }
});
