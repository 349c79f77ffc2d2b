/* webapp/static/js/ballot.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, NOON, SILENCE, open } from "./pages.js";

const POST = "POST /meetings/7/votes/3/ballot";
const MINE = "GET /meetings/7/votes/3/mine";
const PLACE = "khonggiay-of-5-ballot-5-3";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const OPEN = { state: "open", on_roll: true, may_vote: true, voted: false };
const CLOSED = { ...OPEN, state: "closed", may_vote: true };
const voted = (ballot, facts = {}) => ({ ...OPEN, voted: true, vote: 3, ballot, receipt: "K7F2", at_ms: NOON, ...facts });
const says = ["sending", "confirming", "kept", "elsewhere", "earlier", "absent", "paper", "closed", "hand"];

const FORM = `
  <form method="post" action="/meetings/7/votes/3/ballot" data-most="1">
    <p data-problem hidden></p><p data-without-script>Không có script</p>
    <input type="hidden" name="csrf_token" value="x">
    <label><input type="radio" name="choice" value="for">Tán thành</label>
    <label><input type="radio" name="choice" value="against">Không tán thành</label>
    <button>Gửi phiếu</button>
  </form>`;
const box = (form = FORM) => `
  <div data-ballot="3" data-address="/meetings/7/votes/3" data-say-too-many="Chọn quá số người được bầu.">${form}
    ${says.map((name) => `<div data-say="${name}" hidden></div>`).join("")}
    <strong data-receipt></strong><span>· <span data-receipt-time></span></span>
  </div>`;
const live = (inside, rights = "vote") => `<div id="live" data-person="5" data-rights="${rights}">${inside}</div>`;

/* The page of a voter; the first question, how the vote stands, is answered with `stands`. */
async function voter({ stands = OPEN, inside = box(), rights = "vote", storage = {} } = {}) {
  const page = open(live(inside, rights), { storage });
  page.server.answer(MINE, stands);
  page.server.answer(POST, (request) => ({ status: 201, json: voted(request.body.get("ballot_id")) }));
  const ballot = await page.load("ballot.js");
  ballot.start(page.find("#live"), page.socket);
  await page.pass(0);
  page.said = () => page.findAll("[data-say]:not([hidden])").map((one) => one.dataset.say);
  page.casts = async (choice) => {
    page.find(`[value=${choice}]`).checked = true;
    await page.press("[data-ballot] button");
  };
  page.ids = () => page.server.asked(POST).map(({ body }) => body.get("ballot_id"));
  return page;
}

/* Pressing */

test("the ballot is in the hands of the script at once: what is said to those without one goes", async () => {
  const page = await voter();
  assert.deepEqual([page.find("[data-without-script]"), page.find("[data-ballot]").dataset.phase], [null, "form"]);
});

test("a press sends one ballot with a key of its own, the choice and the token of the page", async () => {
  const page = await voter();
  await page.casts("for");
  const [sent] = page.server.asked(POST);
  assert.match(sent.body.get("ballot_id"), UUID);
  assert.deepEqual([sent.body.getAll("choice"), sent.body.get("csrf_token")], [["for"], "the-token"]);
  assert.deepEqual(page.said(), ["kept"]);
  assert.deepEqual([page.text("[data-receipt]"), page.text("[data-receipt-time]")], ["K7F2", "12:00:00"]);
  assert.equal(page.find("form").hidden, true);
});

test("an impatient second press while the ballot is on its way sends nothing", async () => {
  const page = await voter();
  page.server.answer(POST, SILENCE);
  await page.casts("for");
  page.find("form").requestSubmit();
  await page.pass(0);
  assert.equal(page.server.asked(POST).length, 1);
  assert.deepEqual([page.said(), page.find("button").disabled], [["sending"], true]);
});

test("a press after the ballot was kept sends nothing", async () => {
  const page = await voter();
  await page.casts("for");
  page.find("form").requestSubmit();
  await page.pass(60_000);
  assert.equal(page.server.asked(POST).length, 1);
});

test("who marks more names than there are seats is told so, and nothing is sent", async () => {
  const election = FORM.replaceAll('type="radio"', 'type="checkbox"');
  const page = await voter({ inside: box(election) });
  page.find("[value=for]").checked = true;
  await page.casts("against");
  assert.deepEqual([page.text("[data-problem]"), page.find("[data-problem]").hidden], ["Chọn quá số người được bầu.", false]);
  assert.equal(page.server.asked(POST).length, 0);
  page.find("[value=for]").checked = false;
  await page.write("[value=against]", "against");
  assert.equal(page.find("[data-problem]").hidden, true);
});

/* The network */

test("a ballot that was lost on its way goes again under the same key until it is kept", async () => {
  const page = await voter();
  page.server.answer(POST, LOST, { status: 503 }, (request) => ({ status: 200, json: voted(request.body.get("ballot_id")) }));
  await page.casts("for");
  assert.deepEqual(page.said(), ["confirming"]);
  await page.pass(20_000);
  assert.equal(page.ids().length, 3);
  assert.equal(new Set(page.ids()).size, 1);
  assert.deepEqual(page.server.asked(POST).map(({ body }) => body.get("choice")), ["for", "for", "for"]);
  assert.deepEqual(page.said(), ["kept"]);
  await page.pass(60_000);
  assert.equal(page.ids().length, 3);
});

test("a ballot that arrived though its answer was lost is not sent again", async () => {
  const page = await voter();
  let arrived;
  page.server.answer(POST, (request) => { arrived = request.body.get("ballot_id"); return LOST; });
  page.server.answer(MINE, () => voted(arrived));
  await page.casts("for");
  await page.pass(60_000);
  assert.equal(page.ids().length, 1);
  assert.deepEqual(page.said(), ["kept"]);
});

test("an answer that never comes is waited for eight seconds, then the server is asked before anything is sent again", async () => {
  const page = await voter();
  page.server.answer(POST, SILENCE);
  page.server.answer(MINE, SILENCE);
  await page.casts("for");
  const questions = page.server.asked(MINE).length;
  await page.pass(7900);
  assert.deepEqual([page.said(), page.server.asked(MINE).length], [["sending"], questions]);
  await page.pass(200);
  assert.deepEqual([page.said(), page.server.asked(MINE).length, page.ids().length], [["confirming"], questions + 1, 1]);
});

test("while nobody knows whether the ballot arrived, the voter is never offered the form again", async () => {
  const page = await voter();
  page.server.isAway = true;
  await page.casts("for");
  for (let n = 0; n < 30; n += 1) {
    await page.pass(1000);
    assert.deepEqual(page.said(), ["confirming"]);
    assert.equal(page.find("form").hidden || page.find("button").disabled, true);
  }
  page.server.isAway = false;
  await page.pass(20_000);
  assert.deepEqual(page.said(), ["kept"]);
});

test("the word of the socket that the ballot is kept ends the sending", async () => {
  const page = await voter();
  page.server.answer(POST, SILENCE);
  page.server.answer(MINE, LOST);
  await page.casts("for");
  page.socket.says("voted", voted(page.ids()[0]));
  assert.deepEqual(page.said(), ["kept"]);
  await page.pass(60_000);
  assert.equal(page.ids().length, 1);
  assert.deepEqual(page.said(), ["kept"]);
});

test("a vote that was closed before the ballot came says that none is kept", async () => {
  const page = await voter();
  page.server.answer(POST, LOST);
  page.server.answer(MINE, CLOSED);
  await page.casts("for");
  assert.deepEqual([page.said(), page.ids().length], [["closed"], 1]);
});

const CLOSED_BOX = box("");

test("who voted too late is offered the form again when the vote is opened again, and the same ballot is taken", async () => {
  const page = await voter();
  page.server.answer(POST, { status: 409, json: { message: "Biểu quyết không mở." } });
  page.server.answer(MINE, CLOSED);
  await page.casts("for");
  const stands = async (html) => {
    page.find("#live").innerHTML = html;
    await page.tell("parts:updated", {}, page.find("#live"));
  };
  await stands(CLOSED_BOX);
  page.server.answer(MINE, OPEN);
  page.server.answer(POST, (request) => ({ status: 201, json: voted(request.body.get("ballot_id")) }));
  await stands(box());
  assert.deepEqual([page.find("form").hidden, page.said()], [false, []]);
  await page.casts("for");
  assert.deepEqual([new Set(page.ids()).size, page.said()], [1, ["kept"]]);
});

test("who came while the vote was closed is offered the form when it is opened again", async () => {
  const page = await voter({ stands: CLOSED, inside: CLOSED_BOX });
  page.server.answer(MINE, OPEN);
  page.find("#live").innerHTML = box();
  await page.tell("parts:updated", {}, page.find("#live"));
  await page.pass(5000);
  assert.deepEqual([page.find("form").hidden, page.said()], [false, []]);
});

test("a refusal is told beside the form, and the form may be used again", async () => {
  const page = await voter();
  page.server.answer(POST, { status: 422, json: { message: "Phiếu không hợp lệ." } });
  await page.casts("for");
  assert.deepEqual([page.text("[data-problem]"), page.find("form").hidden, page.find("button").disabled], ["Phiếu không hợp lệ.", false, false]);
  page.server.answer(POST, (request) => ({ status: 201, json: voted(request.body.get("ballot_id")) }));
  await page.casts("for");
  assert.deepEqual(page.said(), ["kept"]);
});

test("the same choice pressed again after a refusal is the same ballot, another choice is another", async () => {
  const page = await voter();
  page.server.answer(POST, { status: 422, json: { message: "Chưa nhận được." } });
  await page.casts("for");
  await page.casts("for");
  await page.casts("against");
  const [first, second, third] = page.ids();
  assert.equal(first, second);
  assert.notEqual(second, third);
});

test("who was signed out meanwhile is led to sign in", async () => {
  const page = await voter();
  page.server.answer(POST, { status: 401, json: { message: "Hãy đăng nhập." } });
  await page.casts("for");
  assert.deepEqual(page.left, ["reload"]);
});

/* The device */

test("the key is written down before the ballot leaves, and what was chosen never is", async () => {
  const page = await voter();
  let before;
  page.server.answer(POST, (request) => {
    before = page.kept(PLACE);
    return { status: 201, json: voted(request.body.get("ballot_id")) };
  });
  await page.casts("against");
  assert.deepEqual(before, { ids: page.ids() });
  assert.equal(page.kept(PLACE).told.receipt, "K7F2");
  assert.equal(JSON.stringify({ ...page.storage }).includes("against"), false);
});

test("after the page is loaded again the device shows its receipt and its time without asking", async () => {
  const page = await voter({ storage: { [PLACE]: JSON.stringify({ ids: ["a"], told: { ...voted("a", { at_ms: null }), here_ms: NOON - 60_000 } }) } });
  assert.deepEqual([page.said(), page.text("[data-receipt]"), page.text("[data-receipt-time]")], [["kept"], "K7F2", "11:59:00"]);
  assert.deepEqual(page.server.requests, []);
});

test("a page that was lost before its answer came asks what became of the ballot", async () => {
  const page = await voter({ stands: voted("a"), storage: { [PLACE]: JSON.stringify({ ids: ["a"] }) } });
  assert.deepEqual([page.said(), page.server.asked(MINE).length], [["kept"], 1]);
});

test("what one person sent from a device is nothing to the next one there", async () => {
  const page = await voter({ storage: { "khonggiay-of-6-ballot-6-3": JSON.stringify({ ids: ["b"], told: voted("b") }) } });
  assert.deepEqual([page.said(), page.find("form").hidden], [[], false]);
});

test("a memory that cannot be read, or written, keeps nobody from voting", async () => {
  const page = await voter({ storage: { [PLACE]: "{" } });
  page.window.Storage.prototype.setItem = () => { throw new Error("full"); };
  await page.casts("for");
  assert.deepEqual(page.said(), ["kept", "elsewhere"]);
});

test("a ballot sent from another device is said to be from there", async () => {
  const page = await voter({ stands: voted("elsewhere") });
  assert.deepEqual(page.said(), ["kept", "elsewhere"]);
});

test("when an earlier ballot of this device was kept, the later choice is said not to count", async () => {
  const page = await voter({ storage: { [PLACE]: JSON.stringify({ ids: ["first"] }) } });
  page.server.answer(POST, { status: 200, json: voted("first") });
  await page.casts("against");
  assert.deepEqual(page.said(), ["kept", "earlier"]);
});

test("the time of a secret ballot is that of the device that sent it, and of no other", async () => {
  const here = await voter();
  here.server.answer(POST, (request) => ({ status: 201, json: voted(request.body.get("ballot_id"), { at_ms: null }) }));
  await here.casts("for");
  assert.equal(here.text("[data-receipt-time]"), "12:00:00");
  const elsewhere = await voter({ stands: voted("elsewhere", { at_ms: null }) });
  assert.equal(elsewhere.find("[data-receipt-time]").parentElement.hidden, true);
});

/* Who may */

for (const [name, stands, said] of [
  ["who was not there when the roll was taken", { ...OPEN, may_vote: false }, ["absent"]],
  ["who votes on paper", { ...OPEN, on_paper: true }, ["paper"]],
  ["who comes after the vote was closed", CLOSED, ["closed"]],
]) {
  test(`${name} is told so in place of the form`, async () => {
    const page = await voter({ stands });
    assert.deepEqual([page.said(), page.find("form").hidden], [said, true]);
  });
}

test("who only looks on sees no form and asks nothing", async () => {
  const page = await voter({ rights: "see" });
  assert.deepEqual([page.find("form").hidden, page.server.requests], [true, []]);
});

test("who may not be told of the vote any more is not offered the form", async () => {
  const page = await voter({ stands: { status: 404, json: { message: "?" } } });
  assert.deepEqual([page.find("form").hidden, page.said()], [true, []]);
});

test("a vote opened in the room asks within five seconds, not at once: the whole room has heard of it", async () => {
  const page = await voter({ inside: "" });
  page.find("#live").innerHTML = box();
  await page.tell("parts:updated", {}, page.find("#live"));
  assert.deepEqual([page.server.requests.length, page.find("form").hidden], [0, false]);
  await page.pass(5000);
  assert.equal(page.server.asked(MINE).length, 1);
});

test("who was given the right to vote while the vote is open is asked about at once", async () => {
  const page = await voter({ stands: [{ ...OPEN, may_vote: false }][0] });
  page.server.answer(MINE, OPEN);
  page.socket.says("mine", { meeting: 7 });
  await page.pass(0);
  assert.deepEqual([page.said(), page.find("form").hidden], [[], false]);
});

test("coming back asks how the votes stand, but not of a ballot that is kept", async () => {
  const page = await voter();
  page.socket.comes();
  await page.pass(5000);
  assert.equal(page.server.asked(MINE).length, 2);
  await page.casts("for");
  page.socket.comes();
  await page.pass(5000);
  assert.equal(page.server.asked(MINE).length, 2);
});

/* The counters */

const COUNTER = '<div data-turnout="3"><progress value="4" max="9"></progress><b data-voted>4</b>/<i data-roll>9</i></div>';

test("the turnout follows the newest number and never goes back", async () => {
  const page = await voter({ inside: COUNTER });
  page.socket.says("counted", { vote: 3, voted: 6, roll: 10 });
  page.socket.says("counted", { vote: 3, voted: 5, roll: 10 });
  assert.deepEqual([page.text("[data-voted]"), page.text("[data-roll]"), page.find("progress").value, page.find("progress").max], ["6", "10", 6, 10]);
});

test("the list of who has not voted is fetched once for many counters", async () => {
  const page = await voter({ inside: `${COUNTER}<ul data-missing="/meetings/7/votes/3/waiting"></ul>` });
  page.server.answer("GET /meetings/7/votes/3/waiting", { status: 200, html: "<li>Bà Lan</li>" });
  for (let n = 5; n < 9; n += 1) page.socket.says("counted", { vote: 3, voted: n, roll: 9 });
  await page.pass(2100);
  assert.deepEqual([page.server.requests.length, page.text("[data-missing]")], [1, "Bà Lan"]);
});

/* A hand that was noted for the voter */

const HAND = { ...OPEN, hand: "Bùi Thị Ghi đã ghi giơ tay cho bạn lúc 12:00:00: Đồng ý." };

test("who has a noted hand is told whose note it is, beside the ballot that may replace it, and nothing of a receipt", async () => {
  const page = await voter({ stands: HAND });
  assert.deepEqual([page.said(), page.find("form").hidden], [["hand"], false]);
  assert.equal(page.text("[data-say=hand]"), HAND.hand);
});

test("one's own ballot takes the place of the hand, and the note goes", async () => {
  const page = await voter({ stands: HAND });
  await page.casts("against");
  assert.deepEqual(page.said(), ["kept"]);
});

test("a hand noted while the ballot is open is told at once, and so is that it was taken back", async () => {
  const page = await voter();
  page.server.answer(MINE, HAND);
  page.socket.says("mine", { meeting: 7 });
  await page.pass(10);
  assert.deepEqual(page.said(), ["hand"]);
  page.server.answer(MINE, OPEN);
  page.socket.says("mine", { meeting: 7 });
  await page.pass(10);
  assert.deepEqual([page.said(), page.find("form").hidden], [[], false]);
});

test("when the vote closes over a hand, its owner reads what can still be done", async () => {
  const page = await voter({ stands: HAND });
  page.server.answer(MINE, { ...CLOSED, hand: "Hãy báo chủ tọa." });
  page.find("form").remove();
  await page.tell("parts:updated", {}, page.find("#live"));
  await page.pass(10);
  assert.deepEqual([page.said(), page.text("[data-say=hand]")], [["hand"], "Hãy báo chủ tọa."]);
});
