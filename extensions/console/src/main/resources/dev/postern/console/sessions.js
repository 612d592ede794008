// Sessions and upstreams, with a button to end each session.

import { button, byId, octets, rows, say, time } from "./dom.js";
import { json } from "./server.js";

const who = (session) => `${session.user ?? "nobody yet"} from ${session.address}, port ${session.port}`;

/** `done` is told what has been done, for the page's status line. */
export function showSessions({ count, sessions }, done) {
  byId("sessions-none").hidden = count > 0;
  byId("sessions-more").hidden = count <= sessions.length;
  say(byId("sessions-more"), `and ${count - sessions.length} younger ones`);
  rows(
    byId("sessions-rows"),
    sessions,
    (session) => session.id,
    (session) => [
      `${session.address}:${session.port}`,
      "",
      "",
      0,
      0,
      time(session.since),
      "",
      button("End", () => end(session, done), { "aria-label": `End the session of ${who(session)}` }),
    ],
    (session) => [
      session.helo ? `${session.address}:${session.port} (${session.helo})` : undefined,
      session.user ?? "",
      session.phase,
      session.messages,
      octets(session.octetsIn),
      undefined,
      session.tls ?? "no",
    ],
  );
  for (const session of sessions) {
    const row = byId("sessions-rows").querySelector(`[data-key="${CSS.escape(session.id)}"] button`);
    row.setAttribute("aria-label", `End the session of ${who(session)}`);
  }
}

async function end(session, done) {
  try {
    await json("DELETE", `/sessions/${encodeURIComponent(session.id)}`);
    done(`Ended: the session of ${who(session)}`);
  } catch (e) {
    done(`Not ended: ${e.message}`);
  }
}

export function showUpstreams(upstreams) {
  byId("upstreams-none").hidden = upstreams.length > 0;
  rows(
    byId("upstreams-rows"),
    upstreams,
    (upstream) => upstream.name,
    (upstream) => [upstream.name, "", 0, 0, 0],
    (upstream) => [
      undefined,
      upstream.circuitOpen ? "open: left alone for a while" : "closed: in use",
      upstream.busy,
      upstream.idle,
      upstream.waiting,
    ],
  );
}
