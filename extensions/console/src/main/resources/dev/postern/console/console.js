import { byId, number, say } from "./dom.js";
import * as figures from "./figures.js";
import * as mails from "./mails.js";
import { events, json } from "./server.js";
import { showSessions, showUpstreams } from "./sessions.js";
import * as spool from "./spool.js";

const ORDER_MILLIS = 1000; // a snapshot that comes before that may be older than what an order has changed

let ordered = -Infinity;

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
    ordered = performance.now();
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

byId("pause").addEventListener("click", () => order("/pause?reason=console", "Paused: new connections are refused"));
byId("resume").addEventListener("click", () => order("/resume", "Resumed"));
byId("quota-form").addEventListener("submit", (event) => {
  event.preventDefault();
  lookUpQuota(byId("account").value);
});
mails.listen(done);
spool.listen(done);

events("/console/events", {
  begin: async () => {
    figures.learn(await json("GET", "/console/replies"));
    spool.begin();
  },
  take: (snapshot) => {
    if (performance.now() > ordered + ORDER_MILLIS) {
      showHealth(snapshot.health);
    }
    figures.show(snapshot);
    showSessions(snapshot.sessions, done);
    showUpstreams(snapshot.upstreams);
    spool.showSpool(done);
    if (snapshot.mails !== undefined) {
      mails.showMails(snapshot.mails, done).catch((e) => done(`Mail: ${e.message}`));
    }
  },
  state: (text) => say(byId("stream"), text),
});
