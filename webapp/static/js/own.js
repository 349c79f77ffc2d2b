/* What this device keeps for whoever is signed in: each thing under their id, for a tablet goes from hand to hand. Nothing of anybody
   else stays; only what could not be sent yet waits, while nobody has signed in, for the one who wrote it. */

const OURS = "khonggiay-";
const LEAVING = `${OURS}leaving`;
const UNSENT = new RegExp(`^${OURS}(of-\\d+-(notes$|waiting-)|notes-\\d+$)`);

export const person = document.querySelector('meta[name="person"]')?.content ?? "";
const mine = `${OURS}of-${person}-`;

/* The key under which something is kept for this person. */
export const ownKey = (name) => mine + name;

/* What every act of a script says, so that the server refuses it when somebody else has signed in here meanwhile. */
export const whose = () => (person ? { "X-Person": person } : {});

/* What is kept under names that begin so, by its key. */
export function keysOf(name) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(ownKey(name)));
  } catch {
    return [];
  }
}

let isLeaving = false;

/* Ask the server for this page anew; not while the way out is being taken, which would end in a page that says nothing of it. */
export function reload() {
  if (!isLeaving) location.reload();
}

/* From here on this person goes: where the next page has nobody signed in, nothing of them stays. */
export function leave() {
  isLeaving = true;
  try {
    localStorage.setItem(LEAVING, person);
  } catch {
    // a device that keeps nothing has nothing to forget
  }
}

export function forgetOthers() {
  try {
    bringAlong();
    const hasLeft = localStorage.getItem(LEAVING) !== null;
    const stays = (key) => (person ? key.startsWith(mine) : !hasLeft && UNSENT.test(key));
    for (const storage of [localStorage, sessionStorage]) {
      for (const key of Object.keys(storage)) if (key.startsWith(OURS) && !stays(key)) storage.removeItem(key);
    }
  } catch {
    // a device that keeps nothing
  }
}

/* Notes that waited under the name of version 1.0. */
function bringAlong() {
  const before = `${OURS}notes-${person}`;
  const waited = person && localStorage.getItem(before);
  if (waited && localStorage.getItem(ownKey("notes")) === null) localStorage.setItem(ownKey("notes"), waited);
}
