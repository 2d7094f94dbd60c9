import assert from "node:assert/strict";
import { test } from "node:test";
import { pieces } from "../image_upload/pieces.js";

test("an empty file has one empty piece", () => assert.deepEqual(pieces(0, 4), [{ start: 0, end: 0, isLast: true }]));
test("pieces cover the file without overlap", () => {
  assert.deepEqual(pieces(9, 4), [{ start: 0, end: 4, isLast: false }, { start: 4, end: 8, isLast: false }, { start: 8, end: 9, isLast: true }]);
  assert.deepEqual(pieces(8, 4).length, 2);
});
