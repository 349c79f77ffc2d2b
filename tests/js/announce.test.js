/* webapp/static/js/announce.js */

import assert from "node:assert/strict";
import test from "node:test";
import { open } from "./pages.js";

const vote = (state, inside = "") => `<div class="vote ${state}" data-vote="3"><h2>Thông qua
  Nghị quyết?</h2>${inside}</div>`;
const now = (item) => `<p class="now-label">Đang họp</p><h2 class="now-title">${item}</h2>`;

/* The page of a meeting, with what the browser was asked to do. */
async function meeting({ begins = "", item = "mục 1", revision = "10", hidden = false, permission = "granted" } = {}) {
  const page = open(`
    <title>Tài liệu</title><button id="notify" hidden>Báo</button>
    <div id="live" data-meeting="7" data-revision="${revision}" data-say-vote="Đang biểu quyết:" data-say-closed="Đã khóa biểu quyết:"
      data-say-result="Kết quả biểu quyết:" data-say-cancelled="Đã hủy biểu quyết:">
      <p role="alert" data-says="alert"></p><p role="status" data-says="status"></p>
      <section data-part="now" hidden>${now(item)}</section><section data-part="vote">${begins}</section><input id="note">
    </div>`);
  const done = { shakes: 0, notices: [], scrolls: 0, asked: 0 };
  page.document.title = "Tài liệu";
  Object.defineProperty(page.document, "hidden", { value: hidden });
  page.window.navigator.vibrate = () => { done.shakes += 1; };
  page.window.Notification = class {
    static permission = permission;
    static requestPermission = async () => { done.asked += 1; };
    constructor(words, { body }) { done.notices.push([words, body]); }
  };
  page.window.HTMLElement.prototype.scrollIntoView = () => { done.scrolls += 1; };
  const announce = await page.load("announce.js");
  const root = page.find("#live");
  announce.start(root);
  const comes = async (part, html) => {
    page.find(`[data-part=${part}]`).innerHTML = html;
    await page.tell("parts:updated", {}, root);
    await page.pass(0);
  };
  return Object.assign(page, { root, done, comes, alert: () => page.text("[role=alert]"), status: () => page.text("[role=status]") });
}

test("a vote that is opened is said at once, the title calls, the device shakes and the ballot comes into sight", async () => {
  const page = await meeting();
  await page.comes("vote", vote("open"));
  assert.equal(page.alert(), "Đang biểu quyết: Thông qua Nghị quyết?");
  assert.equal(page.document.title, "(!) Đang biểu quyết: Tài liệu");
  assert.deepEqual([page.done.shakes, page.done.scrolls, page.done.notices], [1, 1, []]);
});

test("a vote that was open when the page came calls in the title alone, and is not said again with each counter", async () => {
  const page = await meeting({ begins: vote("open") });
  await page.comes("vote", vote("open", "<p>3/5</p>"));
  assert.deepEqual([page.alert(), page.done.shakes, page.document.title], ["", 0, "(!) Đang biểu quyết: Tài liệu"]);
});

test("parts that a page fetches because it came without them are no news", async () => {
  const page = await meeting({ revision: "-1" });
  await page.comes("vote", vote("open"));
  assert.deepEqual([page.alert(), page.document.title], ["", "(!) Đang biểu quyết: Tài liệu"]);
  await page.comes("vote", vote("closed"));
  assert.equal(page.status(), "Đã khóa biểu quyết: Thông qua Nghị quyết?");
});

test("who is writing is not scrolled away", async () => {
  const page = await meeting();
  page.find("#note").focus();
  await page.comes("vote", vote("open"));
  assert.equal(page.done.scrolls, 0);
});

test("the title calls until one's own ballot is in, and no longer", async () => {
  const page = await meeting({ begins: vote("open", '<div data-ballot="3" data-phase="form"></div>') });
  page.find("[data-ballot]").dataset.phase = "kept";
  await page.tell("ballot:phase", {}, page.root);
  assert.equal(page.document.title, "Tài liệu");
});

test("the result and the next item are said too, without an alarm", async () => {
  const page = await meeting({ begins: vote("closed") });
  await page.comes("vote", vote("published", '<div class="verdict"><p class="word">Thông qua</p></div>'));
  assert.equal(page.status(), "Kết quả biểu quyết: Thông qua Nghị quyết?: Thông qua");
  await page.comes("now", now("mục 2"));
  assert.equal(page.status(), "Đang họp. mục 2");
  assert.deepEqual([page.alert(), page.done.shakes], ["", 0]);
});

test("a page out of sight sends a notification, which says nothing of the question", async () => {
  const page = await meeting({ hidden: true });
  await page.comes("vote", vote("open"));
  assert.deepEqual(page.done.notices, [["Đang biểu quyết:", "Tài liệu"]]);
});

test("without a permission there is no notification, and it is asked for by a press alone", async () => {
  const page = await meeting({ hidden: true, permission: "default" });
  assert.equal(page.find("#notify").hidden, false);
  await page.comes("vote", vote("open"));
  assert.deepEqual([page.done.notices, page.done.asked], [[], 0]);
  await page.press("#notify");
  assert.deepEqual([page.done.asked, page.find("#notify").hidden], [1, true]);
});
