// What is shown comes from clients and mails: it becomes text, never markup.

export const byId = (id) => document.getElementById(id);

/** Makes an element; a child that is no node becomes text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

/** Changes a text only when it differs: what is read aloud is read once. */
export function say(node, text) {
  if (node.textContent !== String(text)) {
    node.textContent = text;
  }
}

/** A button. */
export function button(label, action, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", action);
  return made;
}

/**
 * Shows a list as rows, keeping the row of what was there: so the focus stays where it is. `make` makes the cells' contents once, as an
 * array of nodes and texts; `update` returns texts for the cells that may change, undefined for those that stay.
 */
export function rows(body, items, keyOf, make, update = () => []) {
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  let before = body.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let row = known.get(key);
    known.delete(key);
    if (!row) {
      row = element("tr", { "data-key": key }, ...make(item).map((cell) => cellOf(cell)));
      body.insertBefore(row, before);
    } else if (row === before) {
      before = before.nextElementSibling;
    } else {
      body.insertBefore(row, before);
    }
    update(item).forEach((text, index) => {
      if (text !== undefined) {
        say(row.cells[index], text);
      }
    });
  }
  for (const gone of known.values()) {
    const hadFocus = gone.contains(document.activeElement);
    gone.remove();
    if (hadFocus) {
      body.closest("[tabindex]").focus();
    }
  }
}

/** For a cell with a text that stands below others like a number. */
export const right = (text) => element("span", { class: "right" }, text);

function cellOf(cell) {
  const isNumber = typeof cell === "number" || cell.className === "right";
  return element("td", isNumber ? { class: "number" } : {}, cell);
}

/** A number as people write it, with a few digits. */
export const number = (value) =>
  value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });

export function octets(value) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${number(value)} ${units[unit]}`;
}

export const time = (instant) => new Date(instant).toLocaleTimeString();

/** A moment that may be days away. */
export const when = (instant) =>
  new Date(instant).toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** Terms and what they are. */
export function pairs(all) {
  const list = element("dl", { class: "pairs" });
  for (const [term, value] of all) {
    list.append(element("dt", {}, term), element("dd", {}, value));
  }
  return list;
}

/** Asks people before something that cannot be undone. */
export function agree(question, warning, label) {
  const dialog = byId("agree");
  byId("agree-title").textContent = question;
  byId("agree-says").textContent = warning;
  byId("agree-yes").textContent = label;
  return yes(dialog);
}

/** Shows a dialogue, and tells whether it was answered by yes. */
export function yes(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}
