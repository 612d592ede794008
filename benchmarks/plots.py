"""Makes the plots (SVG) and README's tables from results/*.json."""
import json, math, os
from html import escape

WIDTH, LEFT, ROW, BAR = 860, 350, 22, 16
COLOURS = {"sqlite": "#1f6feb", "postgresql": "#1a7f37", "relay": "#1f6feb", "postfix": "#9a6700", "nodemailer": "#57606a"}
BEGIN, END = "<!-- results: written by run-all -->", "<!-- end of results -->"


def bars(title, note, groups, scale):
    """groups: (label, [(name, value, text)], target or None); a target is a line through the first bar, the relay's."""
    height = 70 + sum(ROW * len(group[1]) + 14 for group in groups) + 14
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
           f' font-family="sans-serif" font-size="13" role="img" aria-label="{escape(title)}">',
           f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
           f'<text x="16" y="26" font-size="17" fill="#1f2328">{escape(title)}</text>',
           f'<text x="16" y="46" fill="#57606a">{escape(note)}</text>']
    room = WIDTH - LEFT - 190
    y = 66
    for label, values, target in groups:
        middle = y + ROW * len(values) / 2 + 2
        out.append(f'<text x="{LEFT - 10}" y="{middle:.0f}" text-anchor="end" fill="#1f2328">{escape(label)}</text>')
        for i, (name, value, text) in enumerate(values):
            top, length = y + i * ROW, max(1.5, room * value / scale)
            out.append(f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{COLOURS[name]}"/>')
            behind = max(length, room * target / scale) if target and i == 0 else length
            out.append(f'<text x="{LEFT + behind + 6:.1f}" y="{top + 13}" fill="#1f2328">{escape(text)}</text>')
        if target is not None:
            x = LEFT + room * target / scale
            out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 4}" y2="{y + BAR + 3}" stroke="#cf222e"'
                       f' stroke-width="2" stroke-dasharray="4 2"/>')
        y += ROW * len(values) + 14
    return "\n".join([*out, "</svg>", ""])


def beside(title, note, places, lines, unit):
    """lines: (name, label, values), a value for each of the places, which stand side by side, however far apart they are."""
    height, bottom, top, right = 380, 330, 70, WIDTH - 210
    scale = max(value for _, _, values in lines for value in values) * 1.1
    x = lambda i: 90 + (right - 90) * (i / max(1, len(places) - 1))
    y = lambda value: bottom - (bottom - top) * value / scale
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
           f' font-family="sans-serif" font-size="13" role="img" aria-label="{escape(title)}">',
           f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
           f'<text x="16" y="26" font-size="17" fill="#1f2328">{escape(title)}</text>',
           f'<text x="16" y="46" fill="#57606a">{escape(note)}</text>',
           f'<line x1="80" x2="{right + 10}" y1="{bottom}" y2="{bottom}" stroke="#57606a"/>']
    for i, place in enumerate(places):
        out.append(f'<text x="{x(i):.1f}" y="{bottom + 20}" text-anchor="middle" fill="#57606a">{escape(place)}</text>')
    for name, label, values in lines:
        points = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(values))
        out.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        for i, value in enumerate(values):
            out.append(f'<circle cx="{x(i):.1f}" cy="{y(value):.1f}" r="3.5" fill="{COLOURS[name]}"/>')
            out.append(f'<text x="{x(i):.1f}" y="{y(value) - 9:.1f}" text-anchor="middle" fill="#1f2328">{number(value)} {unit}</text>')
        out.append(f'<text x="{right + 40}" y="{y(values[-1]) + 4:.1f}" fill="{COLOURS[name]}">{escape(label)}</text>')
    return "\n".join([*out, "</svg>", ""])


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def compared(results, metric, unit):
    """Each load's relay beside its peer, as multiples of the peer."""
    ratio_of, target_of = {"rate": ("rate_ratio", "rate"), "cpu_ms": ("cpu_ratio", "cpu")}[metric]
    groups = []
    for load in results["loads"].values():
        if ratio_of in load and "round_trips" not in load["targets"]:
            ratio, medians, peer = load[ratio_of], load["medians"], load["peer"]
            label = load["title"].split(", sink")[0].replace(", 50 sessions of", ",").replace(", 50 sessions", "")
            groups.append((label, [
                ("relay", ratio, f"{ratio:.2f}x  ({number(medians['relay'][metric])} {unit})"),
                (peer, 1, f"{peer} ({number(medians['peer'][metric])} {unit})")], load["targets"].get(target_of)))
    return groups, max([1.0] + [v for g in groups for v in (g[1][0][1], g[2] or 0)])


def latencies(results):
    groups = []
    for load in results["loads"].values():
        if "round_trips" in load["targets"]:
            groups.append((load["title"].split(",")[0], [
                (load["peer"] if name == "peer" else name, m["round_trips"],
                 f"{m['round_trips']:.1f}" + (f" ({load['peer']})" if name == "peer" else ""))
                for name, m in sorted(load["medians"].items(), reverse=True)], load["targets"]["round_trips"]))
    return groups, max([1] + [value for group in groups for _, value, _ in group[1]])


LINES = {"relay, 2 cores": "#1f6feb", "relay, 1 core": "#6fb1ff", "Postfix, 2 cores": "#9a6700"}
PANELS = (("messages/s", ("rate",)), ("ms of a message: p50, dotted p99", ("p50_ms", "p99_ms")), ("CPU ms of a message", ("cpu_ms",)))
PANEL, GAP, HEIGHT, TOP = 226, 58, 190, 78


def short(x):
    return f"{x / 1e6:.0f}M" if x >= 1e6 else f"{x / 1024:.0f}K" if x >= 1024 and x % 1024 == 0 else f"{x:g}"


def curve(found):
    """Three plots beside each other; each point at the same distance from the next, upwards by powers of ten."""
    xs = [point["x"] for point in next(iter(found["series"].values()))]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{TOP + HEIGHT + 46}" font-family="sans-serif"'
           f' font-size="12" viewBox="0 0 {WIDTH} {TOP + HEIGHT + 46}" role="img" aria-label="{escape(found["title"])}">',
           f'<rect width="{WIDTH}" height="{TOP + HEIGHT + 46}" fill="#ffffff"/>',
           f'<text x="16" y="24" font-size="17" fill="#1f2328">{escape(found["title"][0].upper() + found["title"][1:])}</text>']
    for i, system in enumerate(found["series"]):
        out.append(f'<rect x="{16 + 170 * i}" y="36" width="20" height="4" fill="{LINES[system]}"/>'
                   f'<text x="{42 + 170 * i}" y="43" fill="#1f2328">{escape(system)}</text>')
    for i, (title, metrics) in enumerate(PANELS):
        left = 48 + i * (PANEL + GAP)
        values = [point[metric] for points in found["series"].values() for point in points for metric in metrics]
        least, most = math.floor(math.log10(max(min(values), 1e-3))), math.ceil(math.log10(max(values)) + 1e-9)
        height = lambda value: TOP + HEIGHT * (most - math.log10(max(value, 10 ** least))) / (most - least)
        across = lambda n: left + PANEL * n / max(1, len(xs) - 1)
        out.append(f'<text x="{left}" y="{TOP - 10}" fill="#57606a">{escape(title)}</text>')
        for power in range(least, most + 1):
            y = height(10 ** power)
            out.append(f'<line x1="{left}" x2="{left + PANEL}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>'
                       f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end" fill="#57606a">{10 ** power:g}</text>')
        for n, x in enumerate(xs):
            if len(xs) <= 6 or n % 2 == 0 or n == len(xs) - 1:
                out.append(f'<text x="{across(n):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle" fill="#57606a">{short(x)}</text>')
        for system, points in found["series"].items():
            for metric in metrics:
                way = " ".join(f"{across(n):.1f},{height(point[metric]):.1f}" for n, point in enumerate(points))
                dotted = ' stroke-dasharray="2 3"' if metric == "p99_ms" else ""
                out.append(f'<polyline points="{way}" fill="none" stroke="{LINES[system]}" stroke-width="2"{dotted}/>')
    out.append(f'<text x="{WIDTH / 2}" y="{TOP + HEIGHT + 38}" text-anchor="middle" fill="#57606a">{escape(found["unit"])}</text>')
    return "\n".join([*out, "</svg>", ""])


def curve_tables(results, files):
    machine = results["machine"]
    yield "### Curves\n"
    yield (f"{results['date']}, {machine['cpus']} CPUs ({machine['model']}), Linux {machine['kernel']}, {results['java']}, heap"
           f" {results['heap']}; 4 KiB, one recipient, 20 sessions (4 along sizes), near upstream, unless that is what changes.\n")
    for name, found in results["curves"].items():
        yield f"![{found['title']}](results/{files[name]})\n"
        yield f"| {found['unit']} | " + " | ".join(f"{system}: messages/s | p50, p99 ms | CPU ms" for system in found["series"]) + " |"
        yield "|---" * (1 + 3 * len(found["series"])) + "|"
        for points in zip(*found["series"].values()):
            yield (f"| {short(points[0]['x'])} | " + " | ".join(
                f"{number(p['rate'])} | {number(p['p50_ms'])}, {number(p['p99_ms'])} | {number(p['cpu_ms'])}" for p in points) + " |")
        yield ""


def load_tables(results):
    machine = results["machine"]
    yield (f"{results['date']}, {machine['cpus']} CPUs ({machine['model']}), {machine['memory_gb']} GB, Linux"
           f" {machine['kernel']}, {results['java']}, heap {results['heap']}. Medians; targets in brackets.\n")
    yield "| load | peer | messages/s: relay | peer | ratio | CPU ms per message: relay | peer | ratio | memory MB: relay | peer |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    target = lambda load, metric, sign: f" ({sign} {load['targets'][metric]})" if metric in load["targets"] else ""
    for load in results["loads"].values():
        if "round_trips" not in load["targets"]:
            relay, peer = load["medians"]["relay"], load["medians"]["peer"]
            yield (f"| {load['title']} | {load['peer']} | {number(relay['rate'])} | {number(peer['rate'])} |"
                   f" **{load['rate_ratio']:.2f}x**{target(load, 'rate', '>=')} | {number(relay['cpu_ms'])} |"
                   f" {number(peer['cpu_ms'])} | **{load['cpu_ratio']:.2f}x**{target(load, 'cpu', '<=')} |"
                   f" {number(relay['memory_mb'])} | {number(peer['memory_mb'])} |")
    yield "\n![messages a second](results/throughput.svg)\n\n![CPU per message](results/cpu.svg)\n"
    yield "| on a kept connection | time of a message: relay | peer |"
    yield "|---|---|---|"
    for load in results["loads"].values():
        if "round_trips" in load["targets"]:
            relay, peer = load["medians"]["relay"], load["medians"]["peer"]
            yield (f"| {load['title']} | **{relay['round_trips']:.2f} round trips** (<= {load['targets']['round_trips']}) |"
                   f" {peer['round_trips']:.2f} ({load['peer']}) |")
    yield "\n![time of a message](results/latency.svg)\n"


def fault_table(faults):
    yield "### Faults under load\n"
    yield "| scenario | sent | answered 250 | refused | ambiguous, arrived | lost | duplicated | unexpected | unanswered |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for f in faults:
        yield "| " + " | ".join(str(f[name]) for name in (
            "scenario", "sent", "accepted", "refused", "ambiguous", "lost", "duplicated", "unexpected", "unanswered")) + " |"
    yield ""


def jmh_table(benchmarks):
    yield "### Hot pieces\n"
    yield "| benchmark | time | garbage |"
    yield "|---|---|---|"
    for b in benchmarks:
        yield (f"| {', '.join([b['name'], *b['params']])} | {number(b['time'])} ± {number(b['error'])} {b['unit']} |"
               f" {b['octets']:.0f} B |")
    yield ""


def store_tables(stores):
    machine = stores["machine"]
    yield "### Shared stores\n"
    yield f"{stores['date']}, {machine['cpus']} CPUs ({machine['model']}), Linux {machine['kernel']}, {stores['java']}. Medians.\n"
    yield "| store | threads | accounts | reservations/s | the engine, same work | share | the engine's least |"
    yield "|---|---|---|---|---|---|---|"
    for r in stores.get("reservations", []):
        m = r["medians"]
        yield (f"| {r['engine']} | {r['threads']} | {r['accounts']} | {m['ours']:.0f} | {m['same']:.0f} |"
               f" **{r['ratio']:.0%}** (>= {r['target']:.0%}) | {m['least']:.0f} |")
    yield "\n| a message of 4 KiB on kept connections, counted by | messages/s: one client | 50 clients | time, one client (p50) | CPU ms of the relay, 50 clients |"
    yield "|---|---|---|---|---|"
    found = {}
    for r in stores.get("messages", []):
        found.setdefault(r["store"], {})[r["load"]] = r["medians"]
    for store, loads in found.items():
        one, many = loads["one client"], loads["50 clients"]
        yield (f"| {store} | {number(one['rate'])} | {number(many['rate'])} | {one['p50_ms']:.2f} ms |"
               f" {number(many['cpu_ms'])} |")
    yield ""


SPOOLS = {"sqlite": "spool in SQLite", "postgresql": "spool in PostgreSQL", "postfix": "Postfix's queue"}


def spool_curves(spool):
    steps = spool["steps"]
    return ("Store and forward", "Messages of 4 KiB a second, received and delivered, by how many others wait in the queue.",
            [f"{step['waiting']:,}" for step in steps],
            [(name, label, [step["medians"][name]["rate"] for step in steps])
             for name, label in SPOOLS.items() if name in steps[0]["medians"]], "/s")


def spool_table(spool):
    machine = spool["machine"]
    yield "### Store and forward\n"
    yield f"{spool['date']}, {machine['cpus']} CPUs ({machine['model']}), Linux {machine['kernel']}, {spool['java']}. Medians.\n"
    yield "| waiting | queue | messages/s | beside Postfix | accepted/s | CPU ms per message |"
    yield "|---|---|---|---|---|---|"
    for step in spool["steps"]:
        medians = step["medians"]
        for name, label in SPOOLS.items():
            if name in medians:
                m = medians[name]
                ratio = f"**{m['rate'] / medians['postfix']['rate']:.2f}x**" if "postfix" in medians and name != "postfix" else ""
                yield (f"| {step['waiting']:,} | {label} | {number(m['rate'])} | {ratio} | {number(m['accepted'])} |"
                       f" {number(m['cpu_ms'])} |")
    yield ""
    for one in spool["judged"]:
        yield f"- {one['what']}: **{one['value']:.2f}** (>= {one['target']})"
    yield "\n![messages a second by waiting messages](results/spool.svg)\n"


def queue_table(queues):
    yield "### The spool's engine beside db-scheduler\n"
    yield "| jobs of 4 KiB a second, put, picked and done | spool | db-scheduler | ratio |"
    yield "|---|---|---|---|"
    for name, engine in queues["engines"].items():
        middle = lambda values: sorted(values)[len(values) // 2]
        yield f"| {name} | {middle(engine['spool'])} | {middle(engine['db_scheduler'])} | **{engine['ratio']:.2f}x** |"
    yield ""


def read(file):
    if not os.path.exists(file):
        return None
    with open(file) as f:
        return json.load(f)


def write(here, results):
    lines = []
    load, curves, faults, jmh, stores, spool, queues = (
        read(os.path.join(results, name + ".json"))
        for name in ("load", "curves", "faults", "jmh", "stores", "spool", "queues"))
    if load:
        for file, title, note, (groups, scale) in (
                ("throughput", "Messages a second", "As multiples of the peer's; longer is better. Dashed: the target.",
                 compared(load, "rate", "/s")),
                ("cpu", "CPU per message", "As multiples of the peer's; shorter is better. Dashed: the target.",
                 compared(load, "cpu_ms", "ms")),
                ("latency", "Time of a message, the upstream 20 ms away",
                 "In round trips to the upstream; shorter is better. Dashed: the target.", latencies(load))):
            with open(os.path.join(results, file + ".svg"), "w") as f:
                f.write(bars(title, note, groups, scale))
        lines += load_tables(load)
    if curves:
        files = {name: f"curve-{name}.svg" for name in curves["curves"]}
        for name, found in curves["curves"].items():
            with open(os.path.join(results, files[name]), "w") as f:
                f.write(curve(found))
        lines += curve_tables(curves, files)
    if spool:
        with open(os.path.join(results, "spool.svg"), "w") as f:
            f.write(beside(*spool_curves(spool)))
        lines += spool_table(spool)
    lines += queue_table(queues) if queues else []
    lines += fault_table(faults) if faults else []
    lines += store_tables(stores) if stores else []
    lines += jmh_table(jmh) if jmh else []
    readme = os.path.join(here, "README.md")
    with open(readme) as f:
        text = f.read()
    before, after = text[:text.index(BEGIN)], text[text.index(END):]
    with open(readme, "w") as f:
        f.write(before + BEGIN + "\n\n" + "\n".join(lines) + "\n" + after)
