// What waits in the spool, where the relay has one, with buttons to steer it.

import { agree, button, byId, element, number, octets, pairs, rows, say, when } from "./dom.js";
import { json, optional } from "./server.js";
import * as suspensions from "./suspensions.js";

const LISTED = 200;
const COUNTED = 10000; // where the relay ends counting what was asked for
const EVERY_MILLIS = 2000;

let isThere = true; // until it is known that there is none
let isAsking = false;
let asked = 0;
let shown = null; // the message that is open
let suspended = new Set(); // accounts

const path = (id) => `/spool/${encodeURIComponent(id)}`;

/** Forgets whether there is one: another relay may answer. */
export function begin() {
  isThere = true;
}

/** Asks again when the last answer is old enough; `done` is told of what fails. */
export async function showSpool(done) {
  if (!isThere || isAsking || Date.now() - asked < EVERY_MILLIS) {
    return;
  }
  await refresh(done);
}

async function refresh(done) {
  isAsking = true;
  try {
    const query = new URLSearchParams({ limit: LISTED });
    for (const name of ["state", "account", "domain"]) {
      if (byId(`spool-${name}`).value) {
        query.set(name, byId(`spool-${name}`).value);
      }
    }
    const spool = await optional(`/spool?${query}`);
    isThere = spool !== null;
    if (isThere) {
      show(spool, done);
    }
  } catch (e) {
    done(`Spool: ${e.message}`);
  } finally {
    isAsking = false;
    asked = Date.now();
  }
}

function show(spool, done) {
  byId("spool").hidden = false;
  byId("spool-link").hidden = false;
  const figures = [
    ["Waiting", number(spool.waiting)],
    ["ready to be tried", number(spool.waiting - spool.unreachable - spool.held)],
    ["upstream unreachable", number(spool.unreachable)],
    ["held", number(spool.held)],
    ["Octets", octets(spool.waitingOctets)],
    ["oldest", spool.oldest ? when(spool.oldest) : "none"],
    ["being sent", number(spool.sending)],
    ["Taken", number(spool.spooled)],
    ["relayed", number(spool.relayed)],
    ["deferred", number(spool.deferred)],
    ["failed", number(spool.failed)],
    ["perhaps twice", number(spool.possiblyDoubled)],
  ];
  const at = byId("spool-figures");
  if (at.children.length === 0) {
    at.append(...figures.map(([term]) => element("div", {}, element("dt", {}, term), element("dd"))));
  }
  figures.forEach(([, value], index) => say(at.children[index].lastElementChild, value));
  say(byId("spool-accounts"), mostly(spool.accounts));
  say(byId("spool-count"), listed(spool));
  suspended = new Set(spool.suspensions.map(({ account }) => account));
  rows(
    byId("spool-rows"),
    spool.messages,
    (message) => message.id,
    (message) => [
      button(message.id, () => open(message.id, done), { class: "link" }),
      message.account,
      message.sender,
      "",
      "",
      0,
      when(message.received),
      "",
      actions(message, done),
    ],
    (message) => [
      undefined,
      undefined,
      undefined,
      waitingFor(message),
      stateOf(message),
      message.attempts,
      undefined,
      message.state === "held" ? "" : when(message.due),
    ],
  );
  suspensions.showSuspensions(spool.suspensions, done, () => refresh(done));
}

/** How many the list has of those that were asked for. */
function listed({ messages, matching }) {
  if (matching <= messages.length) {
    return `${number(messages.length)} listed`;
  }
  return `The oldest ${number(messages.length)} of ${number(matching)}${matching >= COUNTED ? " or more" : ""} listed`;
}

/** Accounts with the most messages of all that wait. */
function mostly(accounts) {
  const counts = accounts.map(({ account, messages }) => `${account} ${number(messages)}`);
  return counts.length === 0 ? "" : `Accounts with the most: ${counts.join(", ")}`;
}

function stateOf({ sending, state, account }) {
  if (sending) {
    return "being sent";
  }
  return state === "ready" && suspended.has(account) ? "suspended" : state;
}

function waitingFor({ recipients }) {
  const waiting = recipients.filter(({ status }) => status === "waiting");
  const [first] = waiting.length > 0 ? waiting : recipients;
  return `${first.address}${recipients.length > 1 ? ` and ${recipients.length - 1} more` : ""}`;
}

function actions(message, done) {
  const { id } = message;
  const all = [
    ["Hold", "POST", "?action=hold", "Held", ""],
    ["Release", "POST", "?action=release", "Released, to be tried now", ""],
    ["Bounce", "POST", "?action=bounce", "Given up", "Its sender is told that it could not be delivered."],
    ["Remove", "DELETE", "", "Removed", "Nobody is told, and nobody gets it."],
  ];
  return element(
    "span",
    { class: "bar" },
    ...all.map(([label, method, query, says, warning]) =>
      button(label, () => change(label, method, id, query, says, warning, done), { "aria-label": `${label} message ${id}` }),
    ),
    button("Suspend", () => suspensions.suspendOf(message, done, () => refresh(done)), {
      "aria-label": `Suspend account or domain of message ${id}`,
    }),
  );
}

async function change(label, method, id, query, says, warning, done) {
  if (warning && !(await agree(`${label} message ${id}?`, warning, label))) {
    return;
  }
  try {
    await json(method, path(id) + query);
    done(`${says}: message ${id}`);
  } catch (e) {
    done(`Not done: ${e.message}`);
  }
  if (shown === id) {
    close();
  }
  await refresh(done);
}

function close() {
  shown = null;
  byId("spooled").hidden = true;
  byId("spooled").replaceChildren();
}

async function open(id, done) {
  let message;
  shown = id;
  try {
    message = await json("GET", path(id));
  } catch (e) {
    done(`Spool: ${e.message}`);
    return;
  }
  if (shown !== id) {
    return; // another one was opened meanwhile
  }
  const recipients = element("tbody");
  rows(
    recipients,
    message.recipients,
    ({ address }) => address,
    ({ address, status, reply }) => [address, status, reply],
  );
  const heads = ["Recipient", "Status", "Last reply"].map((head) => element("th", { scope: "col" }, head));
  byId("spooled").replaceChildren(
    element("h3", { id: "spooled-title" }, `Message ${message.id}`),
    pairs([
      ["User", message.user],
      ["Account", message.account],
      ["Sender", message.sender],
      ["Octets", octets(message.octets)],
      ["State", stateOf(message)],
      ["Attempts", message.attempts],
      ["Perhaps twice", message.doubled],
      ["Received", new Date(message.received).toLocaleString()],
      ["Next attempt", new Date(message.due).toLocaleString()],
      ["The relay's id", message.submission],
    ]),
    element(
      "div",
      { class: "wide", tabindex: "0", role: "group", "aria-label": "Recipients" },
      element("table", {}, element("thead", {}, element("tr", {}, ...heads)), recipients),
    ),
    element("div", { class: "bar" }, button("Close", () => closeTo(id))),
  );
  byId("spooled").hidden = false;
  byId("spooled").focus();
}

function closeTo(id) {
  close();
  byId("spool-rows").querySelector(`[data-key="${CSS.escape(id)}"] button`)?.focus();
}

/** Listens to the choice of messages; `done` is told of what fails. */
export function listen(done) {
  suspensions.listen(done, () => refresh(done));
  byId("spool-state").addEventListener("change", () => refresh(done));
  byId("spool-form").addEventListener("submit", (event) => {
    event.preventDefault();
    refresh(done);
  });
}
