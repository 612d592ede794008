// Figures, the plot, and replies by row of the catalogue.

import { byId, element, number, octets, rows, say, time } from "./dom.js";

const RATE_SECONDS = 10;

let catalogue = new Map();
let order = new Map();
let plot = null;
const history = []; // of the last seconds, for what each row's rate is

const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name);

export function learn(all) {
  catalogue = new Map(all.rows.map((row) => [row.id, row]));
  order = new Map(all.rows.map((row, index) => [row.id, index]));
}

/** Counts a second of a row, over the last seconds; since the page's first event at the earliest. */
function rate(id) {
  const first = history[0];
  const last = history[history.length - 1];
  const took = (last.at - first.at) / 1000;
  return took > 0 ? Math.max(0, ((last.replies[id] ?? 0) - (first.replies[id] ?? 0)) / took) : 0;
}

const mean = (seconds) => {
  const last = seconds.slice(-RATE_SECONDS);
  return last.reduce((sum, count) => sum + count, 0) / Math.max(1, last.length);
};

export function show(snapshot) {
  const last = history[history.length - 1];
  if (last && (snapshot.at <= last.at || snapshot.messages.accepted < last.messages.accepted)) {
    history.length = 0; // another relay, or another clock
  }
  history.push(snapshot);
  while (snapshot.at - history[0].at > RATE_SECONDS * 1000) {
    history.shift();
  }
  const { accepted, refused } = snapshot.seconds;
  say(byId("accepted"), number(snapshot.messages.accepted));
  say(byId("accepted-rate"), number(mean(accepted)));
  say(byId("refused"), number(snapshot.refused));
  say(byId("refused-rate"), number(mean(refused)));
  say(byId("connections"), number(snapshot.connections));
  say(byId("authenticated"), number(snapshot.authenticated));
  say(byId("memory"), octets(snapshot.contentMemory));
  say(byId("files"), number(snapshot.contentFiles));
  const end = Math.floor(snapshot.at / 1000);
  draw([accepted.map((_, index) => end - accepted.length + index), accepted, refused]);
  showReplies(snapshot);
  showRefusals(snapshot);
}

function draw(data) {
  if (plot) {
    plot.setData(data);
    return;
  }
  const at = byId("plot");
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const size = () => ({ width: Math.max(280, at.clientWidth), height: 190 });
  plot = new window.uPlot(
    {
      ...size(),
      scales: { y: { range: (self, low, high) => [0, Math.max(1, high * 1.1)] } },
      axes: [axis, axis],
      cursor: { show: false },
      legend: { live: false },
      series: [
        {},
        { label: "accepted a second", stroke: colour("--good"), width: 2, points: { show: false } },
        { label: "refusals a second", stroke: colour("--bad"), width: 2, dash: [6, 3], points: { show: false } },
      ],
    },
    data,
    at,
  );
  new ResizeObserver(() => plot.setSize(size())).observe(at);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => plot.redraw());
}

function showReplies(snapshot) {
  const counted = Object.entries(snapshot.replies).filter(([, count]) => count > 0);
  counted.sort(([a], [b]) => (order.get(a) ?? -1) - (order.get(b) ?? -1));
  byId("replies-none").hidden = counted.length > 0;
  rows(
    byId("replies-rows"),
    counted,
    ([id]) => id,
    ([id, count]) => [explained(id), count, 0, catalogue.get(id)?.advice ?? "Read what the upstream says"],
    ([id, count]) => [undefined, number(count), number(rate(id))],
  );
}

function explained(id) {
  const row = catalogue.get(id);
  if (!row) {
    return "an upstream's own words";
  }
  const says = [
    ["Given for", row.meaning],
    ["The sender should", row.advice],
    ["Again unchanged?", row.retryable ? "yes, later" : ""],
    ["The connection", row.closes ? "is closed" : ""],
    ["Cause", row.cause],
    ["The operator should", row.operator],
  ];
  const list = element("dl");
  for (const [term, text] of says.filter(([, each]) => each)) {
    list.append(element("dt", {}, term), element("dd", {}, text));
  }
  const page = { href: `/console/errors/${id}`, target: "_blank", rel: "noopener" };
  return element(
    "details",
    {},
    element("summary", {}, element("code", {}, row.reply)),
    element("p", {}, id, ...(row.page ? [": ", element("a", page, "its page, with a test")] : [])),
    list,
  );
}

function showRefusals(snapshot) {
  byId("refusals-none").hidden = snapshot.refusals.length > 0;
  rows(
    byId("refusals-rows"),
    snapshot.refusals,
    (each) => each.number,
    (each) => [
      time(each.at),
      element("code", {}, each.reply),
      each.client,
      each.user ?? "",
      each.detail || (catalogue.get(each.row)?.meaning ?? ""),
    ],
  );
}
