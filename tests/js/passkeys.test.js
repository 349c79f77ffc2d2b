/* webapp/static/js/passkeys.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, open } from "./pages.js";

const OPTIONS = "POST /sign-in/passkey/options";
const letters = (text) => new TextEncoder().encode(text);
const written = (text) => Buffer.from(text).toString("base64url");

const SHOW = `<form id="enter"><input type="hidden" name="credential">
  <button type="button" data-passkey="show" data-options="/sign-in/passkey/options" disabled>Đăng nhập bằng passkey</button>
  <p data-told data-unable="" data-failed="Chưa đưa ra passkey nào."></p></form>`;
const MAKE = `<form id="enter"><input type="hidden" name="credential">
  <button type="button" data-passkey="make" data-options='${JSON.stringify({
    challenge: written("thử"), user: { id: written("5"), name: "lan" }, excludeCredentials: [{ type: "public-key", id: written("cũ") }],
  })}' disabled>Tạo passkey</button><p data-told data-unable="Thiết bị này không có passkey." data-failed="Chưa tạo được."></p></form>`;

/* A page whose device answers with `answer(options)`, or has no passkeys at all. */
async function device(body, answer) {
  const page = open(body);
  page.asked = [];
  page.sent = [];
  if (answer) {
    page.window.PublicKeyCredential = class {};
    const asked = (way) => async ({ publicKey }) => {
      page.asked.push([way, publicKey]);
      return answer(publicKey);
    };
    Object.defineProperty(page.window.navigator, "credentials", { value: { create: asked("create"), get: asked("get") } });
  }
  page.find("form").submit = () => page.sent.push(JSON.parse(page.find("[name=credential]").value));
  await page.load("passkeys.js");
  return page;
}

const shown = (userHandle) => () => ({
  id: "khóa", type: "public-key",
  response: { clientDataJSON: letters("máy"), authenticatorData: letters("khóa?"), signature: letters("ký>"), userHandle },
});

test("a passkey that the device shows goes to the server with what it signed", async () => {
  const page = await device(SHOW, shown(letters("5")));
  page.server.answer(OPTIONS, { challenge: written("thử?>"), rpId: "giay.test", allowCredentials: [{ id: written("một") }] });
  await page.press("button");
  const [[way, publicKey]] = page.asked;
  assert.equal(way, "get");
  assert.equal(Buffer.from(publicKey.challenge).toString(), "thử?>");
  assert.equal(Buffer.from(publicKey.allowCredentials[0].id).toString(), "một");
  assert.equal(page.server.asked(OPTIONS)[0].headers["X-CSRFToken"], page.find('meta[name="csrf-token"]').content);
  assert.deepEqual(page.sent, [{
    id: "khóa", rawId: "khóa", type: "public-key", clientExtensionResults: {},
    response: {
      clientDataJSON: written("máy"), authenticatorData: written("khóa?"), signature: written("ký>"), userHandle: written("5"),
    },
  }]);
});

test("a device that keeps no name for the person sends none", async () => {
  const page = await device(SHOW, shown(null));
  page.server.answer(OPTIONS, { challenge: written("thử") });
  await page.press("button");
  assert.equal("userHandle" in page.sent[0].response, false);
});

test("a passkey is made from the options that lie beside the button, and none that is there already", async () => {
  const made = { id: "mới", type: "public-key", response: { clientDataJSON: letters("máy"), attestationObject: letters("chứng") } };
  const page = await device(MAKE, () => made);
  await page.press("button");
  const [[way, publicKey]] = page.asked;
  assert.equal(way, "create");
  const read = [publicKey.challenge, publicKey.user.id, publicKey.excludeCredentials[0].id].map((one) => Buffer.from(one).toString());
  assert.deepEqual(read, ["thử", "5", "cũ"]);
  assert.deepEqual(page.sent[0].response, { clientDataJSON: written("máy"), attestationObject: written("chứng") });
});

test("who lets the device wait, or has no net, is told and may press again; nothing is sent", async () => {
  const page = await device(SHOW, () => {
    throw new Error("NotAllowedError");
  });
  page.server.answer(OPTIONS, { challenge: written("thử") }, LOST, { status: 429, json: {} });
  for (const again of [1, 2, 3]) {
    await page.press("button");
    assert.equal(page.text("[data-told]"), "Chưa đưa ra passkey nào.", `press ${again}`);
    assert.equal(page.find("button").disabled, false);
  }
  assert.deepEqual(page.sent, []);
});

test("a device without passkeys is not offered to show one, and is told why it cannot make one", async () => {
  const showing = await device(SHOW);
  assert.equal(showing.find("form").hidden, true);
  const making = await device(MAKE);
  assert.equal(making.find("form").hidden, false);
  assert.equal(making.find("button").disabled, true);
  assert.equal(making.text("[data-told]"), "Thiết bị này không có passkey.");
});
