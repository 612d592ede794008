#!/usr/bin/env python3
"""Throughput and latency of the relay beside its peers, in turn and in one run, all on loopback.

Needs the jars (mvn package -DskipTests), Debian's `postfix` (brings smtp-source and smtp-sink) and root, for the peer of
most loads is Postfix in its synchronous mode (smtpd_proxy_filter). The peer of the TLS loads is nodemailer's smtp-server
with pooled nodemailer: Node, `npm ci` in benchmarks/nodemailer, and openssl.

For each load every system is started and warmed up once, with so many messages and for half a minute; then they are
measured round by round in turn, so that a machine that drifts hits all alike. Prints medians of messages a second and of
CPU per message (of all the system's processes), the relay's ratios to the peer, and the targets.

  load.py                                           all loads
  load.py --loads 4k --rounds 3 --systems relay     the relay alone
  load.py --loads 4k --against old.jar              and another build of it in the same run
  load.py --loads 4k-reused --systems embedded,watched --rounds 9   what meters and a listener cost
  load.py --loads 4k,4k-reused --systems relay,floor                what of the relay's cost is system calls and the JVM's
"""
import argparse, contextlib, json, os, platform, signal, statistics, subprocess, sys, time
import systems
from clients import Generator, SmtpSource

# per round: messages, sessions, octets; reuse: False, True or the messages of a connection; messages of the warm-up;
# targets as ratios to the peer (rate, cpu), or in round trips to the sink
LOADS = {
    "4k": dict(title="4 KiB, 50 sessions, a connection per message", messages=10000, sessions=50, octets=4096,
               reuse=False, warmup=20000, peer="postfix", rate=3.0, cpu=0.27),
    "4k-reused": dict(title="4 KiB, 50 sessions, connections reused", messages=20000, sessions=50, octets=4096,
                      reuse=True, warmup=30000, peer="postfix", rate=4.0, cpu=0.25),
    "1m": dict(title="1 MiB, 10 sessions", messages=1000, sessions=10, octets=1 << 20, reuse=True, warmup=10000,
               peer="postfix", rate=1.3, cpu=0.46),
    "20m": dict(title="20 MB, 2 sessions, -Xmx64m", messages=30, sessions=2, octets=20_000_000, reuse=True, warmup=40,
                heap="64m", peer="postfix", rate=1.15, cpu=0.36),
    "1m-bdat": dict(title="1 MiB by BDAT, 10 sessions, sink with CHUNKING", client="generator", messages=500, sessions=10,
                    octets=1 << 20, reuse=True, bdat=True, warmup=500, peer="postfix"),
    "tls": dict(title="4 KiB, TLS on both legs, AUTH, 50 sessions of one message", client="generator", messages=5000,
                sessions=50, octets=4096, reuse=False, tls=True, warmup=20000, peer="nodemailer", rate=2.0),
    "tls-conscrypt": dict(title="the same, relay with Conscrypt towards its clients", client="generator", messages=5000,
                          sessions=50, octets=4096, reuse=False, tls=True, provider=True, warmup=20000, peer="nodemailer",
                          rate=2.0),
    "tls-20": dict(title="4 KiB, TLS on both legs, AUTH, 50 sessions of 20 messages", client="generator", messages=15000,
                   sessions=50, octets=4096, reuse=20, tls=True, warmup=30000, peer="nodemailer", rate=2.0),
    "tls-100": dict(title="4 KiB, TLS on both legs, AUTH, 50 sessions of 100 messages", client="generator", messages=15000,
                    sessions=50, octets=4096, reuse=100, tls=True, warmup=30000, peer="nodemailer", rate=2.0),
    "rtt-1": dict(title="1 recipient, 20 ms round trip to the upstream", client="generator", messages=25, sessions=1,
                  octets=4096, reuse=True, warmup=25, round_trip=20, peer="postfix", round_trips=3),
    "rtt-50": dict(title="50 recipients, 20 ms round trip to the upstream", client="generator", messages=11, sessions=1,
                   octets=4096, reuse=True, recipients=50, warmup=5, round_trip=20, peer="postfix", round_trips=4)}
SYSTEMS = ("direct", "peer", "relay", "against", "embedded", "watched", "floor")

# messages a second and CPU of a relay with meters and a listener, as ratios to the same without them
WATCHED = dict(rate=0.97, cpu=1.03)


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), platform.machine())
    gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return dict(cpus=os.cpu_count(), model=model, memory_gb=round(gb), kernel=platform.release())


def java_version(java):
    lines = subprocess.run([java, "-version"], capture_output=True, text=True).stderr.splitlines()
    return lines[1] if len(lines) > 1 else "unknown"


def measure(client, load, messages, system, sink):
    used = lambda pid: systems.cpu(pid) if pid else 0
    cpu, sink_cpu, client_cpu, begun = used(system.pid), used(sink.pid), used(client.pid), time.monotonic()
    measured = client.send(load, messages, system.port)
    seconds = time.monotonic() - begun
    if client.pid:
        measured["client_cpu_ms"] = 1000 * (used(client.pid) - client_cpu) / messages
    if load.get("round_trip"):
        measured["round_trips"] = measured["p50_ms"] / load["round_trip"]
    return dict(rate=messages / seconds, cpu_ms=1000 * (used(system.pid) - cpu) / messages,
                sink_cpu_ms=1000 * (used(sink.pid) - sink_cpu) / messages,
                memory_mb=systems.memory(system.pid) / 2**20 if system.pid else 0, **measured)


def make(name, load, args, upstream, keys):
    if name == "direct":
        return systems.Direct(upstream)
    if name == "peer":
        return systems.Nodemailer(upstream, keys) if load["peer"] == "nodemailer" else systems.Postfix(upstream)
    if name == "floor":
        return systems.Floor(upstream, java=args.java, jvm=["-Xmx" + load.get("heap", args.heap), *args.jvm])
    if name in ("embedded", "watched"):
        return systems.Embedded(upstream, java=args.java, jvm=["-Xmx" + load.get("heap", args.heap), *args.jvm],
                                watched=name == "watched")
    return systems.Relay(upstream, java=args.java, jar=args.against if name == "against" else args.jar,
                         jvm=["-Xmx" + load.get("heap", args.heap), *args.jvm], keys=keys,
                         provider=load.get("provider", False))


def warm_up(client, load, args, port):
    """Messages and time: compilers run beside the load, and for so long a JVM's first rounds were its slowest."""
    begun = time.monotonic()
    while True:
        client.send(load, max(1, int(load["warmup"] * args.scale)), port)
        if time.monotonic() - begun >= args.warm_up:
            return


def run(load, args):
    """Returns each system's rounds."""
    rounds = {}
    with contextlib.ExitStack() as stack:
        def started(process):
            process.start()
            stack.callback(process.stop)
            return process

        keys = None
        if load.get("tls"):
            keys = systems.Keys(args.java)
            stack.callback(keys.remove)
        ours = load.get("client") == "generator"
        client = started(Generator(args.java) if ours else SmtpSource())
        sink = started(systems.JavaSink(args.java, keys) if ours else systems.SmtpSink())
        upstream = sink.port
        if load.get("round_trip"):
            upstream = started(systems.Delay(args.java, sink.port, load["round_trip"])).port
        running = {}
        for name in args.systems:
            running[name] = started(make(name, load, args, upstream, keys))
            warm_up(client, load, args, running[name].port)
        for _ in range(args.rounds):
            for name, system in running.items():
                messages = max(1, int(load["messages"] * args.scale))
                rounds.setdefault(name, []).append(measure(client, load, messages, system, sink))
    return rounds


def ratios(medians, to, of="relay"):
    return [medians[of][metric] / medians[to][metric] for metric in ("rate", "cpu_ms")]


def watching(rounds, medians):
    """What meters and a listener cost: of medians, and of each system's best round, which others' load disturbs least."""
    best = {system: dict(rate=max(one["rate"] for one in rounds[system]), cpu_ms=min(one["cpu_ms"] for one in rounds[system]))
            for system in ("embedded", "watched")}
    for name, figures in (("medians", medians), ("best rounds", best)):
        rate, cpu = ratios(figures, "embedded", "watched")
        met = rate >= WATCHED["rate"] and cpu <= WATCHED["cpu"]
        print(f"  watched/embedded, {name}: {rate:.3f}x messages/s, {cpu:.3f}x CPU, targets {WATCHED}:"
              f" {'met' if met else 'MISSED'}")


def judged(load, medians):
    """The relay's figures beside the load's targets."""
    found, met = {}, []
    if "peer" in medians:
        found["rate_ratio"], found["cpu_ratio"] = ratios(medians, "peer")
        met += [found["rate_ratio"] >= load["rate"]] if "rate" in load else []
        met += [found["cpu_ratio"] <= load["cpu"]] if "cpu" in load else []
    if "round_trips" in load:
        met += [medians["relay"]["round_trips"] <= load["round_trips"]]
    return dict(found, met=all(met)) if met else found


def report(name, load, rounds):
    print(f"\n{name}: {load['title']}")
    medians = {system: {metric: statistics.median(one[metric] for one in those) for metric in those[0]}
               for system, those in rounds.items()}
    for system, m in medians.items():
        rates = [one["rate"] for one in rounds[system]]
        extra = "".join(f"  {metric} {m[metric]:.2f}"
                        for metric in ("client_cpu_ms", "p50_ms", "p99_ms", "round_trips") if metric in m)
        print(f"  {load['peer'] if system == 'peer' else system:10} {m['rate']:8.1f} messages/s ({min(rates):.1f} to"
              f" {max(rates):.1f})  {m['cpu_ms']:7.3f} ms CPU  {m['memory_mb']:4.0f} MB  sink {m['sink_cpu_ms']:.3f} ms{extra}")
    targets = {metric: load[metric] for metric in ("rate", "cpu", "round_trips") if metric in load}
    result = dict(title=load["title"], peer=load["peer"], targets=targets, medians=medians, rounds=rounds)
    if "relay" in medians:
        result.update(judged(load, medians))
        if "rate_ratio" in result:
            print("  relay/{}: {:.2f}x messages/s, {:.3f}x CPU".format(load["peer"], *ratios(medians, "peer")))
        if "met" in result:
            print(f"  targets {targets}: {'met' if result['met'] else 'MISSED'}")
        if "against" in medians:
            print("  relay/against: {:.3f}x messages/s, {:.3f}x CPU".format(*ratios(medians, "against")))
    if {"embedded", "watched"} <= medians.keys():
        watching(rounds, medians)
    sys.stdout.flush()
    return result


def save(file, setting, result):
    """Writes the result of a load, beside those of others that were measured in the same setting."""
    known = {}
    if os.path.exists(file):
        with open(file) as f:
            before = json.load(f)
        if all(before.get(name) == value for name, value in setting.items()):
            known = before["loads"]
    known.update(result)
    loads = {name: known[name] for name in LOADS if name in known}
    with open(file, "w") as f:
        json.dump(dict(setting, loads=loads), f, indent=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loads", default=",".join(LOADS), help="of " + ",".join(LOADS))
    parser.add_argument("--systems", default="peer,relay", help="of direct,peer,relay,embedded,watched [%(default)s]")
    parser.add_argument("--warm-up", type=float, default=30, metavar="SECONDS",
                        help="at least so long, and the messages of each load [%(default)s]")
    parser.add_argument("--scale", type=float, default=1, help="times the messages of each load [1]")
    parser.add_argument("--java-home", help="JDK that runs relay, generator and our sink [java of PATH]")
    parser.add_argument("--jar", default=systems.JAR, help="the quickstart's jar [of this tree]")
    parser.add_argument("--against", metavar="JAR", help="another quickstart's jar, measured in the same rounds")
    parser.add_argument("--heap", default="512m", help="heap of the relay, where the load has none of its own [%(default)s]")
    parser.add_argument("--jvm", action="append", default=[], help="--jvm=OPTION: an option for the relay's JVM, repeatable")
    parser.add_argument("--json", metavar="FILE", help="write results and rounds here, beside those of other loads")
    args = parser.parse_args()
    args.java = os.path.join(args.java_home, "bin", "java") if args.java_home else "java"
    args.systems = args.systems.split(",") + (["against"] if args.against else [])
    names = args.loads.split(",")
    unknown = [name for name in names if name not in LOADS] + [name for name in args.systems if name not in SYSTEMS]
    if unknown:
        parser.error("unknown: " + ", ".join(unknown))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # whoever was started is stopped
    host, java = machine(), java_version(args.java)
    print(f"{time.strftime('%Y-%m-%d')}, {host['cpus']} CPUs ({host['model']}), {host['memory_gb']} GB, {java}")
    setting = dict(date=time.strftime("%Y-%m-%d"), machine=host, java=java, heap=args.heap, jvm=args.jvm)
    for name in names:
        result = report(name, LOADS[name], run(LOADS[name], args))
        if args.json:
            save(args.json, setting, {name: result})


if __name__ == "__main__":
    main()
