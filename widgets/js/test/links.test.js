import assert from "node:assert/strict";
import { test } from "node:test";
import { appAddress } from "../shared/links.js";

test("links keep the workspace and encode the rest", () => {
  assert.equal(appAddress("home"), "home.ipynb");
  assert.equal(appAddress("train", { task: "a b" }, "?workspace=Default&task=x"), "train.ipynb?workspace=Default&task=a+b");
});
