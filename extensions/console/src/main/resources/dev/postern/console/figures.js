// Figures, the plot, and replies by row of the catalogue.

import { byId, element, number, octets, rows, say, time } from "./dom.js";

const POINTS = 300;
const RATE_SECONDS = 10;

let catalogue = new Map();
let plot = null;
const data = [[], [], []];
const history = [];

const colour = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name);

export function learn(all) {
  catalogue = new Map(all.rows.map((row) => [row.id, row]));
}

const refusals = (snapshot) =>
  Object.entries(snapshot.replies).reduce(
    (sum, [id, count]) => sum + (catalogue.get(id)?.refusal ?? true ? count : 0),
    0,
  );

/** Counts a second, over the last seconds; since the page's first event at the earliest. */
function rate(of, seconds) {
  const last = history[history.length - 1];
  const first = history.find((each) => last.at - each.at <= seconds * 1000);
  const took = (last.at - first.at) / 1000;
  return took > 0 ? Math.max(0, (of(last) - of(first)) / took) : 0;
}

export function show(snapshot) {
  const last = history[history.length - 1];
  if (last && (snapshot.at <= last.at || snapshot.messages.accepted < last.messages.accepted)) {
    history.length = 0; // another relay, or another clock
  }
  history.push(snapshot);
  while (snapshot.at - history[0].at > RATE_SECONDS * 1000) {
    history.shift();
  }
  const accepted = (each) => each.messages.accepted;
  say(byId("accepted"), number(accepted(snapshot)));
  say(byId("accepted-rate"), number(rate(accepted, RATE_SECONDS)));
  say(byId("refused"), number(refusals(snapshot)));
  say(byId("refused-rate"), number(rate(refusals, RATE_SECONDS)));
  say(byId("connections"), number(snapshot.connections));
  say(byId("authenticated"), number(snapshot.authenticated));
  say(byId("memory"), octets(snapshot.contentMemory));
  say(byId("files"), number(snapshot.contentFiles));
  draw(snapshot.at / 1000, rate(accepted, 2), rate(refusals, 2));
  showReplies(snapshot);
  showRefusals(snapshot);
}

function draw(...point) {
  data.forEach((values, index) => {
    values.push(point[index]);
    if (values.length > POINTS) {
      values.shift();
    }
  });
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
  counted.sort(([a], [b]) => order(a) - order(b));
  byId("replies-none").hidden = counted.length > 0;
  rows(
    byId("replies-rows"),
    counted,
    ([id]) => id,
    ([id, count]) => [explained(id), count, 0, catalogue.get(id)?.advice ?? "Read what the upstream says"],
    ([id, count]) => [undefined, number(count), number(rate((each) => each.replies[id] ?? 0, RATE_SECONDS))],
  );
}

const order = (id) => [...catalogue.keys()].indexOf(id);

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
  return element("details", {}, element("summary", {}, element("code", {}, row.reply)), element("p", {}, id), list);
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
