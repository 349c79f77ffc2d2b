/* What people do in the room: forms are sent by script with an idempotency key that is kept until the server has answered, so
   that pressing again, or a network that fails in between, never does a thing twice. */

import { settleOver } from "./meeting-parts.js";
import { keysOf, ownKey, reload, whose } from "./own.js";

const RETRIES_MS = [600, 1500, 3000];
const QUEUE_LASTS_MS = 10 * 60_000; // who asked to speak ten minutes ago asks again
const SENTENCES = [".summary li", ".error", ".notice.bad, .notice.error", "main p"]; // where a page says what was wrong, best first
const keys = new WeakMap(); // form -> {sent, key}: another key for other contents

let room; // {root, say, refresh, isConnected}
let isFlushing = false;

export function start(facts) {
  room = facts;
  document.addEventListener("submit", onSubmit);
  addEventListener("online", flush);
  flush();
}

export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export const token = () => document.querySelector('meta[name="csrf-token"]').content;

function onSubmit(event) {
  const form = event.target;
  const isOurs = (room.root.contains(form) || form.matches("[data-live]")) && form.method === "post";
  if (event.defaultPrevented || !isOurs || isLeftAlone(form)) return;
  event.preventDefault();
  if (form.dataset.busy === undefined && event.submitter?.dataset.settles === undefined) send(form, event.submitter);
}

const isLeftAlone = (form) => form.dataset.own !== undefined || form.dataset.ownScript !== undefined;

async function send(form, button, sure = []) {
  const pairs = [...pairsOf(form, button), ...sure.map((doubt) => ["sure", doubt])];
  const act = { action: form.action, pairs, key: keyOf(form, pairs) };
  setBusy(form, button, true);
  sayBeside(form, "");
  try {
    const answer = await post(act, form.dataset.queue ? [] : RETRIES_MS);
    await read(form, button, answer);
  } catch {
    const isWaiting = Boolean(form.dataset.queue) && keep(act);
    const said = isWaiting ? room.say.queued : room.say.unsent;
    sayBeside(form, said, isWaiting ? "waiting" : "");
    if (!form.isConnected) room.tell([["warn", said]]); // what was pressed has gone meanwhile
  } finally {
    setBusy(form, button, false);
  }
}

function pairsOf(form, button) {
  const pairs = [...new FormData(form)].filter(([name, value]) => !["csrf_token", "act_id"].includes(name) && typeof value === "string");
  if (button?.name) pairs.push([button.name, button.value]);
  return pairs;
}

function keyOf(form, pairs) {
  const sent = JSON.stringify([form.action, pairs]);
  if (keys.get(form)?.sent !== sent) keys.set(form, { sent, key: freshKey() });
  return keys.get(form).key;
}

/* Rejects only if no answer came; the same key goes again. */
export async function post(act, waits = RETRIES_MS) {
  const body = new URLSearchParams([...act.pairs, ["csrf_token", token()], ["act_id", act.key]]);
  const headers = { "X-Live": "1", Accept: "application/json, text/html;q=0.5", ...whose() };
  for (let n = 0; ; n += 1) {
    try {
      const answer = await fetch(act.action, { method: "POST", body, headers, signal: AbortSignal.timeout(15_000) });
      if (answer.status !== 502 && answer.status !== 504) return answer; // a proxy whose server is starting again
      throw new Error("no server");
    } catch (error) {
      if (n >= waits.length) throw error;
      await new Promise((done) => setTimeout(done, waits[n] * (0.8 + 0.4 * Math.random())));
    }
  }
}

async function read(form, button, answer) {
  if (answer.status === 401) return reload();
  if (!answer.ok) {
    const { message: sentence, ask } = await refusalOf(answer);
    if (ask) return askFirst(form, button, sentence, ask);
    sayBeside(form, sentence);
    await room.refresh();
    if (!form.isConnected) room.tell([["warn", sentence]]); // what was pressed has gone with what it stood in
    return undefined;
  }
  keys.delete(form);
  form.reset();
  form.closest("details")?.removeAttribute("open");
  if (form.dataset.then === "go" && answer.redirected) return location.assign(answer.url);
  if (answer.headers.get("Content-Type")?.includes("json")) room.tell((await answer.json()).said ?? []);
  return room.isConnected() ? undefined : room.refresh();
}

/* The server asks before it takes a step; who says yes sends the same form again, with what was asked. */
function askFirst(form, button, question, { yes, no, sure }) {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  const said = document.createElement("p");
  said.id = "asked";
  said.textContent = question;
  dialog.setAttribute("aria-labelledby", said.id);
  const answers = document.createElement("form");
  answers.method = "dialog";
  answers.className = "actions";
  for (const [value, words] of [["yes", yes], ["no", no]]) {
    const answer = document.createElement("button");
    Object.assign(answer, { value, textContent: words, className: value === "no" ? "second" : "", autofocus: value === "no" });
    answers.append(answer);
  }
  answers.addEventListener("submit", (event) => event.submitter?.dataset.settles !== undefined && event.preventDefault());
  dialog.append(said, answers);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "yes") send(form, button, sure);
    else (form.isConnected ? button : document.querySelector(`form[action="${CSS.escape(form.getAttribute("action"))}"] button`))?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  if (button) settleOver(answers.querySelector("button"), button);
}

const sentenceOf = async (answer) => (await refusalOf(answer)).message;

async function refusalOf(answer) {
  if (answer.headers.get("Content-Type")?.includes("json")) return answer.json();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = SENTENCES.map((selector) => page.querySelector(selector)).find(Boolean);
  return { message: found?.textContent.trim() || room.say.refused };
}

function setBusy(form, button, isBusy) {
  if (isBusy) form.dataset.busy = "";
  else delete form.dataset.busy;
  button?.toggleAttribute("data-waiting", isBusy);
  button?.setAttribute("aria-disabled", String(isBusy));
}

function sayBeside(form, text, kind = "error") {
  let said = form.querySelector(".said");
  if (!said) {
    said = document.createElement("p");
    said.setAttribute("role", "status");
    form.append(said);
  }
  said.className = `said ${kind || "error"}`;
  said.hidden = !text;
  said.textContent = text;
}

/* What waits for the network: one place for each action, so that asking twice asks once. */

const place = () => ownKey(`waiting-${room.root.dataset.meeting}-${room.root.dataset.person}`);
const waiting = () => waitingAt(place());

function waitingAt(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]").filter((act) => act.at > Date.now() - QUEUE_LASTS_MS);
  } catch {
    return [];
  }
}

/* What this person pressed in any meeting and no answer came to. */
export const unsent = () => keysOf("waiting-").flatMap(waitingAt);

const sendKept = (act) => post({ ...act, pairs: [...act.pairs, ["pressed_ms", String(act.at)]] }, []);

/* Send it from any page, for who signs out; what is answered waits no more. */
export async function sendUnsent() {
  for (const key of keysOf("waiting-")) {
    for (const act of waitingAt(key)) {
      const answer = await sendKept(act);
      if (answer.status === 401) return;
      localStorage.setItem(key, JSON.stringify(waitingAt(key).filter((other) => other.key !== act.key)));
    }
  }
}

function write(acts) {
  if (acts.length) localStorage.setItem(place(), JSON.stringify(acts));
  else localStorage.removeItem(place());
}

/* Keep an act until there is a network; false where this device keeps nothing. */
function keep(act) {
  try {
    write([...waiting().filter((other) => other.action !== act.action), { ...act, at: Date.now() }]);
    return true;
  } catch {
    return false;
  }
}

export async function flush() {
  if (isFlushing || !waiting().length) return;
  isFlushing = true;
  try {
    for (const act of waiting()) {
      const answer = await sendKept(act);
      if (answer.status === 401) return reload(); // it goes on waiting for whoever pressed
      write(waiting().filter((other) => other.key !== act.key));
      room.tell([answer.ok ? ["success", room.say.sent] : ["warn", await sentenceOf(answer)]]);
      for (const form of document.querySelectorAll(".said.waiting")) form.hidden = true;
    }
    await room.refresh();
  } catch {
    // still no network: they go on waiting
  } finally {
    isFlushing = false;
  }
}
