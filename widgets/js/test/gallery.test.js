import assert from "node:assert/strict";
import { test } from "node:test";
import { Selection } from "../gallery/selection.js";

test("ctrl puts in and takes out", () => {
  const selection = new Selection();
  selection.ids = new Set(selection.toggle("a"));
  selection.ids = new Set(selection.toggle("b"));
  assert.deepEqual(selection.toggle("a"), ["b"]);
});

test("shift takes all from the last one, in either direction, besides what is chosen", () => {
  const selection = new Selection(["e"]);
  selection.order = ["a", "b", "c", "d", "e"];
  selection.ids = new Set(selection.toggle("c"));
  assert.deepEqual(selection.extendTo("a"), ["e", "c", "a", "b"]);
});

test("shift without a start is like ctrl", () => {
  const selection = new Selection();
  selection.order = ["a", "b"];
  assert.deepEqual(selection.extendTo("b"), ["b"]);
});
