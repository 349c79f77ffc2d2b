/* The live room: stands at a revision, puts what the server sends in place, and fetches whatever it has missed. The page is right
   whenever the server can be reached, by socket or without; while it cannot, the page says so after four seconds. */

import { io } from "../vendor/socket.io.esm.min.js";
import { start as startAnnouncing } from "./announce.js";
import { start as startBallots } from "./ballot.js";
import { flush, start as startActs } from "./meeting-acts.js";
import { hear, run, serverNow, tick } from "./meeting-clock.js";
import { personalise, place } from "./meeting-parts.js";
import { ownKey, reload } from "./own.js";

const POLL_AFTER_MS = 3500; // without a socket; the first answer comes before the banner would
const POLL_MS = 2500;
const LONGEST_POLL_MS = 10_000; // a full room whose sockets stay away asks more and more seldom, to leave the server time for them
const LATER_MS = 500; // before a look for news that the last one has not brought; then more and more seldom too
const BANNER_MS = 4000;
const SILENT_MS = 12_000; // two heartbeats missed: the socket only looks alive
const ACK_MS = 3000;
const LONGEST_PRESS_MS = 1500; // a finger that rests on the page keeps no news away
const PRESSED_MS = 100; // a click follows the end of its press
const SPREAD_MS = 400; // readers who must fetch do not all come at once

const root = document.getElementById("live");
const { meeting } = root.dataset;
const onScreen = root.dataset.on === "screen";
const isPlayed = "played" in root.dataset; // in a rehearsal the socket is that of who plays: it says that there is news, and no more
const source = root.dataset.source ?? `/meetings/${meeting}/parts${onScreen ? "?on=screen" : ""}`;

let revision = Number(root.dataset.revision);
let wanted = revision; // the newest revision heard of
let tag = null;
let fetching = null;
let later = null; // the next look, of which there is never more than one
let laterMs = LATER_MS;
let heardAt = Date.now(); // anything from the socket
let contactAt = Date.now(); // anything from the server
let polledAt = 0;
let pollMs = POLL_MS;
let held = {}; // parts that came while somebody was pressing
let press = null; // the end of that press, at the latest

/* Back at once, but not all in the same moment; who waits in a queue of hundreds does not give up its place. */
const RECONNECTION = { reconnectionDelay: 300, reconnectionDelayMax: 2000, randomizationFactor: 0.7, timeout: 20_000 };
const socket = io({ transports: ["websocket", "polling"], ...RECONNECTION });
const isConnected = () => socket.connected && Date.now() - heardAt < SILENT_MS;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

function heard(message) {
  heardAt = Date.now();
  contacted();
  if (message?.server_ms) hear(message.server_ms);
}

function contacted() {
  contactAt = Date.now();
  banner(false);
}

function updated(names) {
  tick(root);
  root.dataset.revision = revision;
  root.dispatchEvent(new CustomEvent("parts:updated", { detail: { parts: names }, bubbles: true }));
}

/* A press ends on the button on which it began: a button that is put in anew between the two takes no click. */
function show(parts) {
  Object.assign(held, parts);
  if (press === null) release();
}

function release() {
  clearTimeout(press);
  press = null;
  const parts = held;
  held = {};
  if (Object.keys(parts).length) updated(place(root, parts));
}

function holdFor(ms) {
  clearTimeout(press);
  press = setTimeout(release, ms);
}

root.addEventListener("pointerdown", () => holdFor(LONGEST_PRESS_MS));
root.addEventListener("keydown", (event) => event.key === " " && holdFor(LONGEST_PRESS_MS));
for (const end of ["pointerup", "pointercancel", "keyup"]) addEventListener(end, () => press !== null && holdFor(PRESSED_MS));

function onChanged(message) {
  if (message.meeting !== Number(meeting)) return;
  heard(message);
  if (message.revision <= revision) return;
  wanted = Math.max(wanted, message.revision);
  const isWhole = !isPlayed && !root.dataset.source; // the desk has parts of its own, which no message carries: it stands where its look stood
  if (message.parts && isWhole && message.after >= 0 && message.after <= revision) {
    revision = message.revision;
    show(message.parts);
  } else {
    wait(message.parts ? 0 : Math.random() * SPREAD_MS).then(refresh);
  }
}

function onBeat(message) {
  if (message.meeting !== Number(meeting)) return;
  heard(message);
  if (message.revision !== revision) {
    wanted = message.revision;
    wait(200 + Math.random() * SPREAD_MS).then(() => wanted !== revision && refresh());
  }
}

/* Fetch all parts, once at a time; asked for meanwhile, once more. */
export function refresh() {
  fetching ??= fetchParts().finally(() => {
    fetching = null;
    lookLater();
  });
  return fetching;
}

function lookLater() {
  clearTimeout(later);
  if (wanted <= revision) {
    laterMs = LATER_MS;
    return;
  }
  later = setTimeout(refresh, laterMs);
  laterMs = Math.min(LONGEST_POLL_MS, laterMs * 1.5);
}

async function fetchParts() {
  const stood = revision;
  try {
    const headers = { Accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) };
    const answer = await fetch(source, { headers, cache: "no-store", signal: AbortSignal.timeout(10_000) });
    contacted();
    if ([401, 403, 404].includes(answer.status)) return leave();
    if (answer.status === 200) {
      const news = await answer.json();
      hear(news.server_ms);
      tag = answer.headers.get("ETag");
      if (news.revision < revision && stood < revision) return undefined; // a message has overtaken it
      revision = news.revision;
      show(news.parts);
    }
  } catch {
    // no server: the socket, the next poll or the next beat try again
  }
  return undefined;
}

async function refreshMine() {
  if (!root.querySelector('[data-part="mine"]')) return;
  try {
    const answer = await fetch(`/meetings/${meeting}/parts?only=mine`, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.ok) show((await answer.json()).parts);
  } catch {
    // fetched with everything else when the network is back
  }
}

function leave() {
  socket.disconnect();
  reload(); // the server says what has become of the right to be here
}

function follow() {
  socket.timeout(ACK_MS).emit("follow", `${onScreen ? "screen" : "meeting"}:${meeting}`, (error, standing) => {
    if (error) return reconnect();
    heard();
    if (standing === false) return refresh();
    wanted = Math.max(wanted, standing);
    if (standing !== revision) refresh();
    return flush();
  });
}

function reconnect() {
  socket.disconnect().connect();
}

/* Back from sleep or from another network: the socket may only look alive. */
function lookAgain() {
  if (document.hidden) return;
  if (socket.connected) follow();
  else socket.connect();
  refresh();
}

socket.on("connect", () => {
  pollMs = POLL_MS;
  heard();
  follow();
});
socket.on("changed", onChanged);
socket.on("beat", onBeat);
socket.on("mine", (message) => message.meeting === Number(meeting) && refreshMine());
socket.on("disconnect", (reason) => {
  if (reason !== "io server disconnect") return;
  refresh().then(() => socket.connect()); // signed out, or another part here: ask what one may see now
});
addEventListener("online", lookAgain);
addEventListener("pageshow", (event) => event.persisted && lookAgain());
document.addEventListener("visibilitychange", lookAgain);

setInterval(() => {
  const silent = Date.now() - heardAt;
  if (socket.connected && silent > SILENT_MS) reconnect();
  if (!isConnected() && silent > POLL_AFTER_MS && Date.now() - polledAt > pollMs) {
    polledAt = Date.now() + Math.random() * 0.2 * pollMs;
    pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.5);
    refresh();
  }
  banner(!isConnected() && Date.now() - contactAt > BANNER_MS);
}, 500);

function banner(isShown) {
  const shown = document.querySelector(".offline-banner");
  if (!isShown) return shown?.remove();
  if (shown) return undefined;
  const text = document.createElement("div");
  text.className = "offline-banner";
  text.setAttribute("role", "status");
  text.textContent = root.dataset.sayOffline;
  return document.body.prepend(text);
}

function tell(said) {
  const notices = document.querySelector(".notices");
  for (const [kind, words] of said) {
    const notice = document.createElement("p");
    notice.className = `notice ${kind}`;
    notice.textContent = words;
    notices.append(notice);
    setTimeout(() => notice.remove(), 8000);
  }
}

personalise(root, root);
run();
startActs({
  root, refresh, isConnected, tell,
  say: { queued: root.dataset.sayQueued, unsent: root.dataset.sayUnsent, sent: root.dataset.saySent, refused: root.dataset.sayRefused },
});

if (root.querySelector('[data-part="vote"]')) startBallots(root, socket, { refresh, serverNow });
if (!onScreen) startAnnouncing(root);

/* The code for checking in changes every minute; its picture is fetched anew before that. */
setInterval(() => {
  for (const image of root.querySelectorAll("img[data-renew-s]")) {
    if ((Date.now() / 1000) % Number(image.dataset.renewS) < 1) image.src = `${image.src.split("?")[0]}?at=${Date.now()}`;
  }
}, 1000);

/* One task for each screen: very large type for who asks for it, kept on this device. */
const big = document.getElementById("big-type");
function setBig(isBig) {
  document.documentElement.classList.toggle("big-type", isBig);
  big?.setAttribute("aria-pressed", String(isBig));
}
setBig(localStorage.getItem(ownKey("big-type")) === "1");
big?.addEventListener("click", () => {
  const isBig = !document.documentElement.classList.contains("big-type");
  localStorage.setItem(ownKey("big-type"), isBig ? "1" : "0");
  setBig(isBig);
});
