import { byId, element, number, say } from "./dom.js";
import * as figures from "./figures.js";
import * as mails from "./mails.js";
import { showSessions, showUpstreams } from "./sessions.js";
import { events, json, optional } from "./server.js";

const SPOOL_MILLIS = 5000;

const done = (text) => say(byId("said"), text);

function showHealth(health) {
  const badge = byId("health");
  say(badge, health.status);
  badge.className = `badge ${health.status}`;
  say(byId("reasons"), health.reasons.map(({ cause, detail }) => `${cause}${detail ? `: ${detail}` : ""}`).join("; "));
  swap(byId("pause"), byId("resume"), health.status === "paused");
}

/** Shows one of two buttons; the focus goes with it. */
function swap(first, second, isSecond) {
  const [shown, gone] = isSecond ? [second, first] : [first, second];
  const hadFocus = document.activeElement === gone;
  shown.hidden = false;
  gone.hidden = true;
  if (hadFocus) {
    shown.focus();
  }
}

async function order(path, says) {
  try {
    showHealth(await json("POST", path));
    done(says);
  } catch (e) {
    done(`Not done: ${e.message}`);
  }
}

async function lookUpQuota(account) {
  const answer = byId("quota-answer");
  try {
    const quota = await json("GET", `/quota?account=${encodeURIComponent(account)}`);
    const limit = quota.limit >= Number.MAX_SAFE_INTEGER ? "without limit" : `of ${number(quota.limit)}`;
    const ends = new Date(quota.periodEnd).toLocaleString();
    say(answer, `${quota.account}: ${number(quota.used)} used and ${number(quota.reserved)} reserved, ${limit}; until ${ends}`);
  } catch (e) {
    say(answer, e.message);
  }
}

/** Names and values, of objects within too; of a list its length. */
function figuresIn(all, before = "") {
  return Object.entries(all).flatMap(([name, value]) => {
    if (Array.isArray(value)) {
      return [[before + name, value.length]];
    }
    return value !== null && typeof value === "object" ? figuresIn(value, `${name} `) : [[before + name, value ?? ""]];
  });
}

/** There is one only where the relay keeps mail that it could not deliver yet. */
async function showSpool() {
  const spool = await optional("/spool");
  if (!spool) {
    return;
  }
  byId("spool").hidden = false;
  byId("spool-link").hidden = false;
  byId("spool-figures").replaceChildren(
    ...figuresIn(spool).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  );
  setTimeout(() => showSpool().catch(() => {}), SPOOL_MILLIS);
}

byId("pause").addEventListener("click", () => order("/pause?reason=console", "Paused: new connections are refused"));
byId("resume").addEventListener("click", () => order("/resume", "Resumed"));
byId("quota-form").addEventListener("submit", (event) => {
  event.preventDefault();
  lookUpQuota(byId("account").value);
});
mails.begin(done);

figures.learn(await json("GET", "/console/replies"));
showSpool().catch(() => {});
events(
  "/console/events",
  (snapshot) => {
    showHealth(snapshot.health);
    figures.show(snapshot);
    showSessions(snapshot.sessions, done);
    showUpstreams(snapshot.upstreams);
    if (snapshot.mails !== undefined) {
      mails.showMails(snapshot.mails, done).catch((e) => done(`Mail: ${e.message}`));
    }
  },
  (state) => say(byId("stream"), state),
);
