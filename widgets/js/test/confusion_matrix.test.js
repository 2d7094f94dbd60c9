import assert from "node:assert/strict";
import { test } from "node:test";
import { displayOrder, recall, rowSum } from "../confusion_matrix/order.js";

const labels = [{ name: "10" }, { name: "9" }, { name: "a" }];
const counts = [[5, 5, 0], [0, 1, 0], [0, 0, 0]];

test("sums and recall of a row; a row without images counts as right", () => {
  assert.equal(rowSum(counts, 0), 10);
  assert.equal(recall(counts, 0), 0.5);
  assert.equal(recall(counts, 2), 1);
});

test("orders of the labels", () => {
  assert.deepEqual(displayOrder("trained", [], []), []);
  assert.deepEqual(displayOrder("trained", labels, counts), [0, 1, 2]);
  assert.deepEqual(displayOrder("name", labels, counts), [1, 0, 2]);
  assert.deepEqual(displayOrder("worst", labels, counts), [0, 1, 2]);
});
