// Whose messages wait for a time, with buttons to begin and to end that.

import { button, byId, element, rows, when, yes } from "./dom.js";
import { json } from "./server.js";

const TIMES = [
  ["1 hour", 3600],
  ["4 hours", 14400],
  ["1 day", 86400],
  ["7 days", 604800],
  ["30 days", 2592000],
];

const options = (all) => all.map(([label, value]) => element("option", { value }, label));
const path = (query) => `/spool/suspensions?${new URLSearchParams(query)}`;

/** An account, or a domain of recipients, as it is shown and as it is asked for. */
const account = (name) => ({ of: "account", name });
const domain = (name) => ({ of: "domain", name });
const shown = ({ of, name }) => `${of} ${name}`;

/** Shows what is suspended now; `changed` is called after a change, as `done` is told of it. */
export function showSuspensions(suspensions, done, changed) {
  byId("suspended-none").hidden = suspensions.length > 0;
  byId("suspended").hidden = suspensions.length === 0;
  const all = suspensions.map((one) => ({ ...("account" in one ? account(one.account) : domain(one.domain)), until: one.until }));
  rows(
    byId("suspended-rows"),
    all,
    shown,
    (one) => [one.of, one.name, "", button("Resume", () => resume(one, done, changed), { "aria-label": `Resume ${shown(one)}` })],
    ({ until }) => [undefined, undefined, when(until)],
  );
}

const suspend = (one, seconds, done, changed) =>
  order("POST", { [one.of]: one.name, seconds }, `Suspended: ${shown(one)}`, done, changed);

const resume = (one, done, changed) => order("DELETE", { [one.of]: one.name }, `Resumed: ${shown(one)}`, done, changed);

async function order(method, query, says, done, changed) {
  try {
    await json(method, path(query));
    done(says);
  } catch (e) {
    done(`Not done: ${e.message}`);
  }
  await changed();
}

/** Asks which of a message's account and its recipients' domains is to wait, and for how long. */
export async function suspendOf(message, done, changed) {
  const domains = new Set(message.recipients.map(({ address }) => address.slice(address.lastIndexOf("@") + 1)));
  const choice = [account(message.account), ...[...domains].map(domain)];
  byId("suspend-which").replaceChildren(...options(choice.map((one, index) => [shown(one), index])));
  byId("suspend-time").value = byId("suspend-for").value;
  if (await yes(byId("suspend"))) {
    await suspend(choice[byId("suspend-which").value], byId("suspend-time").value, done, changed);
  }
}

/** Listens to what is typed. */
export function listen(done, changed) {
  for (const id of ["suspend-for", "suspend-time"]) {
    byId(id).replaceChildren(...options(TIMES));
  }
  byId("suspend-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = byId("suspend-name").value.trim();
    await suspend({ of: byId("suspend-of").value, name }, byId("suspend-for").value, done, changed);
  });
}
