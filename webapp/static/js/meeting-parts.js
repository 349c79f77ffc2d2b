/* Putting the parts of the room in place. What somebody is filling in is never touched: an element with a data-key stays as it is
   while it has the focus or changed inputs, as long as the new part has an element of the same key. */

export function place(root, parts) {
  const names = [], stood = buttonsOf(root);
  for (const [name, html] of Object.entries(parts)) {
    const section = root.querySelector(`[data-part="${name}"]`);
    if (!section) continue;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const focus = focusIn(section);
    keepOpen(section, fresh.content);
    personalise(root, fresh.content);
    patch(section, fresh.content, pairsOf(section, fresh.content));
    focus?.();
    names.push(name);
  }
  settle(root, stood);
  return names;
}

/* A button that comes to stand where another act stood waits for two seconds: a second tap there was not meant for it. */

const SETTLES_MS = 2000;
const UNSAID = ["csrf_token", "act_id", "back"];
const settling = new Map(); // act -> until when it waits

const actOf = (button) => {
  const pairs = [...new FormData(button.form)].filter(([name]) => !UNSAID.includes(name));
  return JSON.stringify([button.form.action, button.name && button.value, pairs.filter(([, value]) => typeof value === "string")]);
};

function buttonsOf(root) {
  const buttons = [...root.querySelectorAll("form[method=post] button")];
  return buttons.map((button) => ({ button, act: actOf(button), at: button.getBoundingClientRect() })).filter(({ at }) => at.width && at.height);
}

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function settle(root, stood) {
  const now = Date.now();
  for (const [act, until] of settling) if (until <= now) settling.delete(act);
  for (const { button, act, at } of buttonsOf(root)) {
    if (!settling.has(act) && stood.some((other) => other.act !== act && overlap(other.at, at))) settling.set(act, now + SETTLES_MS);
    if (settling.has(act)) holdBack(button, settling.get(act) - now);
  }
}

function holdBack(button, ms) {
  button.dataset.settles = "";
  button.setAttribute("aria-disabled", "true");
  setTimeout(() => {
    delete button.dataset.settles;
    if (button.dataset.waiting === undefined) button.removeAttribute("aria-disabled");
  }, ms);
}

/* The same for a button that is put over the one that was pressed. */
export function settleOver(button, pressed) {
  if (overlap(button.getBoundingClientRect(), pressed.getBoundingClientRect())) holdBack(button, SETTLES_MS);
}

/* Shared parts say nothing of their reader; this page knows who that is. */
export function personalise(root, part) {
  const rights = (root.dataset.rights ?? "").split(" ");
  for (const element of part.querySelectorAll("[data-person]")) {
    element.classList.toggle("is-me", element.dataset.person === root.dataset.person);
  }
  for (const element of part.querySelectorAll("[data-needs]")) element.hidden = !rights.includes(element.dataset.needs);
  for (const element of part.querySelectorAll("[data-only-me]")) {
    element.hidden = !element.dataset.onlyMe.split(" ").includes(root.dataset.person);
  }
  const people = document.getElementById("people");
  for (const select of part.querySelectorAll("select[data-people]")) {
    if (people && select.options.length <= 1) select.append(people.content.cloneNode(true));
  }
}

function isBeingFilled(element) {
  const active = document.activeElement;
  if (element.contains(active) && active.matches("input, select, textarea, [contenteditable]")) return true;
  if (element.matches("[data-busy]") || element.querySelector("[data-busy]")) return true;
  return [...element.querySelectorAll("input, textarea, select")].some(isChanged);
}

function isChanged(input) {
  if (input.type === "hidden") return false;
  if (input.type === "checkbox" || input.type === "radio") return input.checked !== input.defaultChecked;
  if (input.tagName === "SELECT") {
    const options = [...input.options];
    const first = Math.max(0, options.findIndex((option) => option.defaultSelected));
    return !input.multiple && input.selectedIndex !== first;
  }
  return input.value !== input.defaultValue;
}

function pairsOf(section, fresh) {
  const pairs = [];
  for (const old of section.querySelectorAll("[data-key]")) {
    const next = fresh.querySelector(`[data-key="${CSS.escape(old.dataset.key)}"]`);
    if (next && isBeingFilled(old)) pairs.push({ old, next });
  }
  return pairs;
}

/* The children of `old` become those of `fresh`, but for what leads to a kept element: that stays where it is in the page, since
   taking it out, even for a moment, would lose the focus and the accents being typed. */
function patch(old, fresh, pairs) {
  const children = [...fresh.childNodes];
  const holders = children.map((child) => holderOf(old, child, pairs));
  for (const child of [...old.childNodes]) if (!holders.includes(child)) child.remove();
  let cursor = old.firstChild;
  children.forEach((child, n) => {
    const holder = holders[n];
    if (!holder) return old.insertBefore(child, cursor);
    if (holder !== cursor) old.insertBefore(holder, cursor);
    else cursor = holder.nextSibling;
    if (!pairs.some((pair) => pair.old === holder)) {
      for (const { name, value } of child.attributes) holder.setAttribute(name, value);
      patch(holder, child, pairs);
    }
  });
}

function holderOf(old, child, pairs) {
  const pair = pairs.find(({ next }) => child === next || child.contains(next));
  return pair && [...old.children].find((element) => element === pair.old || element.contains(pair.old));
}

function keepOpen(section, fresh) {
  for (const old of section.querySelectorAll("details[id], details[data-key]")) {
    const same = old.id ? `#${CSS.escape(old.id)}` : `[data-key="${CSS.escape(old.dataset.key)}"]`;
    const next = fresh.querySelector(`details${same}`);
    if (next) next.open = old.open;
  }
}

/* Whoever works by keyboard stands on the same button after the part was put in place. */
function focusIn(section) {
  const active = document.activeElement;
  if (!section.contains(active)) return null;
  const action = active.form?.getAttribute("action");
  const path = active.id ? `#${CSS.escape(active.id)}` : action && `form[action="${CSS.escape(action)}"] button`;
  return () => {
    if (path && !section.contains(document.activeElement)) section.querySelector(path)?.focus({ preventScroll: true });
  };
}
