/* The small scripts of forms: tick_all.js, attendance.js, vote.js, find.js, agenda.js and check-in-code.js. */

import assert from "node:assert/strict";
import test from "node:test";
import { NOON, open } from "./pages.js";

async function loaded(name, body, facts) {
  const page = open(body, facts);
  await page.load(name);
  return page;
}

/* tick_all.js */

const cell = '<td><input type="checkbox"></td>';
const TICKS = `<form><label data-tick-all hidden><input id="all" type="checkbox"></label><input id="other" type="checkbox"><table><tr>${cell}${cell}</tr></table></form>
  <form><table><tr>${cell}</tr></table></form>`;
const ticks = (page) => page.findAll("input").map((one) => Number(one.checked)).join("");

test("one tick ticks all of its form and nothing else, and takes them all back", async () => {
  const page = await loaded("tick_all.js", TICKS);
  assert.equal(page.find("label").hidden, false);
  await page.press("#all");
  assert.equal(ticks(page), "10110");
  await page.press("#all");
  assert.equal(ticks(page), "00000");
});

test("the tick for all stands when all are ticked one by one, and goes when one is taken back", async () => {
  const page = await loaded("tick_all.js", TICKS);
  const [first, second] = page.findAll("td input");
  first.click();
  assert.equal(page.find("#all").checked, false);
  second.click();
  assert.equal(page.find("#all").checked, true);
  first.click();
  assert.deepEqual([page.find("#all").checked, second.checked], [false, true]);
});

/* attendance.js */

const ATTENDANCE = `<form><input type="checkbox" data-pick-all><input type="checkbox" name="participant" value="1"><input type="checkbox" name="participant" value="2">
  <input id="reason"><button value="present">Có mặt</button><button value="absent">Vắng</button></form>`;

test("one tick picks everybody who is shown", async () => {
  const page = await loaded("attendance.js", ATTENDANCE);
  await page.press("[data-pick-all]");
  assert.deepEqual(page.findAll("[name=participant]").map((one) => one.checked), [true, true]);
});

test("Return in the reason notes the absence, not a presence", async () => {
  const page = await loaded("attendance.js", ATTENDANCE);
  const pressed = [];
  page.find("form").addEventListener("submit", (event) => { event.preventDefault(); pressed.push(event.submitter.value); });
  const event = await page.key("Enter", page.find("#reason"));
  assert.deepEqual([pressed, event.defaultPrevented], [["absent"], true]);
});

/* vote.js */

test("the form that prepares a vote shows only the fields of its kind", async () => {
  const page = await loaded("vote.js", `<form id="vote-form"><select name="kind"><option value="motion">a</option><option value="election">b</option></select>
    <p data-for="motion">1</p><p data-for="election choice">2</p><p>3</p></form>`);
  const shown = () => page.findAll("p:not([hidden])").map((one) => one.textContent).join("");
  assert.equal(shown(), "13");
  await page.write("select", "election");
  assert.equal(shown(), "23");
});

test("the page of one vote takes care of its ballot and its countdown", async () => {
  const page = open(`<div id="vote-page" data-person="5"><b data-ends-at="${NOON + 90_000}"></b>
    <div data-ballot="3" data-address="/meetings/7/votes/3"><form></form><p data-say="paper" hidden></p></div></div>`);
  page.server.answer("GET /meetings/7/votes/3/mine", { state: "open", may_vote: true, on_paper: true, voted: false });
  await page.load("vote.js");
  await page.pass(0);
  assert.deepEqual([page.text("b"), page.find("[data-say=paper]").hidden], ["01:30", false]);
});

/* find.js */

test("the caret stands behind what was typed, and “/” leads back to the box but is typed in it", async () => {
  const page = await loaded("find.js", '<input id="q" value="kế hoạch"><button>x</button>');
  assert.equal(page.find("#q").selectionStart, 8);
  assert.equal((await page.key("a", page.find("button"))).defaultPrevented, false);
  assert.equal((await page.key("/", page.find("button"))).defaultPrevented, true);
  assert.equal(page.document.activeElement, page.find("#q"));
  assert.equal((await page.key("/", page.find("#q"))).defaultPrevented, false);
});

/* agenda.js */

const item = (id, parent = "") => `<li id="item-${id}" data-item="${id}" data-parent="${parent}"><i class="handle">≡</i>
  <form class="steps" action="/meetings/7/agenda/items/${id}/step"><button name="move" value="up">↑</button></form></li>`;
const AGENDA = `<ol id="agenda" data-address="/meetings/7/agenda/list">${item(1)}${item(2, "1")}${item(3)}${item(4)}</ol>`;
const AT = { at: "https://giay.test/meetings/7/agenda" };

function drag(page, name, selector, clientY = 0) {
  const event = new page.window.MouseEvent(name, { bubbles: true, cancelable: true, clientY });
  event.dataTransfer = {};
  page.find(selector).dispatchEvent(event);
}

async function dropped(from, onto, clientY) {
  const page = await loaded("agenda.js", AGENDA, AT);
  page.server.answer(`POST /meetings/7/agenda/items/${from}/place`, {});
  page.find(`#item-${onto}`).getBoundingClientRect = () => ({ top: 100, height: 40 });
  drag(page, "pointerdown", `#item-${from} .handle`);
  assert.equal(page.find(`#item-${from}`).draggable, true);
  drag(page, "dragstart", `#item-${from}`);
  drag(page, "dragover", `#item-${onto}`, clientY);
  drag(page, "drop", `#item-${onto}`, clientY);
  drag(page, "dragend", `#item-${from}`);
  await page.pass(0);
  const [{ body }] = page.server.requests;
  assert.deepEqual(page.htmx.fetched, [["GET", "/meetings/7/agenda/list", "#agenda"]]);
  assert.equal(page.find(".drop-before, .drop-after"), null);
  return [body.get("parent"), body.get("before")];
}

test("an item dropped on the upper half of another stands before it, on the lower half after it, at the same level", async () => {
  assert.deepEqual(await dropped(4, 1, 110), ["", "1"]);
  assert.deepEqual(await dropped(4, 1, 130), ["", "3"]);
  assert.deepEqual(await dropped(1, 4, 130), ["", ""]);
  assert.deepEqual(await dropped(4, 2, 110), ["1", "2"]);
});

test("a step is sent by script with a key, and a refusal is said", async () => {
  const page = await loaded("agenda.js", AGENDA, AT);
  const said = [];
  page.window.alert = (text) => said.push(text);
  page.server.answer("POST /meetings/7/agenda/items/3/step", {}, { status: 409, json: { message: "Đã đóng." } });
  await page.press("#item-3 button");
  await page.press("#item-3 button");
  const [{ body }, { body: second }] = page.server.requests;
  assert.equal(body.get("move"), "up");
  assert.notEqual(body.get("act_id"), second.get("act_id"));
  assert.deepEqual([said, page.htmx.fetched.length], [["Đã đóng."], 2]);
});

/* check-in-code.js */

test("the picture of the code is fetched anew as often as it says", async () => {
  const page = await loaded("check-in-code.js", '<img src="/code.svg?at=1" data-renew-s="20">');
  await page.pass(20_000);
  assert.equal(page.find("img").getAttribute("src"), "/code.svg?at=1");
  await page.pass(1000);
  assert.match(page.find("img").src, /^https:\/\/giay\.test\/code\.svg\?at=\d{13}$/);
});
