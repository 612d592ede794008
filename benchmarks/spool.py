#!/usr/bin/env python3
"""Store and forward: the relay's spool beside Postfix's queue, in turn and in one run, on one disk, all on loopback.

Each system answers 250 when a message is on disk (Postfix by fsync of its queue file, the spool by its commit: SQLite with
synchronous=FULL, PostgreSQL with its defaults) and hands it to a sink (smtp-sink). smtp-source sends; a round is over when
the sink has everything. Before the rounds of each step, so many messages are put into the queue that wait and are not tried:
they are for a domain that the relay suspends, and that Postfix's transport map defers.

Needs the jar (mvn package -DskipTests), Debian's `postfix` and `postgresql`, and root, for Postfix. 100,000 waiting messages
take some 3 GB of the disk.

  spool.py                                            0, 10,000 and 100,000 waiting
  spool.py --backlog 0 --systems sqlite,postfix       one step, two systems
"""
import argparse, contextlib, json, os, re, shutil, statistics, subprocess, sys, tempfile, threading, time, urllib.request
import load as loads
import systems
from stores import Postgres
from systems import DOMAIN, USER, accepts, end, free_port, wait_until

WAITING = "wait.example"
TITLES = {"sqlite": "spool in SQLite", "postgresql": "spool in PostgreSQL", "postfix": "Postfix's queue"}
# messages a second as multiples of Postfix's; with 100,000 waiting, acceptance as a share of that with none
TARGETS = dict(sqlite=2.0, postgresql=1.0)
SLOWED = 0.9
QUEUE_CF = """relayhost = [127.0.0.1]:{upstream}
transport_maps = inline:{{ {waiting}=held: }}
defer_transports = held
in_flow_delay = 0
minimal_backoff_time = 10h
maximal_backoff_time = 10h
smtp_tls_security_level = none
"""
QUEUE_MASTER_CF = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
held unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class CountingSink:
    """Postfix's smtp-sink, which says how many messages it has."""

    def start(self):
        self.port, self.messages = free_port(), 0
        self.process = subprocess.Popen(
            ["smtp-sink", "-c", "-u", "nobody", "-h", "sink.example", "-m", "1000", f"127.0.0.1:{self.port}", "1024"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        threading.Thread(target=self.count, daemon=True).start()
        wait_until(lambda: accepts(self.port), "smtp-sink")

    def count(self):
        text = b""
        while read := os.read(self.process.stdout.fileno(), 1 << 16):
            text = text[-100:] + read
            if found := re.findall(rb"mesg=(\d+)[^\d]", text):
                self.messages = int(found[-1])

    def stop(self):
        end(self.process)


class Spool(systems.Relay):
    """The quickstart with a spool."""

    def __init__(self, upstream, java, where, jar):
        self.management = free_port()
        self.extra = []  # processes that work for it
        super().__init__(upstream, java, jar=jar, jvm=("-Xmx512m",), more=[
            "--spool", where, "--spool-give-up", "720h", "--limit", "spool=10000000", "--limit", "spool-account=10000000",
            "--management", f"127.0.0.1:{self.management}"])

    def start(self):
        super().start()
        wait_until(lambda: accepts(self.management), "the relay's management")
        self.ask("POST", f"/spool/suspensions?domain={WAITING}&seconds=2592000")

    def ask(self, method, path):
        request = urllib.request.Request(f"http://127.0.0.1:{self.management}{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def settled(self, waiting):
        figures = self.ask("GET", "/spool?limit=1")
        return figures["waiting"] == waiting and figures["sending"] == 0

    def cpu(self):
        return sum(systems.cpu(pid) for pid in [self.pid, *self.extra])


class Queue(systems.Postfix):
    """Postfix with its queue; what it waits for is nothing but the disk and the sink."""

    def start(self):
        main, master = systems.MAIN_CF, systems.MASTER_CF
        systems.MAIN_CF = main + QUEUE_CF.replace("{waiting}", WAITING)
        systems.MASTER_CF = QUEUE_MASTER_CF
        try:
            super().start()
        finally:
            systems.MAIN_CF, systems.MASTER_CF = main, master

    def count(self, queue):
        return sum(len(files) for _, _, files in os.walk(f"{self.dir}/queue/{queue}"))

    def settled(self, waiting):
        return (self.count("incoming") + self.count("active") + self.count("maildrop") == 0
                and self.count("deferred") == waiting)

    def cpu(self):
        return systems.cpu(self.pid)


def send(port, messages, args, domain="example.net"):
    sent = subprocess.run(
        ["smtp-source", "-M", DOMAIN, "-f", USER, "-t", f"bob@{domain}", "-m", str(messages), "-s", str(args.sessions),
         "-l", str(args.octets), "-d", f"127.0.0.1:{port}"], timeout=3600, capture_output=True, text=True)
    if sent.returncode:
        sys.exit("smtp-source failed: " + sent.stderr)


def measure(system, sink, args):
    cpu, had, begun = system.cpu(), sink.messages, time.monotonic()
    send(system.port, args.messages, args)
    accepted = time.monotonic() - begun
    wait_until(lambda: sink.messages >= had + args.messages, "the sink's last message", 300)
    seconds = time.monotonic() - begun
    return dict(rate=args.messages / seconds, accepted=args.messages / accepted,
                cpu_ms=1000 * (system.cpu() - cpu) / args.messages)


def step(running, sinks, waiting, args):
    """Each system in turn, after as many have been put in as are to wait."""
    for name, system in running.items():
        more = waiting - system.waits
        while more > 0:
            part = min(more, 20000)
            send(system.port, part, args, WAITING)
            more -= part
        system.waits = waiting
        wait_until(lambda: system.settled(waiting), f"{waiting} messages that wait in {name}", 600)
    rounds = {name: [] for name in running}
    for number in range(args.rounds):
        for name in list(running)[::1 if number % 2 else -1]:
            rounds[name].append(measure(running[name], sinks[name], args))
    medians = {name: {metric: statistics.median(one[metric] for one in those) for metric in those[0]}
               for name, those in rounds.items()}
    for name, median in medians.items():
        ratio = f", {median['rate'] / medians['postfix']['rate']:.2f}x Postfix" if "postfix" in medians else ""
        print(f"{waiting} waiting, {TITLES[name]}: {median['rate']:.0f} messages/s, accepted {median['accepted']:.0f}/s,"
              f" {median['cpu_ms']:.3f} ms CPU{ratio}")
        sys.stdout.flush()
    return dict(waiting=waiting, medians=medians, rounds=rounds)


def judge(steps):
    first, last = steps[0]["medians"], steps[-1]["medians"]
    judged = []
    for name, target in TARGETS.items():
        if name in first and "postfix" in first:
            ratio = first[name]["rate"] / first["postfix"]["rate"]
            judged.append(dict(what=f"{TITLES[name]}: messages/s beside Postfix", value=ratio, target=target, met=ratio >= target))
        if name in first and len(steps) > 1:
            share = last[name]["accepted"] / first[name]["accepted"]
            judged.append(dict(what=f"{TITLES[name]}: accepted/s with {steps[-1]['waiting']:,} waiting, as a share", value=share,
                               target=SLOWED, met=share >= SLOWED))
    return judged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=5000, help="of a round [%(default)s]")
    parser.add_argument("--warmup", type=int, default=15000, help="messages before the first round [%(default)s]")
    parser.add_argument("--sessions", type=int, default=20, help="[%(default)s]")
    parser.add_argument("--octets", type=int, default=4096, help="[%(default)s]")
    parser.add_argument("--rounds", type=int, default=5, help="[%(default)s]")
    parser.add_argument("--backlog", default="0,10000,100000", help="[%(default)s]")
    parser.add_argument("--systems", default=",".join(TITLES), help="[%(default)s]")
    parser.add_argument("--directory", help="where the queues are; on the disk that is to be measured [the temporary one]")
    parser.add_argument("--jar", default=systems.JAR, help="of the program")
    parser.add_argument("--java-home", help="JDK that runs the relay [java of PATH]")
    parser.add_argument("--json", metavar="FILE", help="write results and rounds here")
    args = parser.parse_args()
    java = os.path.join(args.java_home, "bin", "java") if args.java_home else "java"
    if args.directory:
        tempfile.tempdir = args.directory
    host = loads.machine()
    print(f"{time.strftime('%Y-%m-%d')}, {host['cpus']} CPUs ({host['model']}), {host['memory_gb']} GB, {loads.java_version(java)}")
    with contextlib.ExitStack() as stack:
        def started(process):
            process.start()
            stack.callback(process.stop)
            return process

        running, sinks = {}, {}
        for name in args.systems.split(","):
            sinks[name] = started(CountingSink())
            if name == "postfix":
                system = Queue(sinks[name].port)
            elif name == "sqlite":
                place = tempfile.mkdtemp(prefix="postern-spool-")
                stack.callback(shutil.rmtree, place)
                system = Spool(sinks[name].port, java, os.path.join(place, "spool"), args.jar)
            else:
                server = started(Postgres())
                system = Spool(sinks[name].port, java, server.address, args.jar)
                system.extra.append(server.pid)
            running[name] = started(system)
            system.waits = 0
        for name, system in running.items():
            send(system.port, args.warmup, args)
            wait_until(lambda: system.settled(0), f"{name} to warm up", 300)
        steps = [step(running, sinks, int(waiting), args) for waiting in args.backlog.split(",")]
    judged = judge(steps)
    for one in judged:
        print(f"{'met   ' if one['met'] else 'MISSED'} {one['what']}: {one['value']:.2f} (target {one['target']})")
    if args.json:
        with open(args.json, "w") as f:
            json.dump(dict(date=time.strftime("%Y-%m-%d"), machine=host, java=loads.java_version(java), octets=args.octets,
                           sessions=args.sessions, steps=steps, judged=judged), f, indent=1)


if __name__ == "__main__":
    main()
