import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { duration, number, percent } from "../shared/words.js";

const cases = JSON.parse(readFileSync(new URL("../../../tests/cases/words.json", import.meta.url), "utf8"));

for (const { id, seconds, expected } of cases.duration) test(`duration: ${id}`, () => assert.equal(duration(seconds), expected));
for (const { id, share, expected } of cases.percent) test(`percent: ${id}`, () => assert.equal(percent(share), expected));

test("numbers keep the digits that matter", () => {
  assert.equal(number(null), "–");
  assert.equal(number(0.123456), "0.123");
  assert.equal(number(2.5), "2.5");
});
