/* webapp/static/js/notes.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, SILENCE, open } from "./pages.js";

const NOTES = "/meetings/7/papers/3/versions/2/notes";
const PLACE = "khonggiay-of-5-notes";
const SAVED = "Đã lưu", WAITS = "Chưa lưu được, sẽ thử lại khi có mạng";
const WORDS = `Đánh dấu|Ghi chú|Xóa|Lưu|Thôi|${SAVED}|${WAITS}|Vàng|Xanh|Hồng|Chưa có ghi chú.|Ghi chú cho chỗ này`;

const note = (key, text, facts = {}) => ({ key, page: 1, boxes: [[0.1, 0.1, 0.2, 0.02]], quote: "kế hoạch", before: "", after: "", colour: "yellow", text, ...facts });
const kept = (key, text, id = key) => ({ id, to: `${NOTES}/${key}`, body: (({ key: _, ...values }) => values)(note(key, text)) });

/* Five words on two lines. */
const PAGE = ["một", "hai", "ba", "bốn", "năm"];
const rect = (word, index) => `<rect data-w="${index}" data-line="${index < 3 ? 0 : 1}" x="0.${index + 1}" y="${index < 3 ? 0.1 : 0.2}" width="0.05" height="0.02"/>`;
const desk = (page = 1, address = NOTES) => `
  <div id="desk" data-page="${page}" data-notes="${address}">
    <section id="sheet"><div class="paper-page"><svg><g id="own-notes"></g>${PAGE.map(rect).join("")}</svg></div></section>
    <section id="notes-panel" hidden data-words="${WORDS}"><ul class="own-notes"></ul><p class="notes-state"></p></section>
    <div class="transcript"><p>${PAGE.map((word, index) => `<span data-w="${index}">${word}</span>`).join(" ")}</p></div>
  </div>`;

async function reader({ has = [], storage = {}, isAway = false, person = "5" } = {}) {
  const page = open(desk(), { at: "https://giay.test/meetings/7/papers/3", storage, person });
  page.server.answer(`GET ${NOTES}`, { notes: has });
  for (const key of ["a", "b"]) {
    page.server.answer(`POST ${NOTES}/${key}`, {});
    page.server.answer(`POST ${NOTES}/${key}/remove`, { status: 204 });
  }
  page.server.isAway = isAway;
  await page.load("notes.js");
  page.state = () => page.text(".notes-state");
  page.listed = () => page.findAll(".own-note").map((one) => [one.id, one.querySelector("textarea").value]);
  page.posts = () => page.server.requests.filter(({ route }) => route.startsWith("POST")).map(({ route, body }) => [route.split("/notes/")[1], body.text]);
  page.waits = () => (page.kept(PLACE) ?? []).map(({ to, body }) => [to.split("/notes/")[1], body?.text]);
  page.isBack = async () => { page.server.isAway = false; await page.tell("online", null, page.window); };
  page.looksAgain = () => page.tell("visibilitychange");
  return page;
}

/* Keeping */

test("one's own notes on the page are listed and drawn; those of other pages are not", async () => {
  const page = await reader({ has: [note("a", "hỏi lại"), note("b", "", { page: 2 })] });
  assert.deepEqual(page.listed(), [["note-a", "hỏi lại"]]);
  assert.deepEqual(page.findAll("#own-notes rect").map((one) => [one.dataset.note, one.getAttribute("class")]), [["a", "own yellow"]]);
  assert.equal(page.find("#notes-panel").hidden, false);
});

test("a page without notes says how to make one", async () => {
  const page = await reader();
  assert.equal(page.text(".own-notes"), "Chưa có ghi chú.");
});

test("what is written is sent once, under the key of the note, and nothing of it stays on the device", async () => {
  const page = await reader({ has: [note("a", "")] });
  await page.write("#note-a textarea", "hỏi lại");
  assert.deepEqual([page.posts(), page.state(), page.storage.getItem(PLACE)], [[["a", "hỏi lại"]], SAVED, null]);
});

test("what is written is on the device before it is on its way", async () => {
  const page = await reader({ has: [note("a", "")] });
  let before;
  page.server.answer(`POST ${NOTES}/a`, () => { before = page.waits(); return {}; });
  await page.write("#note-a textarea", "hỏi lại");
  assert.deepEqual(before, [["a", "hỏi lại"]]);
});

test("what is written without a network waits on the device, is said to wait, and is sent when the net is back", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.isAway = true;
  await page.write("#note-a textarea", "hỏi lại");
  assert.deepEqual([page.state(), page.waits()], [WAITS, [["a", "hỏi lại"]]]);
  await page.isBack();
  assert.deepEqual([page.state(), page.waits(), page.posts().at(-1)], [SAVED, [], ["a", "hỏi lại"]]);
});

test("the newest of what was written on a note without a network is what is sent", async () => {
  const page = await reader({ has: [note("a", "")], isAway: false });
  page.server.isAway = true;
  await page.write("#note-a textarea", "một");
  await page.write("#note-a textarea", "hai");
  page.server.requests.length = 0;
  await page.isBack();
  assert.deepEqual(page.posts(), [["a", "hai"]]);
});

test("a note says whose it is, and waits where another is signed in by now", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.answer(`POST ${NOTES}/a`, { status: 401, json: {} });
  await page.write("#note-a textarea", "hỏi lại");
  assert.deepEqual([page.server.requests.at(-1).headers["X-Person"], page.state(), page.waits()], ["5", WAITS, [["a", "hỏi lại"]]]);
});

test("what waited never comes over what was written after it", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.answer(`POST ${NOTES}/a`, { status: 503 }, {});
  await page.write("#note-a textarea", "cũ");
  await page.write("#note-a textarea", "mới");
  await page.looksAgain();
  assert.deepEqual([page.posts().at(-1), page.waits()], [["a", "mới"], []]);
  assert.equal(page.posts().filter(([, text]) => text === "cũ").length, 1);
});

test("a note that was written and removed without a network is written, then removed", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.isAway = true;
  await page.write("#note-a textarea", "hai");
  await page.press("#note-a .note-acts button:last-child");
  page.server.requests.length = 0;
  await page.isBack();
  assert.deepEqual(page.posts().map(([to]) => to), ["a", "a/remove"]);
});

test("a note that waits is shown when the page is opened again without a network", async () => {
  const page = await reader({ isAway: true, storage: { [PLACE]: JSON.stringify([kept("a", "chưa gửi")]) } });
  assert.deepEqual([page.listed(), page.state()], [[["note-a", "chưa gửi"]], WAITS]);
});

test("where the server knows another text of a note that waits, what was written here is shown and goes", async () => {
  const page = await reader({ has: [note("a", "từ máy khác"), note("b", "")], isAway: false, storage: { [PLACE]: JSON.stringify([kept("a", "từ máy này")]) } });
  assert.deepEqual(page.posts(), [["a", "từ máy này"]]);
  page.server.answer(`POST ${NOTES}/a`, { status: 503 });
  await page.write("#note-a textarea", "từ máy này, lần hai");
  page.server.answer(`GET ${NOTES}`, { notes: [note("a", "từ máy khác"), note("b", "")] });
  await page.looksAgain();
  assert.deepEqual(page.listed(), [["note-b", ""], ["note-a", "từ máy này, lần hai"]]);
});

test("a note whose removal waits is not shown again", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.answer(`POST ${NOTES}/a/remove`, { status: 503 });
  await page.press("#note-a .note-acts button:last-child");
  await page.looksAgain();
  assert.deepEqual(page.listed(), []);
});

for (const status of [400, 401, 429, 500, 503]) {
  test(`what is answered ${status} is not said to be saved, and goes on waiting`, async () => {
    const page = await reader({ has: [note("a", "")] });
    page.server.answer(`POST ${NOTES}/a`, { status, json: { message: "?" } });
    await page.write("#note-a textarea", "hỏi lại");
    assert.deepEqual([page.state(), page.waits()], [WAITS, [["a", "hỏi lại"]]]);
  });
}

test("one note that the server does not take holds up no other", async () => {
  const page = await reader({ storage: { [PLACE]: JSON.stringify([kept("a", "một"), kept("b", "hai")]) } });
  page.server.answer(`POST ${NOTES}/a`, { status: 400, json: {} });
  page.storage.setItem(PLACE, JSON.stringify([kept("a", "một"), kept("b", "hai")]));
  await page.looksAgain();
  assert.deepEqual(page.waits(), [["a", "một"]]);
});

test("what is written on a paper that was withdrawn does not stay on the device, and the server's word is told", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.answer(`POST ${NOTES}/a`, { status: 404, json: { message: "Tài liệu đã được rút." } });
  await page.write("#note-a textarea", "hỏi lại");
  assert.deepEqual([page.state(), page.waits()], ["Tài liệu đã được rút.", []]);
});

test("the removal of a note that is gone already is done", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.server.answer(`POST ${NOTES}/a/remove`, { status: 404, json: { message: "?" } });
  await page.press("#note-a .note-acts button:last-child");
  assert.deepEqual([page.state(), page.waits()], [SAVED, []]);
});

test("when the page is lost in the middle of sending, what was not answered yet still waits", async () => {
  const storage = { [PLACE]: JSON.stringify([kept("a", "một"), kept("b", "hai")]) };
  const page = await reader({ storage, isAway: true });
  page.server.isAway = false;
  page.server.answer(`POST ${NOTES}/b`, SILENCE);
  await page.tell("online", null, page.window);
  assert.deepEqual(page.waits(), [["b", "hai"]]);
});

test("an answer that never comes does not keep later notes from going", async () => {
  const page = await reader({ has: [note("a", ""), note("b", "")] });
  page.server.answer(`POST ${NOTES}/a`, SILENCE, {});
  await page.write("#note-a textarea", "một");
  await page.pass(15_100);
  assert.equal(page.state(), WAITS);
  await page.write("#note-b textarea", "hai");
  assert.deepEqual([page.state(), page.waits()], [SAVED, []]);
});

test("on a tablet that goes from hand to hand nobody sends, or sees, another's notes", async () => {
  const page = await reader({ person: "6", storage: { [PLACE]: JSON.stringify([kept("a", "của người khác")]) } });
  assert.deepEqual([page.posts(), page.listed(), page.waits()], [[], [], [["a", "của người khác"]]]);
});

test("a device that keeps nothing still sends, also later", async () => {
  const page = await reader({ has: [note("a", "")] });
  page.window.Storage.prototype.setItem = () => { throw new Error("full"); };
  page.server.isAway = true;
  await page.write("#note-a textarea", "hỏi lại");
  await page.isBack();
  assert.deepEqual([page.posts().at(-1), page.state()], [["a", "hỏi lại"], SAVED]);
  page.server.requests.length = 0;
  await page.looksAgain();
  assert.deepEqual(page.posts(), []);
});

test("what another device wrote meanwhile is there when one comes back to the page", async () => {
  const page = await reader();
  page.server.answer(`GET ${NOTES}`, { notes: [note("a", "từ máy khác")] });
  await page.looksAgain();
  assert.deepEqual(page.listed(), [["note-a", "từ máy khác"]]);
});

test("what is being typed is not lost when one leaves the page for a moment and comes back", async () => {
  const page = await reader({ has: [note("a", ""), note("b", "")] });
  const field = page.find("#note-a textarea");
  field.focus();
  field.value = "đang viết";
  page.server.answer(`GET ${NOTES}`, { notes: [note("b", "mới"), note("a", "")] });
  await page.looksAgain();
  assert.deepEqual(page.listed(), [["note-b", "mới"], ["note-a", "đang viết"]]);
  assert.equal(page.document.activeElement, field);
});

test("a note made while the notes were being fetched is not taken away by an answer that does not know it yet", async () => {
  const page = await reader();
  let answer;
  page.server.answer(`GET ${NOTES}`, () => new Promise((done) => { answer = done; }), { notes: [note("a", "")] });
  page.server.answer(`POST ${NOTES}/a`, {});
  await page.looksAgain();
  page.window.crypto.getRandomValues = (bytes) => bytes;
  page.server.answer(`POST ${NOTES}/00000000-0000-4000-8000-000000000000`, {});
  await choose(page, 0, 1);
  await page.press(".note-bar .swatch");
  answer({ notes: [] });
  page.server.answer(`GET ${NOTES}`, { notes: [note("00000000-0000-4000-8000-000000000000", "")] });
  await page.pass(0);
  assert.equal(page.listed().length, 1);
});

/* Choosing words */

function pointer(page, name, word, type) {
  page.document.elementFromPoint = () => (word === null ? page.find("#sheet") : page.find(`rect[data-w="${word}"]`));
  const event = new page.window.MouseEvent(name, { bubbles: true, button: 0 });
  Object.defineProperty(event, "pointerType", { value: type });
  (page.find(`rect[data-w="${word}"]`) ?? page.find(".paper-page")).dispatchEvent(event);
}

async function choose(page, from, to) {
  for (const [name, word] of [["pointerdown", from], ["pointermove", to], ["pointerup", to]]) pointer(page, name, word, "mouse");
  await page.pass(0);
}

const chosen = (page) => page.findAll("rect.chosen").map((one) => Number(one.dataset.w));

test("words are chosen by dragging, forwards or backwards", async () => {
  const page = await reader();
  await choose(page, 3, 1);
  assert.deepEqual(chosen(page), [1, 2, 3]);
  assert.notEqual(page.find(".note-bar"), null);
});

test("a mere click chooses nothing", async () => {
  const page = await reader();
  await choose(page, 2, 2);
  assert.deepEqual([chosen(page), page.find(".note-bar")], [[], null]);
});

test("on a touch screen the first touch begins, the second one ends, and a touch beside the words gives up", async () => {
  const page = await reader();
  pointer(page, "click", 1, "touch");
  pointer(page, "click", 3, "touch");
  assert.deepEqual(chosen(page), [1, 2, 3]);
  pointer(page, "click", null, "touch");
  assert.deepEqual(chosen(page), []);
});

test("Escape gives up what was chosen", async () => {
  const page = await reader();
  await choose(page, 0, 1);
  await page.key("Escape");
  assert.deepEqual([chosen(page), page.find(".note-bar")], [[], null]);
});

test("a highlight knows its words, those around it, and one box for each line", async () => {
  const page = await reader();
  page.window.crypto.getRandomValues = (bytes) => bytes;
  page.server.answer(`POST ${NOTES}/00000000-0000-4000-8000-000000000000`, LOST);
  await choose(page, 1, 3);
  await page.press(".note-bar .swatch.green");
  const { body } = page.server.requests.at(-1);
  const boxes = body.boxes.map((box) => box.map((edge) => Math.round(edge * 1000) / 1000));
  assert.deepEqual(boxes, [[0.2, 0.1, 0.15, 0.02], [0.4, 0.2, 0.05, 0.02]]);
  assert.deepEqual([body.quote, body.before, body.after, body.colour, body.page], ["hai ba bốn", "một", "năm", "green", 1]);
  assert.deepEqual([page.findAll("#own-notes rect").length, chosen(page)], [2, []]);
});

/* Turning pages */

test("turning the page shows the notes of that page without asking again; another paper is asked for", async () => {
  const page = await reader({ has: [note("a", "một"), note("b", "hai", { page: 2 })] });
  page.find("#desk").outerHTML = desk(2);
  await page.tell("htmx:afterSettle", { elt: page.find("#desk") });
  assert.deepEqual([page.listed(), page.server.requests.length], [[["note-b", "hai"]], 1]);
  page.server.answer("GET /meetings/7/papers/4/versions/1/notes", LOST);
  page.find("#desk").outerHTML = desk(2, "/meetings/7/papers/4/versions/1/notes");
  await page.tell("htmx:afterSettle", { elt: page.find("#desk") });
  assert.deepEqual([page.listed(), page.server.requests.length], [[], 2]);
});
