// The mails that the relay caught. All of them are foreign: text becomes text, HTML is shown by a frame that may do nothing.

import { button, byId, element, octets, pairs, right, rows, say, time } from "./dom.js";
import { json, text } from "./server.js";

const TYPING_MILLIS = 150;

let version = -1; // of what is listed
let isListing = false;
let newest = 0;
let opened = 0;
let typing = 0;

/** Lists the mails anew when there is something new; `done` is told of a new mail. */
export async function showMails(current, done) {
  byId("mails").hidden = false;
  byId("mails-link").hidden = false;
  if (current === version || isListing) {
    return;
  }
  isListing = true;
  try {
    await list(done);
    version = current;
  } finally {
    isListing = false;
  }
}

async function list(done) {
  const search = byId("search").value;
  const found = await json("GET", `/console/mails?search=${encodeURIComponent(search)}`);
  if (search !== byId("search").value) {
    return; // typed on meanwhile
  }
  const dropped = found.dropped ? `; ${found.dropped} older or larger ones are gone` : "";
  say(byId("mails-count"), `${search ? `${found.found} found of ` : ""}${found.kept} kept${dropped}`);
  rows(
    byId("mails-rows"),
    found.mails,
    (mail) => mail.number,
    (mail) => [
      button(mail.subject || "(no subject)", () => open(mail.number), { class: "link" }),
      mail.from,
      mail.to,
      time(mail.received),
      right(octets(mail.octets)),
    ],
  );
  const latest = found.mails[0];
  if (latest && latest.number > newest) {
    if (version >= 0) {
      done(`New mail: ${latest.subject || "(no subject)"}`);
    }
    newest = latest.number;
  }
}

/** Listens to the search; `done` is told of what fails. */
export function listen(done) {
  const search = () => list(done).catch((e) => done(`Mail: ${e.message}`));
  byId("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, TYPING_MILLIS);
  });
  byId("mails-form").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  byId("mails-clear").addEventListener("click", async () => {
    try {
      await json("DELETE", "/console/mails");
    } catch (e) {
      done(`Not forgotten: ${e.message}`);
      return;
    }
    close();
    await search();
  });
}

function close() {
  opened = 0;
  byId("mail").hidden = true;
  byId("mail").replaceChildren();
}

async function open(number) {
  const at = byId("mail");
  let mail;
  opened = number;
  try {
    mail = await json("GET", `/console/mails/${number}`);
  } catch (e) {
    at.replaceChildren(element("p", {}, `This mail cannot be shown: ${e.message}`));
    at.hidden = false;
    return;
  }
  if (opened !== number) {
    return; // another one was opened meanwhile
  }
  const link = (what) => `/console/mails/${mail.number}/${what}?key=${mail.key}`;
  const panels = new Map([
    ["Text", () => element("pre", { tabindex: "0" }, mail.text ?? "There is no text.")],
    ["HTML", () => (mail.html ? frame(link("html")) : element("p", {}, "There is no HTML."))],
    ["Headers", () => headers(mail)],
    [`Attachments (${mail.attachments})`, () => attachments(mail, link)],
    ["Source", () => source(mail)],
  ]);
  const panel = element("div");
  const bar = element("div", { class: "bar", role: "group", "aria-label": "What of the mail is shown" });
  const choose = (chosen) => {
    for (const each of bar.children) {
      each.setAttribute("aria-pressed", String(each.textContent === chosen));
    }
    panel.replaceChildren(panels.get(chosen)());
  };
  for (const name of panels.keys()) {
    bar.append(button(name, () => choose(name), { "aria-pressed": "false" }));
  }
  choose(mail.text === undefined && mail.html ? "HTML" : "Text");
  at.replaceChildren(
    element("h3", { id: "mail-title" }, mail.subject || "(no subject)"),
    pairs([
      ["Sender", mail.sender],
      ["Recipients", mail.recipients.join(", ")],
      ["User", mail.user],
      ["Received", new Date(mail.received).toLocaleString()],
      ["Message", mail.id],
    ]),
    ...(mail.isCut ? [element("p", {}, "Not all of it is shown: it is too much, or cannot be read.")] : []),
    bar,
    panel,
    element("div", { class: "bar" }, download(link("raw"), "Download the mail"), button("Close", () => closeTo(number))),
  );
  at.hidden = false;
  at.focus();
}

function closeTo(number) {
  close();
  byId("mails-rows").querySelector(`[data-key="${number}"] button`)?.focus();
}

/** Of an opaque origin, without scripts, forms, links and anything that is loaded: the answer's own policy says so, too. */
const frame = (address) =>
  element("iframe", { sandbox: "", referrerpolicy: "no-referrer", title: "The mail's HTML", src: address });

const headers = (mail) =>
  element("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "Headers" }, pairs(mail.headers));

const download = (address, label) => element("a", { href: address, download: "" }, label);

function attachments(mail, link) {
  const list = element("ul");
  for (const part of mail.parts) {
    const name = part.name || "without a name";
    list.append(
      element("li", {}, download(link(`part/${part.number}`), name), ` ${part.type}, ${octets(part.size)}`),
    );
  }
  const more = mail.attachments - mail.parts.length;
  return element("div", {}, list, more > 0 ? `and ${more} more` : mail.parts.length > 0 ? "" : "There are none.");
}

function source(mail) {
  const shown = element("pre", { tabindex: "0" }, "…");
  text(`/console/mails/${mail.number}/source`).then(
    (all) => say(shown, all),
    (e) => say(shown, e.message),
  );
  return shown;
}
