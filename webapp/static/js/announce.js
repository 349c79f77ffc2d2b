/* What happens in the room is told to whoever looks elsewhere: in a live region, in the title of the page, by vibration, and as a
   notification where the person has allowed it and the page is not in sight. Nothing of what is voted on stands in a notification. */

const SHAKES_MS = [300, 150, 300];
const STATES = ["open", "closed", "published", "cancelled"];

let root = null;
let title = "";
let stood = null;
let isEmpty = false; // the page came without its parts: what they bring first is no news

export function start(element) {
  root = element;
  title = document.title;
  isEmpty = root.dataset.revision === "-1";
  stood = standing();
  entitle();
  root.addEventListener("parts:updated", look);
  root.addEventListener("ballot:phase", entitle);
  offer();
}

const text = (part, selector) => root.querySelector(`[data-part="${part}"] ${selector}`)?.textContent.replace(/\s+/g, " ").trim() ?? "";

function standing() {
  const vote = root.querySelector('[data-part="vote"] .vote[data-vote]');
  return {
    vote: vote?.dataset.vote,
    state: STATES.find((state) => vote?.classList.contains(state)),
    question: text("vote", ".vote[data-vote] h2"),
    verdict: text("vote", ".verdict .word"),
    item: `${text("now", ".now-label")}. ${text("now", ".now-title")}`,
  };
}

function look() {
  const before = stood;
  stood = standing();
  entitle();
  if (isEmpty) isEmpty = false;
  else if (stood.state && (stood.vote !== before.vote || stood.state !== before.state)) tell(stood);
  else if (stood.item !== before.item) say("status", stood.item);
}

function tell({ state, question, verdict }) {
  if (state === "open") return call(question);
  if (state === "published") return say("status", `${root.dataset.sayResult} ${question}: ${verdict}`);
  return say("status", `${state === "closed" ? root.dataset.sayClosed : root.dataset.sayCancelled} ${question}`);
}

function say(role, words) {
  const place = root.querySelector(`[data-says=${role}]`);
  if (place) place.textContent = words;
}

/* A vote has been opened: nothing that one is filling in is scrolled away. */
function call(question) {
  say("alert", `${root.dataset.sayVote} ${question}`);
  navigator.vibrate?.(SHAKES_MS);
  notify();
  if (!document.activeElement?.matches("input, textarea, select")) {
    root.querySelector('[data-part="vote"] .vote')?.scrollIntoView?.({ block: "start" });
  }
}

/* The title calls until one's ballot is in. */
function entitle() {
  const isMineIn = root.querySelector("[data-ballot]")?.dataset.phase === "kept";
  document.title = stood.state === "open" && !isMineIn ? `(!) ${root.dataset.sayVote} ${title}` : title;
}

async function notify() {
  if (!document.hidden || globalThis.Notification?.permission !== "granted") return;
  const told = { body: title, tag: `vote-${root.dataset.meeting}`, requireInteraction: true };
  const worker = await navigator.serviceWorker?.getRegistration(); // telephones take notifications from there only
  if (worker) worker.showNotification(root.dataset.sayVote, told);
  else new Notification(root.dataset.sayVote, told).onclick = () => window.focus();
}

function offer() {
  const button = document.getElementById("notify");
  if (!button || globalThis.Notification?.permission !== "default") return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await Notification.requestPermission();
    button.hidden = true;
  });
}
