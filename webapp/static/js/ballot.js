/* The ballot on a voter's device. Its id is written down before it is sent; the same ballot is sent again under the same id until
   the server has said what became of it, and nobody is ever told to vote again while that is open. Shared parts do not know their
   reader: this module asks the server how the vote stands for whoever looks. */

import { freshKey, token } from "./meeting-acts.js";
import { ownKey, reload, whose } from "./own.js";

const SEND_MS = 8000;
const ASK_MS = 5000;
const ASK_AGAIN_MS = 1500;
const SPREAD_MS = 5000; // a thousand members do not all ask in the moment a vote is opened
const WAITING_EVERY_MS = 2000;

const votes = new Map(); // vote -> {phase, id, choice, told, problem}
let page = null; // the element that holds everything
let waitingTimer = null;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/* Take care of every ballot below root, now and as parts are put in place. */
export function start(root, socket = null) {
  page = root;
  root.addEventListener("submit", onSubmit);
  root.addEventListener("change", onChange);
  root.addEventListener("parts:updated", () => lookAt(true));
  socket?.on("voted", onVoted);
  socket?.on("counted", onCounted);
  socket?.on("connect", () => askOpen(SPREAD_MS));
  socket?.on("mine", () => askOpen(0)); // checked in while the vote is open, was given paper, raised a hand
  lookAt(false);
}

const boxes = (vote) => page.querySelectorAll(vote ? `[data-ballot="${vote}"]` : "[data-ballot]");
const mayVoteHere = () => (page.dataset.rights ?? "vote").split(" ").includes("vote");

function lookAt(wasPushed) {
  for (const box of boxes()) {
    const { ballot: vote } = box.dataset;
    const isOpen = Boolean(box.querySelector("form"));
    if (!votes.has(vote)) begin(vote, isOpen, wasPushed);
    else if (isOpen && !votes.get(vote).isOpen && !isSettled(vote) && mayVoteHere()) offer(vote, wasPushed); // opened again
    else if (votes.get(vote).hand && votes.get(vote).isOpen !== isOpen) settle(vote); // what can be done about it is another now
    votes.get(vote).isOpen = isOpen;
    show(vote);
  }
}

function begin(vote, isOpen, wasPushed) {
  const known = remembered(vote);
  votes.set(vote, { phase: "none" });
  if (known.told) kept(vote, known.told);
  else if (known.ids.length) settle(vote); // sent from here, and the page was lost before the answer came
  else if (isOpen && mayVoteHere()) offer(vote, wasPushed);
}

function offer(vote, wasPushed) {
  votes.get(vote).phase = "form";
  wait(wasPushed ? Math.random() * SPREAD_MS : 0).then(() => settle(vote));
}

/* Ask once how the vote stands, unless a ballot is on its way. */
async function settle(vote) {
  try {
    const mine = await ask(vote);
    if (!isSettled(vote)) accept(vote, mine);
  } catch {
    // no network: the form stays, and what is sent goes on being sent
  }
}

const isSettled = (vote) => ["sending", "confirming", "kept"].includes(votes.get(vote).phase);

function askOpen(spread) {
  for (const box of page.querySelectorAll("[data-ballot]:has(form)")) {
    const { ballot: vote } = box.dataset;
    if (!isSettled(vote) && mayVoteHere()) wait(Math.random() * spread).then(() => settle(vote));
  }
}

function accept(vote, mine) {
  if (mine.voted) return kept(vote, mine);
  const isOpen = mine.state === "open";
  const none = mine.hand ? "hand" : "closed";
  const phase = mine.on_paper ? "paper" : mine.may_vote ? (isOpen ? "form" : none) : isOpen ? "absent" : "none";
  return set(vote, { phase, hand: mine.hand });
}

async function ask(vote) {
  const address = boxes(vote)[0]?.dataset.address ?? votes.get(vote).address;
  const answer = await fetch(`${address}/mine`, {
    headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout(ASK_MS),
  });
  if (answer.status === 401) reload();
  if (answer.status === 403 || answer.status === 404) return { state: "closed", on_roll: false, may_vote: false, voted: false };
  if (!answer.ok) throw new Error("no answer");
  return answer.json();
}

async function askUntilAnswered(vote) {
  for (let n = 0; ; n += 1) {
    try {
      return await ask(vote);
    } catch {
      await wait(ASK_AGAIN_MS * Math.min(3, 1 + n / 4) * (0.7 + 0.6 * Math.random()));
    }
  }
}

function onChange(event) {
  const form = event.target.closest("[data-ballot] form");
  if (form) problem(form, "");
}

function onSubmit(event) {
  const box = event.target.closest("[data-ballot]");
  if (!box) return;
  event.preventDefault();
  const { ballot: vote } = box.dataset;
  const chosen = [...event.target.querySelectorAll("[name=choice]:checked")].map((input) => input.value);
  if (chosen.length > Number(event.target.dataset.most)) return problem(event.target, box.dataset.sayTooMany);
  const one = votes.get(vote);
  if (one.phase !== "form") return undefined;
  const choice = JSON.stringify(chosen);
  if (one.choice !== choice) set(vote, { id: freshKey(), choice }); // another choice is another ballot
  set(vote, { address: box.dataset.address, action: event.target.action });
  remember(vote, { ids: [...remembered(vote).ids.filter((id) => id !== one.id), one.id] });
  return send(vote);
}

async function send(vote) {
  const one = votes.get(vote);
  const { id, choice } = one;
  for (let n = 0; ; n += 1) {
    set(vote, { phase: n ? "confirming" : "sending" });
    try {
      const answer = await post(one.action, id, JSON.parse(choice));
      if (answer.ok) return kept(vote, await answer.json());
      if (answer.status === 401) return reload();
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) return await refused(vote, await answer.json());
    } catch {
      // nobody knows yet whether it has arrived
    }
    if (one.phase === "kept") return undefined;
    set(vote, { phase: "confirming" });
    const mine = await askUntilAnswered(vote);
    if (mine.voted || mine.state !== "open" || !mine.may_vote) return accept(vote, mine);
    await wait(ASK_AGAIN_MS * Math.min(3, 0.5 + n / 2) * (0.7 + 0.6 * Math.random())); // it has not arrived: the same ballot again
  }
}

function post(action, id, chosen) {
  const body = new URLSearchParams([["ballot_id", id], ...chosen.map((key) => ["choice", key]), ["csrf_token", token()]]);
  const headers = { "X-Live": "1", Accept: "application/json", ...whose() };
  return fetch(action, { method: "POST", body, headers, signal: AbortSignal.timeout(SEND_MS) });
}

async function refused(vote, { message }) {
  set(vote, { phase: "confirming" });
  const mine = await askUntilAnswered(vote);
  accept(vote, mine);
  for (const box of boxes(vote)) if (!mine.voted) problem(box, message);
}

/* The ballot is on the roll. Where it was cast is known by its id; the time of a secret one is that of this device. */
function kept(vote, told) {
  const known = remembered(vote);
  const isHere = known.ids.includes(told.ballot);
  const at = told.at_ms ?? (isHere ? (known.told?.here_ms ?? Date.now()) : null);
  const mine = { ...told, here_ms: at, isHere, isEarlier: isHere && Boolean(votes.get(vote)?.id) && votes.get(vote).id !== told.ballot };
  remember(vote, { told: mine });
  set(vote, { phase: "kept", told: mine });
}

function onVoted(told) {
  const vote = String(told.vote);
  if (!votes.has(vote)) votes.set(vote, { phase: "none" });
  kept(vote, told);
}

function set(vote, facts) {
  Object.assign(votes.get(vote), facts);
  show(vote);
}

function show(vote) {
  const { phase, told, hand } = votes.get(vote);
  for (const box of boxes(vote)) {
    const isBusy = phase === "sending" || phase === "confirming";
    box.toggleAttribute("data-busy", isBusy);
    box.dataset.phase = phase;
    box.querySelector("[data-without-script]")?.remove();
    const form = box.querySelector("form");
    if (form) {
      form.hidden = phase !== "form" && !isBusy;
      for (const input of form.querySelectorAll("input:not([type=hidden]), button")) input.disabled = isBusy;
    }
    for (const said of box.querySelectorAll("[data-say]")) said.hidden = !isSaid(said.dataset.say, phase, told);
    const noted = box.querySelector("[data-say=hand]"); // not my ballot: what somebody has noted of my raised hand
    if (noted && hand && (phase === "form" || phase === "hand")) Object.assign(noted, { textContent: hand, hidden: false });
    if (told) fill(box, told);
  }
  page.dispatchEvent(new CustomEvent("ballot:phase"));
}

function isSaid(name, phase, told) {
  if (phase !== "kept") return name === phase;
  return name === "kept" || (name === "elsewhere" && !told.isHere) || (name === "earlier" && told.isEarlier);
}

function fill(box, told) {
  for (const code of box.querySelectorAll("[data-receipt]")) code.textContent = told.receipt;
  for (const time of box.querySelectorAll("[data-receipt-time]")) {
    time.textContent = told.here_ms ? new Date(told.here_ms).toLocaleTimeString("vi-VN", { hour12: false }) : "";
    time.parentElement.hidden = !told.here_ms;
  }
}

function problem(element, text) {
  const said = element.querySelector("[data-problem]");
  if (!said) return;
  said.textContent = text;
  said.hidden = !text;
}

/* What this device remembers of a vote: the ids it has sent, and the receipt. Never what was chosen. */

const place = (vote) => ownKey(`ballot-${page.dataset.person ?? ""}-${vote}`);

function remembered(vote) {
  try {
    return { ids: [], ...JSON.parse(localStorage.getItem(place(vote)) ?? "{}") };
  } catch {
    return { ids: [] };
  }
}

function remember(vote, facts) {
  try {
    localStorage.setItem(place(vote), JSON.stringify({ ...remembered(vote), ...facts }));
  } catch {
    // a device that keeps nothing still gets its receipt from the server
  }
}

/* The counters of everybody. */

function onCounted({ vote, voted, roll }) {
  for (const turnout of page.querySelectorAll(`[data-turnout="${vote}"]`)) {
    const bar = turnout.querySelector("progress");
    if (voted < bar.value) continue; // an older message
    Object.assign(bar, { max: roll || 1, value: voted });
    turnout.querySelector("[data-voted]").textContent = voted;
    turnout.querySelector("[data-roll]").textContent = roll;
  }
  waitingTimer ??= setTimeout(renewWaiting, WAITING_EVERY_MS);
}

async function renewWaiting() {
  waitingTimer = null;
  const list = page.querySelector("[data-missing]");
  if (!list?.dataset.missing) return;
  try {
    const answer = await fetch(list.dataset.missing, { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) });
    if (answer.ok) list.innerHTML = await answer.text();
  } catch {
    // the next counter renews it
  }
}
