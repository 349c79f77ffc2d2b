/* The clock of the server, and every countdown that runs by it: data-ends-at (ms), data-paused (ms left), data-since (ms). */

const SAMPLES = 12;
const WARN_MS = 60_000;
const JUMP_MS = 5_000; // somebody set the clock of the tablet
let samples = [];
let offset = 0;

export function hear(serverMs) {
  const sample = serverMs - Date.now();
  if (Math.abs(sample - offset) > JUMP_MS) samples = [];
  samples = [...samples, sample].slice(-SAMPLES);
  offset = Math.max(...samples); // the message that was on its way for the shortest time
}

export const serverNow = () => Date.now() + offset;

function words(ms) {
  const s = Math.ceil(Math.abs(ms) / 1000) - (ms < 0 && ms % 1000 ? 1 : 0);
  const hours = Math.floor(s / 3600);
  const two = (n) => String(n).padStart(2, "0");
  const text = `${hours ? `${hours}:` : ""}${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return ms < 0 && s > 0 ? `−${text}` : text;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/* Whole minutes, in words: minutes and seconds would look like the time of day. What lasts longer than planned says by how much. */
function lasts(element, ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000)), planned = Number(element.dataset.minutes);
  const over = planned ? minutes - planned : 0;
  put(element, (over > 0 ? element.dataset.sayOver : element.dataset.say).replace("{n}", minutes).replace("{over}", over));
  element.classList.toggle("over", over > 0);
}

function show(element) {
  const { endsAt, paused, since } = element.dataset;
  if (since) return lasts(element, serverNow() - Number(since));
  const isPaused = paused !== undefined && paused !== "";
  const left = isPaused ? Number(paused) : Number(endsAt) - serverNow();
  put(element, words(left));
  element.classList.toggle("warn", left <= WARN_MS && left > 0);
  element.classList.toggle("over", left <= 0);
  element.classList.toggle("paused", isPaused);
}

export function tick(root = document) {
  for (const element of root.querySelectorAll("[data-ends-at], [data-paused], [data-since]")) show(element);
}

export function run() {
  tick();
  setInterval(tick, 250);
}
