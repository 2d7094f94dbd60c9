import assert from "node:assert/strict";
import { test } from "node:test";
import { digitIndex, isTyping, keyName } from "../shared/keyboard.js";

test("digits mean the first ten labels", () => {
  assert.equal(digitIndex("1"), 0);
  assert.equal(digitIndex("9"), 8);
  assert.equal(digitIndex("0"), 9);
  assert.equal(digitIndex("a"), -1);
  assert.equal(digitIndex("ctrl+1"), -1);
});

test("fields in which people type keep their keys", () => {
  for (const tagName of ["INPUT", "TEXTAREA", "SELECT"]) assert.ok(isTyping({ tagName }));
  assert.ok(isTyping({ tagName: "DIV", isContentEditable: true }));
  assert.ok(!isTyping({ tagName: "BUTTON" }));
  assert.ok(!isTyping(null));
});

const names = [
  [{ key: "z", ctrlKey: true }, "ctrl+z"],
  [{ key: "z", metaKey: true }, "ctrl+z"],
  [{ key: "Z", ctrlKey: true, shiftKey: true }, "ctrl+shift+z"],
  [{ key: "+", shiftKey: true }, "+"],
  [{ key: " " }, "space"],
  [{ key: "ArrowLeft", shiftKey: true }, "shift+arrowleft"],
  [{ key: "1", altKey: true }, "alt+1"],
];
for (const [event, name] of names) test(`key name: ${name}`, () => assert.equal(keyName(event), name));
