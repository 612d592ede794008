#!/usr/bin/env python3
"""Throughput of the relay and of its peers, in turn and in one run: smtp-source -> relay -> smtp-sink on loopback.

Needs the quickstart's jar (mvn package -DskipTests), Debian's `postfix` (brings smtp-source and smtp-sink) and root, for
the peer is Postfix in its synchronous mode (smtpd_proxy_filter). For each load every system is started and warmed up
once; then they are measured round by round in turn, so that a machine that drifts hits all alike. Prints medians of
messages a second and of CPU per message (of all the system's processes), ratios to Postfix, and the targets.

  load.py                                           the table
  load.py --loads 4k --rounds 3 --systems relay     the relay alone
  load.py --against old.jar --systems relay         and another build of it in the same run
"""
import argparse, contextlib, json, os, platform, statistics, subprocess, sys, time
import systems
from systems import DOMAIN, USER

LOADS = {  # per round: messages, sessions, octets, connections reused; messages of the warm-up; targets as ratios to Postfix
    "4k": dict(title="4 KiB, 50 sessions, a connection per message", messages=10000, sessions=50, octets=4096,
               reuse=False, warmup=20000, rate=2.2, cpu=0.35),
    "4k-reused": dict(title="4 KiB, 50 sessions, connections reused", messages=20000, sessions=50, octets=4096,
                      reuse=True, warmup=30000, rate=3.0, cpu=0.27),
    "1m": dict(title="1 MiB, 10 sessions", messages=500, sessions=10, octets=1 << 20, reuse=True, warmup=500,
               rate=1.25, cpu=0.46),
    "20m": dict(title="20 MB, 2 sessions, -Xmx64m", messages=30, sessions=2, octets=20_000_000, reuse=True, warmup=10,
                heap="64m", rate=1.05, cpu=0.4)}
METRICS = ("rate", "cpu_ms", "sink_cpu_ms", "memory_mb")


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), platform.machine())
    gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return dict(cpus=os.cpu_count(), model=model, memory_gb=round(gb), kernel=platform.release())


def java_version(java):
    lines = subprocess.run([java, "-version"], capture_output=True, text=True).stderr.splitlines()
    return lines[1] if len(lines) > 1 else "unknown"


def send(load, messages, port):
    command = ["smtp-source", "-M", DOMAIN, "-f", USER, "-t", "bob@example.net", "-m", str(messages),
               "-s", str(min(load["sessions"], messages)), "-l", str(load["octets"]), "-C", "5"]
    command += ["-d"] if load["reuse"] else []
    sent = subprocess.run([*command, f"127.0.0.1:{port}"], timeout=900, capture_output=True, text=True)
    if sent.returncode:  # smtp-source ends at the first reply that is no success
        sys.exit("smtp-source failed: " + sent.stderr)


def measure(load, messages, system, sink):
    used = lambda pid: systems.cpu(pid) if pid else 0
    cpu, sink_cpu, begun = used(system.pid), used(sink.pid), time.monotonic()
    send(load, messages, system.port)
    seconds = time.monotonic() - begun
    return dict(rate=messages / seconds, cpu_ms=1000 * (used(system.pid) - cpu) / messages,
                sink_cpu_ms=1000 * (used(sink.pid) - sink_cpu) / messages,
                memory_mb=systems.memory(system.pid) / 2**20 if system.pid else 0)


def make(name, load, args, sink):
    if name == "direct":
        return systems.Direct(sink)
    if name == "postfix":
        return systems.Postfix(sink)
    return systems.Relay(
        f"smtp://127.0.0.1:{sink.port}", java=args.java, jar=args.against if name == "against" else args.jar,
        jvm=["-Xmx" + load.get("heap", args.heap), *args.jvm],
        options=["--allow-plaintext-auth", "--trust", f"127.0.0.0/8={USER}"])  # smtp-source cannot log in


def run(load, args):
    """Returns each system's rounds."""
    rounds = {}
    with contextlib.ExitStack() as stack:
        sink = systems.Sink()
        sink.start()
        stack.callback(sink.stop)
        running = {}
        for name in args.systems:
            running[name] = make(name, load, args, sink)
            running[name].start()
            stack.callback(running[name].stop)
            send(load, max(1, int(load["warmup"] * args.scale)), running[name].port)
        for _ in range(args.rounds):
            for name, system in running.items():
                rounds.setdefault(name, []).append(measure(load, max(1, int(load["messages"] * args.scale)), system, sink))
    return rounds


def ratio(medians, name, to, metric):
    return medians[name][metric] / medians[to][metric]


def report(name, load, rounds):
    print(f"\n{load['title']}")
    medians = {system: {metric: statistics.median(one[metric] for one in all) for metric in METRICS}
               for system, all in rounds.items()}
    for system, m in medians.items():
        rates = [one["rate"] for one in rounds[system]]
        print(f"  {system:8} {m['rate']:9.1f} messages/s ({min(rates):.1f} to {max(rates):.1f})  {m['cpu_ms']:8.3f} ms CPU"
              f"  {m['memory_mb']:5.0f} MB  sink {m['sink_cpu_ms']:.3f} ms")
    result = dict(load=name, title=load["title"], medians=medians, rounds=rounds)
    if "relay" in medians and "postfix" in medians:
        rate, cpu = (ratio(medians, "relay", "postfix", metric) for metric in ("rate", "cpu_ms"))
        met = rate >= load["rate"] and cpu <= load["cpu"]
        print(f"  relay/postfix: {rate:.2f}x messages/s (target {load['rate']}), {cpu:.3f}x CPU (target {load['cpu']}):"
              f" {'met' if met else 'MISSED'}")
        result.update(rate_ratio=rate, cpu_ratio=cpu, rate_target=load["rate"], cpu_target=load["cpu"], met=met)
    if "relay" in medians and "against" in medians:
        print("  relay/against: {:.3f}x messages/s, {:.3f}x CPU".format(
            *(ratio(medians, "relay", "against", metric) for metric in ("rate", "cpu_ms"))))
    sys.stdout.flush()
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loads", default=",".join(LOADS), help="of " + ",".join(LOADS))
    parser.add_argument("--systems", default="postfix,relay", help="of direct,postfix,relay [%(default)s]")
    parser.add_argument("--scale", type=float, default=1, help="times the messages of each load [1]")
    parser.add_argument("--java-home", help="JDK that runs the relay [java of PATH]")
    parser.add_argument("--jar", default=systems.JAR, help="the quickstart's jar [of this tree]")
    parser.add_argument("--against", metavar="JAR", help="another quickstart's jar, measured in the same rounds")
    parser.add_argument("--heap", default="512m", help="heap of the relay, where the load has none of its own [%(default)s]")
    parser.add_argument("--jvm", action="append", default=[], help="--jvm=OPTION: an option for the JVM, repeatable")
    parser.add_argument("--json", metavar="FILE", help="write results and rounds here")
    args = parser.parse_args()
    args.java = os.path.join(args.java_home, "bin", "java") if args.java_home else "java"
    args.systems = args.systems.split(",") + (["against"] if args.against else [])
    unknown = [name for name in args.loads.split(",") if name not in LOADS]
    unknown += [name for name in args.systems if name not in ("direct", "postfix", "relay", "against")]
    if unknown:
        parser.error("unknown: " + ", ".join(unknown))
    host, java = machine(), java_version(args.java)
    print(f"{time.strftime('%Y-%m-%d')}, {host['cpus']} CPUs ({host['model']}), {host['memory_gb']} GB, {java}")
    results = [report(name, LOADS[name], run(LOADS[name], args)) for name in args.loads.split(",")]
    if args.json:
        with open(args.json, "w") as f:
            json.dump(dict(date=time.strftime("%Y-%m-%d"), machine=host, java=java, heap=args.heap, jvm=args.jvm,
                           loads=results), f, indent=1)


if __name__ == "__main__":
    main()
