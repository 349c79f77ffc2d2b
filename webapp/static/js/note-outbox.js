/* Notes that wait on this device until the server has taken them, under the person who wrote them, and go in the order they were
   written. Every page can send them, for whoever signs out may stand on any. */

import { freshKey, token } from "./meeting-acts.js";
import { ownKey, whose } from "./own.js";

export const PATIENCE_MS = 15_000;
const OVER = new Set([403, 404, 410]); // the paper, or the note, is not one's own to write on any more

let unkept = []; // what waits where the device keeps nothing

export function waiting() {
  if (unkept.length) return unkept;
  try {
    return JSON.parse(localStorage.getItem(ownKey("notes"))) ?? [];
  } catch {
    return [];
  }
}

function write(all) {
  try {
    if (all.length) localStorage.setItem(ownKey("notes"), JSON.stringify(all));
    else localStorage.removeItem(ownKey("notes"));
    unkept = [];
  } catch {
    unkept = all;
  }
}

export function put(to, body) {
  write([...waiting().filter((one) => one.to !== to), { id: freshKey(), to, body }]);
}

function post({ to, body }) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json", ...whose() };
  return fetch(to, { method: "POST", headers, body: JSON.stringify(body ?? {}), signal: AbortSignal.timeout(PATIENCE_MS) });
}

let sending = null;
export function sendWaiting(say = () => {}) {
  sending ??= sendAll(say).finally(() => {
    sending = null;
  });
  return sending;
}

/* Send whatever waits, one after the other, and say of each whether it is over and, if it was refused, why. What the server could not
   take today goes on waiting. */
async function sendAll(say) {
  const tried = new Set();
  for (;;) {
    const one = waiting().find(({ id }) => !tried.has(id));
    if (!one) return;
    tried.add(one.id);
    const answer = await post(one).catch(() => null);
    const isOver = Boolean(answer && (answer.ok || OVER.has(answer.status)));
    if (isOver) write(waiting().filter(({ id }) => id !== one.id));
    say(isOver, isOver && !answer.ok && one.body ? await sentenceOf(answer) : undefined);
    if (!answer) return; // nothing gets through
  }
}

const sentenceOf = async (answer) => (await answer.json().catch(() => ({}))).message ?? "";
