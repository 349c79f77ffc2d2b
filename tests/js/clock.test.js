/* webapp/static/js/meeting-clock.js */

import assert from "node:assert/strict";
import test from "node:test";
import { NOON, open } from "./pages.js";

async function countdown(attributes, { hears = [] } = {}) {
  const page = open(`<b id="left" ${attributes}></b>`);
  const clock = await page.load("meeting-clock.js");
  for (const ms of hears) clock.hear(ms);
  clock.tick();
  return { page, clock, left: page.find("#left") };
}

for (const [ms, words] of [
  [0, "00:00"], [1, "00:01"], [999, "00:01"], [1000, "00:01"], [61_000, "01:01"], [3_599_001, "1:00:00"], [3_661_000, "1:01:01"],
  [-999, "00:00"], [-1000, "−00:01"], [-1500, "−00:01"], [-61_000, "−01:01"],
]) {
  test(`${ms} ms are left as ${words}: begun seconds are given, lost ones are whole`, async () => {
    const { left } = await countdown(`data-ends-at="${NOON + ms}"`);
    assert.equal(left.textContent, words);
  });
}

test("a countdown warns in its last minute and is over at its end, not before", async () => {
  const { page, clock, left } = await countdown(`data-ends-at="${NOON + 61_000}"`);
  assert.equal(left.className, "");
  for (const [passed, look] of [[1000, "warn"], [59_999, "warn"], [1, "over"], [5000, "over"]]) {
    await page.pass(passed);
    clock.tick();
    assert.equal(left.className, look);
  }
});

test("a paused countdown stands still, also at nothing left", async () => {
  const { page, clock, left } = await countdown('data-paused="90000"');
  await page.pass(30_000);
  clock.tick();
  assert.deepEqual([left.textContent, left.className], ["01:30", "paused"]);
  const none = await countdown('data-paused="0"');
  assert.deepEqual([none.left.textContent, none.left.className], ["00:00", "over paused"]);
});

const SAYS = 'data-say="đã {n} phút" data-say-over="đã {n} phút, quá {over} phút"';

test("what has lasted is told in whole minutes, unlike a time of day, and never below nothing", async () => {
  const { page, clock, left } = await countdown(`data-since="${NOON - 119_000}" data-minutes="" ${SAYS}`);
  assert.equal(left.textContent, "đã 1 phút");
  page.find("#left").dataset.since = NOON + 60_000;
  clock.tick();
  assert.equal(left.textContent, "đã 0 phút");
});

test("what lasts longer than planned says by how much, and is marked", async () => {
  const { page, clock, left } = await countdown(`data-since="${NOON - 5 * 60_000}" data-minutes="5" ${SAYS}`);
  assert.deepEqual([left.textContent, left.className], ["đã 5 phút", ""]);
  await page.pass(17 * 60_000);
  clock.tick();
  assert.deepEqual([left.textContent, left.className], ["đã 22 phút, quá 17 phút", "over"]);
});

test("the message that was on its way for the shortest time sets the clock", async () => {
  const { clock } = await countdown("", { hears: [NOON + 900, NOON + 2000, NOON + 1400] });
  assert.equal(clock.serverNow(), NOON + 2000);
});

test("of many messages the last twelve count, so that a clock that drifts is followed", async () => {
  const late = Array.from({ length: 12 }, () => NOON + 1500);
  const { clock } = await countdown("", { hears: [NOON + 2000, ...late.slice(1)] });
  assert.equal(clock.serverNow(), NOON + 2000);
  clock.hear(NOON + 1500);
  assert.equal(clock.serverNow(), NOON + 1500);
});

test("when somebody sets the clock of the tablet, the first message after it is believed", async () => {
  const { page, clock } = await countdown("", { hears: [NOON + 1000, NOON + 1200] });
  page.clock.setSystemTime(NOON + 3_600_000);
  clock.hear(NOON + 800);
  assert.equal(clock.serverNow(), NOON + 800);
});

test("a running clock shows the server's time four times a second", async () => {
  const { page, clock, left } = await countdown(`data-ends-at="${NOON + 10_000}"`);
  clock.run();
  await page.pass(2000);
  assert.equal(left.textContent, "00:08");
});
