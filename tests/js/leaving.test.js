/* webapp/static/js/own.js, note-outbox.js and sign-out.js: what a device keeps of whom, and what becomes of it when they go */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, open } from "./pages.js";

const SITE = "https://giay.test";
const NOTE = "/meetings/7/papers/3/versions/2/notes/a";
const FLOOR = "/meetings/7/floor";
const UNSENT = "Còn {n} ghi chú hoặc thao tác chưa gửi được.";
const FORM = `<form action="/sign-out" method="post" data-unsent="${UNSENT}"><button>Đăng xuất</button></form>`;

const notes = JSON.stringify([{ id: "1", to: NOTE, body: { text: "không tin" } }]);
const acts = JSON.stringify([{ action: `${SITE}${FLOOR}`, pairs: [], key: "k", at: Date.parse("2026-03-02T11:59:00+07:00") }]);
const LEFT = {
  "khonggiay-of-5-notes": notes, "khonggiay-of-5-waiting-7-5": acts, "khonggiay-of-5-ballot-5-3": "{}", "khonggiay-of-5-big-type": "1",
  "khonggiay-of-55-notes": notes, "khonggiay-ballot-5-3": "{}", "of-elsewhere": "x",
};

async function page({ person = "5", storage = LEFT, at = `${SITE}/archive`, agrees = true } = {}) {
  const page = open(FORM, { person, storage, at });
  Object.assign(page, { asked: [], sent: 0 });
  page.window.confirm = (question) => { page.asked.push(question); return agrees; };
  page.window.HTMLFormElement.prototype.submit = () => { page.sent += 1; };
  await page.load("own.js").then(({ forgetOthers }) => forgetOthers());
  await page.load("sign-out.js");
  page.window.addEventListener("submit", (event) => { page.leaves = !event.defaultPrevented; event.preventDefault(); });
  page.keys = () => Object.keys(page.storage).sort();
  return page;
}

test("a person who comes to a device finds what they left there, and nothing of anybody else is there any more", async () => {
  const { keys } = await page();
  assert.deepEqual(keys(), ["khonggiay-of-5-ballot-5-3", "khonggiay-of-5-big-type", "khonggiay-of-5-notes", "khonggiay-of-5-waiting-7-5", "of-elsewhere"]);
});

test("what one tab keeps of another person goes too", async () => {
  const one = open(FORM, { person: "6" });
  one.window.sessionStorage.setItem("khonggiay-of-5-following-7", "{}");
  one.window.sessionStorage.setItem("khonggiay-of-6-following-7", "{}");
  await one.load("own.js").then(({ forgetOthers }) => forgetOthers());
  assert.deepEqual(Object.keys(one.window.sessionStorage), ["khonggiay-of-6-following-7"]);
});

test("while nobody is signed in only what could not be sent waits, for the one who wrote it", async () => {
  const { keys } = await page({ person: "" });
  assert.deepEqual(keys(), ["khonggiay-of-5-notes", "khonggiay-of-5-waiting-7-5", "khonggiay-of-55-notes", "of-elsewhere"]);
});

test("after a sign-out nothing of it waits either", async () => {
  const { keys } = await page({ person: "", storage: { ...LEFT, "khonggiay-leaving": "5" } });
  assert.deepEqual(keys(), ["of-elsewhere"]);
});

test("who wanted to go and stayed, since the net was gone, loses nothing", async () => {
  const { keys } = await page({ storage: { "khonggiay-of-5-notes": notes, "khonggiay-leaving": "5" } });
  assert.deepEqual(keys(), ["khonggiay-of-5-notes"]);
});

test("notes that waited under the name of version 1.0 are brought along for their own person alone", async () => {
  const storage = { "khonggiay-notes-5": notes, "khonggiay-notes-6": notes };
  assert.deepEqual((await page({ storage })).keys(), ["khonggiay-of-5-notes"]);
  assert.deepEqual((await page({ storage, person: "" })).keys(), ["khonggiay-notes-5", "khonggiay-notes-6"]);
});

test("who has nothing waiting signs out at once, and the next page knows that they went", async () => {
  const left = await page({ storage: {} });
  await left.press("button");
  assert.deepEqual([left.asked, left.leaves, left.storage.getItem("khonggiay-leaving")], [[], true, "5"]);
});

test("who is on the way out is not led elsewhere by a look that is refused meanwhile", async () => {
  const out = await page({ storage: {} });
  const { reload } = await out.load("own.js");
  reload();
  await out.press("button");
  reload();
  assert.deepEqual(out.left, ["reload"]);
});

test("what waits is sent before the sign-out, in the name of whoever wrote it, and nobody is asked", async () => {
  const left = await page();
  left.server.answer(`POST ${NOTE}`, {});
  left.server.answer(`POST ${FLOOR}`, { status: 204 });
  await left.press("button");
  await left.pass(10);
  assert.deepEqual(left.server.requests.map(({ route, headers }) => [route, headers["X-Person"]]), [[`POST ${NOTE}`, "5"], [`POST ${FLOOR}`, "5"]]);
  assert.deepEqual([left.asked, left.sent, left.storage.getItem("khonggiay-leaving")], [[], 1, "5"]);
});

test("who hears that something could not be sent may stay, and keeps it", async () => {
  const left = await page({ agrees: false });
  left.server.answer(`POST ${NOTE}`, LOST);
  left.server.answer(`POST ${FLOOR}`, LOST);
  await left.press("button");
  await left.pass(10);
  assert.deepEqual([left.asked, left.sent], [["Còn 2 ghi chú hoặc thao tác chưa gửi được."], 0]);
  assert.deepEqual([left.storage.getItem("khonggiay-leaving"), left.kept("khonggiay-of-5-notes").length], [null, 1]);
});

test("who signs out all the same goes once, however often they press", async () => {
  const left = await page();
  left.server.answer(`POST ${NOTE}`, LOST);
  left.server.answer(`POST ${FLOOR}`, LOST);
  left.find("button").click();
  left.find("button").click();
  await left.pass(10);
  assert.deepEqual([left.asked.length, left.sent, left.storage.getItem("khonggiay-leaving")], [1, 1, "5"]);
});

test("who does not want to sign out on all devices after all is not signed out, and nothing is sent", async () => {
  const left = await page();
  left.document.addEventListener("submit", (event) => event.preventDefault());
  await left.press("button");
  assert.deepEqual([left.server.requests, left.storage.getItem("khonggiay-leaving"), left.sent], [[], null, 0]);
});

test("what the server refuses as another person's goes on waiting", async () => {
  const left = await page({ agrees: false });
  left.server.answer(`POST ${NOTE}`, { status: 401, json: {} });
  left.server.answer(`POST ${FLOOR}`, { status: 401, json: {} });
  await left.press("button");
  await left.pass(10);
  assert.deepEqual([left.asked, left.kept("khonggiay-of-5-notes").length], [["Còn 2 ghi chú hoặc thao tác chưa gửi được."], 1]);
});
