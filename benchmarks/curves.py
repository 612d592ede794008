#!/usr/bin/env python3
"""How throughput, latency and CPU of the relay change with the work, beside Postfix; all on loopback, in one run.

  curves.py                       all curves, some 25 minutes
  curves.py --quick               the same with short measurements and every other point, some 8 minutes
  curves.py --curves sessions,size --systems relay-2
  curves.py --json results/curves.json

One thing changes along a curve: sessions, the size of a message, its recipients, the distance of the upstream. The relay runs
once with one core and once with two (taskset); Postfix, in its synchronous mode, with two. Client and sink are our own, and
share the two cores. At each point the systems are measured in turn, each for so many seconds; percentiles are of all messages
of the measurement. CPU is user and system time of all of a system's processes.

Cost must grow no faster than the work: along sizes and recipients, CPU per message by no higher power than 1.1 from one point to
the next; along sessions and distance, where the work of a message is the same, to no more than 1.5 times what the cheapest
point before it took. Exits with 1 where the relay does not keep to that.

Needs what load.py needs: the jars (mvn package -DskipTests), Debian's `postfix` and root for it.
"""
import argparse, contextlib, json, math, os, signal, subprocess, sys, time
import load, systems
from clients import Generator

# the load at each point; what changes is put in its place
BASE = dict(sessions=20, octets=4096, recipients=1, round_trip=0, reuse=True)
CURVES = {
    "sessions": dict(title="sessions at the same time", field="sessions", unit="sessions", grows=False,
                     values=[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], quick=[1, 5, 20, 100, 300, 1000]),
    "size": dict(title="size of a message", field="octets", unit="octets", grows=True, base=dict(sessions=4),
                 values=[1024, 4096, 16384, 65536, 262144, 1 << 20, 5_000_000, 20_000_000],
                 quick=[1024, 16384, 262144, 1 << 20, 20_000_000]),
    "recipients": dict(title="recipients of a message", field="recipients", unit="recipients", grows=True,
                       values=[1, 2, 5, 10, 20, 50], quick=[1, 5, 20, 50]),
    "distance": dict(title="round trip to the upstream", field="round_trip", unit="ms", grows=False,
                     values=[0, 2, 5, 10, 20, 50, 100, 200], quick=[0, 5, 20, 100, 200])}
SYSTEMS = {"relay-2": "relay, 2 cores", "relay-1": "relay, 1 core", "postfix-2": "Postfix, 2 cores"}
STEEPEST, DEAREST = 1.1, 1.5
FIRST = 20  # messages of the look at how many a measurement needs


class Far(systems.Delay):
    """An upstream that can be moved away."""

    def __init__(self, java, to):
        super().__init__(java, to, 0)
        self.command.append("--follow")

    def start(self):
        self.stdin = subprocess.PIPE
        super().start()

    def move(self, round_trip):
        self.process.stdin.write(f"{round_trip}\n")
        self.process.stdin.flush()
        if self.process.stdout.readline().strip() != str(round_trip):
            sys.exit("the upstream was not moved")


def make(name, args, upstream):
    kind, cores = name.split("-")
    cpus = "0" if cores == "1" else "0,1"
    if kind == "postfix":
        return systems.Postfix(upstream, processes=1100)
    relay = systems.Relay(upstream, java=args.java, jar=args.jar, jvm=["-Xmx" + args.heap, *args.jvm])
    relay.command = ["taskset", "-c", cpus, *relay.command]
    return relay


def measure(client, system, point, seconds):
    """Sends for about so long: how many that is, a few messages tell, which also open the connections to the upstream."""
    few = max(FIRST, point["sessions"])
    begun = time.monotonic()
    client.send(point, few, system.port)
    rate = few / (time.monotonic() - begun)
    messages = max(few, int(rate * seconds))
    cpu, begun = systems.cpu(system.pid), time.monotonic()
    measured = client.send(point, messages, system.port)
    took = time.monotonic() - begun
    return dict(messages=messages, rate=messages / took, cpu_ms=1000 * (systems.cpu(system.pid) - cpu) / messages,
                p50_ms=measured["p50_ms"], p99_ms=measured["p99_ms"], memory_mb=systems.memory(system.pid) / 2**20)


def run(args, save):
    """Returns for each curve and system the points; saves them behind each curve."""
    found = {name: {system: [] for system in args.systems} for name in args.curves}
    with contextlib.ExitStack() as stack:
        def started(process):
            process.start()
            stack.callback(process.stop)
            return process

        client = started(Generator(args.java))
        sink = started(systems.JavaSink(args.java))
        far = started(Far(args.java, sink.port))
        running = {}
        for where, upstream in (("near", sink.port), ("far", far.port)):
            if any((name == "distance") == (where == "far") for name in args.curves):
                for name in args.systems:
                    running[name, where] = started(make(name, args, upstream))
                    begun = time.monotonic()
                    while time.monotonic() - begun < args.warm_up:
                        client.send(dict(BASE, sessions=50), 3000, running[name, where].port)
        for name in args.curves:
            curve = CURVES[name]
            print(f"\n{curve['title']}:", flush=True)
            for value in curve["quick"] if args.quick else curve["values"]:
                point = dict(BASE, **curve.get("base", {}))
                point[curve["field"]] = value
                if name == "distance":
                    far.move(value)
                for system in args.systems:
                    result = measure(client, running[system, "far" if name == "distance" else "near"], point, args.seconds)
                    found[name][system].append(dict(x=value, **result))
                    print(f"  {value:>9} {curve['unit']:10} {SYSTEMS[system]:16} {result['rate']:9.1f} messages/s  "
                          f"p50 {result['p50_ms']:8.2f} ms  p99 {result['p99_ms']:8.2f} ms  {result['cpu_ms']:8.3f} ms CPU"
                          f"  {result['memory_mb']:5.0f} MB", flush=True)
            save(found)
    return found


def steps(curve, points):
    """Where cost grows faster than the work: (from, to, text)."""
    found = []
    for before, after in zip(points, points[1:]):
        if curve["grows"]:
            power = math.log(max(after["cpu_ms"], 1e-9) / max(before["cpu_ms"], 1e-9)) / math.log(after["x"] / before["x"])
            if power > STEEPEST:
                found.append((before["x"], after["x"], f"CPU grows by the power {power:.2f}"))
        else:
            cheapest = min(point["cpu_ms"] for point in points[:points.index(after)])
            if after["cpu_ms"] > DEAREST * cheapest:
                found.append((before["x"], after["x"], f"{after['cpu_ms'] / cheapest:.2f} times the CPU of the cheapest before"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--curves", default=",".join(CURVES), help="[%(default)s]")
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="[%(default)s]")
    parser.add_argument("--seconds", type=float, help="of a measurement [6; quick: 2]")
    parser.add_argument("--warm-up", type=float, metavar="SECONDS", help="of each system [30; quick: 10]")
    parser.add_argument("--java-home", help="JDK that runs relay, generator and sink [java of PATH]")
    parser.add_argument("--jar", default=systems.JAR, help="the quickstart's jar [of this tree]")
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--jvm", action="append", default=[], help="--jvm=OPTION: an option for the relay's JVM, repeatable")
    parser.add_argument("--json", metavar="FILE", help="write the results here")
    args = parser.parse_args()
    args.java = os.path.join(args.java_home, "bin", "java") if args.java_home else "java"
    args.curves, args.systems = args.curves.split(","), args.systems.split(",")
    unknown = [name for name in args.curves if name not in CURVES] + [name for name in args.systems if name not in SYSTEMS]
    if unknown:
        parser.error("unknown: " + ", ".join(unknown))
    args.seconds = args.seconds or (2 if args.quick else 6)
    args.warm_up = args.warm_up or (10 if args.quick else 30)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # whoever was started is stopped
    host, java = load.machine(), load.java_version(args.java)
    print(f"{time.strftime('%Y-%m-%d')}, {host['cpus']} CPUs ({host['model']}), {host['memory_gb']} GB, {java}")

    def save(found):
        if args.json:
            curves = {name: dict(title=CURVES[name]["title"], unit=CURVES[name]["unit"],
                                 series={SYSTEMS[system]: those for system, those in points.items()})
                      for name, points in found.items() if all(points.values())}
            with open(args.json, "w") as f:
                json.dump(dict(date=time.strftime("%Y-%m-%d"), machine=host, java=java, heap=args.heap, seconds=args.seconds,
                               curves=curves), f, indent=1)

    found, steep = run(args, save), False
    for name, points in found.items():
        for system in args.systems:
            for start, end, text in steps(CURVES[name], points[system]):
                steep |= system.startswith("relay")
                print(f"{CURVES[name]['title']}, {SYSTEMS[system]}, from {start} to {end}: {text}")
    sys.exit(1 if steep else 0)


if __name__ == "__main__":
    main()
