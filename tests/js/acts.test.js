/* webapp/static/js/meeting-acts.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, NOON, SILENCE, open } from "./pages.js";

const ACT = "POST /meetings/7/floor";
const PLACE = "khonggiay-of-5-waiting-7-5";
const SAY = { queued: "Đã ghi trên máy này.", unsent: "Chưa gửi được.", sent: "Đã gửi.", refused: "Không được nhận." };
const FORM = '<form method="post" action="/meetings/7/floor"><input name="kind" value="speech"><button name="way" value="hand">Giơ tay</button></form>';
const QUEUED = FORM.replace("<form", '<form data-queue="1"');
const waiting = (facts = {}) => ({ action: "https://giay.test/meetings/7/floor", pairs: [["kind", "speech"]], key: "a-key", at: NOON - 1000, ...facts });

async function room(inside = FORM, { storage = {}, isConnected = true, answer = { said: [] }, outside = "", away = false } = {}) {
  const page = open(`<div id="live" data-meeting="7" data-person="5">${inside}</div>${outside}`, { storage });
  page.server.answer(ACT, ...[answer].flat());
  const acts = await page.load("meeting-acts.js");
  Object.assign(page, { acts, told: [], refreshed: 0 });
  acts.start({
    root: page.find("#live"), say: SAY, isConnected: () => isConnected,
    refresh: async () => { page.refreshed += 1; if (away) page.find("form").remove(); }, tell: (said) => page.told.push(...said.map((one) => [...one])),
  });
  await page.pass(0);
  page.keys = () => page.server.asked(ACT).map(({ body }) => body.get("act_id"));
  page.beside = () => page.text(".said");
  return page;
}

test("an act is sent without leaving the page, with what was pressed, the token and a key", async () => {
  const page = await room(FORM, { answer: { said: [["success", "Đã ghi."]] } });
  await page.press("button");
  const [{ body, headers }] = page.server.requests;
  assert.deepEqual([...body.entries()].slice(0, 3), [["kind", "speech"], ["way", "hand"], ["csrf_token", "the-token"]]);
  assert.match(body.get("act_id"), /^[0-9a-f-]{36}$/);
  assert.equal(headers["X-Live"], "1");
  assert.deepEqual([page.told, page.left], [[["success", "Đã ghi."]], []]);
});

test("pressing again while the act is on its way sends nothing", async () => {
  const page = await room(FORM, { answer: SILENCE });
  await page.press("button");
  await page.press("button");
  assert.equal(page.keys().length, 1);
  assert.deepEqual([page.find("form").dataset.busy, page.find("button").getAttribute("aria-disabled")], ["", "true"]);
});

test("an act that was lost goes again under the same key, also when it is pressed again", async () => {
  const page = await room(FORM, { answer: LOST });
  await page.press("button");
  await page.pass(10_000);
  assert.deepEqual([page.keys().length, page.beside()], [4, "Chưa gửi được."]);
  page.server.answer(ACT, { said: [] });
  await page.press("button");
  assert.deepEqual([page.keys().length, new Set(page.keys()).size], [5, 1]);
  assert.equal(page.find(".said").hidden, true);
});

test("another content is another act, and so is the same once it was answered", async () => {
  const page = await room(FORM, { answer: LOST });
  await page.press("button");
  await page.pass(10_000);
  page.find("[name=kind]").value = "point_of_order";
  page.server.answer(ACT, { said: [] });
  await page.press("button");
  page.find("[name=kind]").value = "point_of_order";
  await page.press("button");
  assert.equal(new Set(page.keys()).size, 3);
});

test("a proxy whose server is starting again is waited for", async () => {
  const page = await room(FORM, { answer: undefined });
  page.server.answer(ACT, { status: 502, html: "" }, { status: 504, html: "" }, { said: [] });
  await page.press("button");
  await page.pass(10_000);
  assert.deepEqual([page.keys().length, new Set(page.keys()).size, page.find(".said").hidden], [3, 1, true]);
});

test("an answer that does not come within fifteen seconds is as good as lost", async () => {
  const page = await room(QUEUED, { answer: SILENCE });
  await page.press("button");
  await page.pass(14_900);
  assert.equal(page.beside(), "");
  await page.pass(200);
  assert.equal(page.beside(), SAY.queued);
});

test("a refusal is told beside the form in the server's words, and the room is fetched anew", async () => {
  const page = await room(FORM, { answer: { status: 409, json: { message: "Đã có người đang phát biểu." } } });
  await page.press("button");
  assert.deepEqual([page.beside(), page.refreshed], ["Đã có người đang phát biểu.", 1]);
  page.server.answer(ACT, { status: 422, html: '<main><p>Các cuộc họp</p><ul class="summary"><li> Thiếu nội dung. </li></ul></main>' });
  await page.press("button");
  assert.equal(page.beside(), "Thiếu nội dung.");
  page.server.answer(ACT, { status: 422, html: "" });
  await page.press("button");
  assert.equal(page.beside(), SAY.refused);
});

const ASKED = {
  status: 409, json: { message: "Còn 3 người có mặt chưa bỏ phiếu.", ask: { yes: "Khóa biểu quyết", no: "Chưa", sure: ["not_all_voted"] } },
};

test("a step with doubts is asked about in the page; who says yes sends it again with what was asked, under another key", async () => {
  const page = await room(FORM, { answer: [ASKED, { said: [] }] });
  await page.press("button[name=way]");
  assert.deepEqual([page.text("dialog p"), page.findAll("dialog button").map((one) => one.textContent)], ["Còn 3 người có mặt chưa bỏ phiếu.", ["Khóa biểu quyết", "Chưa"]]);
  assert.equal(page.beside(), "");
  await page.press("dialog button[value=yes]");
  const [first, second] = page.server.asked(ACT).map(({ body }) => body);
  assert.deepEqual([first.getAll("sure"), second.getAll("sure"), second.get("way")], [[], ["not_all_voted"], "hand"]);
  assert.notEqual(first.get("act_id"), second.get("act_id"));
  assert.equal(page.find("dialog"), null);
});

test("a yes that no network takes is told in the room where the form has gone meanwhile", async () => {
  const page = await room(FORM, { answer: [ASKED, LOST] });
  await page.press("button[name=way]");
  page.find("form").remove();
  await page.press("dialog button[value=yes]");
  await page.pass(10_000);
  assert.deepEqual(page.told, [["warn", "Chưa gửi được."]]);
});

test("who says no sends nothing more", async () => {
  const page = await room(FORM, { answer: ASKED });
  await page.press("button[name=way]");
  await page.press("dialog button[value=no]");
  assert.deepEqual([page.keys().length, page.find("dialog"), page.told], [1, null, []]);
});

test("a button that settles sends nothing", async () => {
  const page = await room(FORM);
  page.find("button").dataset.settles = "";
  await page.press("button");
  assert.deepEqual([page.keys(), page.left], [[], []]);
});

test("a yes that is put over the pressed button takes no second tap", async () => {
  const page = await room(FORM, { answer: ASKED });
  page.window.Element.prototype.getBoundingClientRect = () => ({ left: 0, top: 0, right: 80, bottom: 40, width: 80, height: 40 });
  await page.press("button[name=way]");
  await page.press("dialog button[value=yes]");
  assert.equal(page.keys().length, 1);
  await page.pass(2000);
  await page.press("dialog button[value=yes]");
  assert.equal(page.keys().length, 2);
});

test("a refusal is told in the room where the look has taken its form away", async () => {
  const page = await room(FORM, { answer: { status: 409, json: { message: "Kết quả chưa công bố." } }, away: true });
  await page.press("button");
  assert.deepEqual(page.told, [["warn", "Kết quả chưa công bố."]]);
});

test("what was typed is kept when the act was refused, and cleared when it was taken", async () => {
  const page = await room(FORM, { answer: { status: 422, json: { message: "Sai." } } });
  page.find("[name=kind]").value = "typed";
  await page.press("button");
  assert.equal(page.find("[name=kind]").value, "typed");
  page.server.answer(ACT, { said: [] });
  await page.press("button");
  assert.equal(page.find("[name=kind]").value, "speech");
});

test("an act is followed by a look at the room only where no socket brings the news", async () => {
  for (const [isConnected, looks] of [[true, 0], [false, 1]]) {
    const page = await room(FORM, { isConnected });
    await page.press("button");
    assert.equal(page.refreshed, looks);
  }
});

test("who was signed out meanwhile is led to sign in", async () => {
  const page = await room(FORM, { answer: { status: 401, json: { message: "Hãy đăng nhập." } } });
  await page.press("button");
  assert.deepEqual(page.left, ["reload"]);
});

test("a form that leads on goes where the server says", async () => {
  const page = await room(FORM.replace("<form", '<form data-then="go"'), { answer: { status: 200, html: "", redirected: true, url: "/meetings/7/minutes" } });
  await page.press("button");
  assert.deepEqual(page.left, ["/meetings/7/minutes"]);
});

test("forms outside of the room and those with a script of their own are left alone", async () => {
  const page = await room(FORM.replace("<form", '<form data-own="x"'), { outside: FORM.replace("<form", '<form id="outside"') });
  const went = [];
  page.window.addEventListener("submit", (event) => { went.push(event.defaultPrevented); event.preventDefault(); });
  await page.press("#live button");
  await page.press("#outside button");
  assert.deepEqual([went, page.server.requests], [[false, false], []]);
});

test("a form outside of the room that is marked as live is sent by script", async () => {
  const page = await room("", { outside: FORM.replace("<form", "<form data-live") });
  await page.press("button");
  assert.equal(page.keys().length, 1);
});

/* What waits for the network */

test("who asks for the floor without a network is told that it waits, and it is sent when the network is back", async () => {
  const page = await room(QUEUED, { answer: LOST });
  await page.press("button");
  const [kept] = page.kept(PLACE);
  assert.deepEqual([page.beside(), kept.key, kept.pairs, kept.at], [SAY.queued, page.keys()[0], [["kind", "speech"], ["way", "hand"]], NOON]);
  page.server.answer(ACT, { said: [] });
  await page.pass(30_000);
  await page.tell("online", null, page.window);
  assert.deepEqual([new Set(page.keys()).size, page.storage.getItem(PLACE), page.told], [1, null, [["success", SAY.sent]]]);
  assert.equal(page.server.requests.at(-1).body.get("pressed_ms"), String(NOON));
  assert.equal(page.find(".said").hidden, true);
});

test("asking twice without a network asks once", async () => {
  const page = await room(QUEUED, { answer: LOST });
  await page.press("button");
  await page.press("button");
  assert.equal(page.kept(PLACE).length, 1);
});

test("what waited is sent when the page is opened again", async () => {
  const page = await room("", { storage: { [PLACE]: JSON.stringify([waiting()]) } });
  assert.deepEqual([page.keys(), page.storage.getItem(PLACE)], [["a-key"], null]);
});

test("what waited goes on waiting while there is no network, and is sent once however often one tries", async () => {
  const page = await room("", { storage: { [PLACE]: JSON.stringify([waiting()]) }, answer: LOST });
  assert.equal(page.kept(PLACE).length, 1);
  page.server.answer(ACT, { said: [] });
  await Promise.all([page.acts.flush(), page.acts.flush(), page.acts.flush()]);
  assert.deepEqual(page.keys(), ["a-key", "a-key"]);
});

test("what waited and was refused is told and not sent again", async () => {
  const refused = { status: 409, json: { message: "Cuộc họp đã đóng." } };
  const page = await room("", { storage: { [PLACE]: JSON.stringify([waiting()]) }, answer: refused });
  assert.deepEqual([page.told, page.storage.getItem(PLACE)], [[["warn", "Cuộc họp đã đóng."]], null]);
});

test("what is refused because another is signed in by now goes on waiting for whoever pressed, and the page is read anew", async () => {
  const page = await room("", { storage: { [PLACE]: JSON.stringify([waiting()]) }, answer: { status: 401, json: {} } });
  assert.deepEqual([page.server.requests[0].headers["X-Person"], page.kept(PLACE).length, page.left], ["5", 1, ["reload"]]);
});

test("who asked ten minutes ago asks again by hand", async () => {
  const page = await room("", { storage: { [PLACE]: JSON.stringify([waiting({ at: NOON - 600_001 })]) } });
  assert.deepEqual(page.server.requests, []);
});

test("what another person asked for on this device is not sent in one's own name", async () => {
  const page = await room("", { storage: { "khonggiay-of-6-waiting-7-6": JSON.stringify([waiting()]) } });
  assert.deepEqual(page.server.requests, []);
});

test("where the device keeps nothing, nobody is told that the act waits", async () => {
  const page = await room(QUEUED, { answer: LOST });
  page.window.Storage.prototype.setItem = () => { throw new Error("full"); };
  await page.press("button");
  assert.deepEqual([page.beside(), page.find(".said").className], [SAY.unsent, "said error"]);
});
