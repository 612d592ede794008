#!/usr/bin/env python3
"""Reservations a second on each shared store beside what its engine does at most, and what a message costs with each.

Needs the jars (mvn package -DskipTests), Debian's `postgresql` (with pgbench) and `redis-server` (`redis-tools` has
redis-benchmark). PostgreSQL and Redis are started here, on loopback, with files of their own.

The engine's own limit is measured in turn with ours, in the same run, on the same server, with as many clients as we have
threads: pgbench writes the same two rows in one prepared statement and one round trip, without any of the conditions;
redis-benchmark calls the same script. Each also does the least that it can, for comparison: pgbench updates one row, and
redis-benchmark calls SET.
"""
import argparse, contextlib, json, os, re, shutil, statistics, subprocess, sys, tempfile, time
import load as loads
import systems
from clients import Generator
from systems import SECRET, USER, free_port, needed, wait_until

STORES = os.path.join(systems.HERE, "..", "extensions")
SCRIPTS = os.path.join(STORES, "redis", "src", "main", "resources", "dev", "postern", "redis")
MANY = 1000
# the engine, threads, accounts; the target is of the engine's own limit
CASES = [("postgresql", threads, accounts, 0.5) for accounts in (1, MANY) for threads in (1, 16)] + \
        [(engine, threads, 1, 0.6) for engine in ("redis", "redis-aof") for threads in (1, 16)]
TITLES = {"postgresql": "PostgreSQL", "redis": "Redis in memory", "redis-aof": "Redis, appendfsync always",
          "process": "in-process"}
MESSAGES = {"one": dict(title="one client", messages=500, sessions=1, octets=4096, reuse=True),
            "many": dict(title="50 clients", messages=5000, sessions=50, octets=4096, reuse=True)}
SAME_ROWS = """\\set row random(0, {last})
\\set id random(1, 1000000000000)
WITH grown AS (INSERT INTO postern_ledger AS l (kind, name, period, used, held) VALUES ('bench', 'row-' || :row, 0, 0, 1)
 ON CONFLICT (kind, name) DO UPDATE SET held = l.held + 1 RETURNING l.period)
INSERT INTO postern_hold (id, kind, name, period, units, node)
 SELECT 'bench-{turn}-' || :id, 'bench', 'row-' || :row, period, 1, 'bench' FROM grown;
"""
ONE_ROW = """\\set row random(0, {last})
UPDATE postern_ledger SET held = held + 1 WHERE kind = 'bench' AND name = 'row-' || :row;
"""


class Postgres:
    """A server of its own; as nobody when this is root's process, for PostgreSQL refuses root."""

    def start(self):
        places = sorted((p for p in os.listdir("/usr/lib/postgresql")), key=int) if os.path.isdir("/usr/lib/postgresql") else []
        if not places:
            sys.exit("there is no PostgreSQL: apt-get install postgresql")
        programs = f"/usr/lib/postgresql/{places[-1]}/bin"
        self.dir = tempfile.mkdtemp(prefix="postern-stores-")
        self.port = free_port()
        user = []
        if os.geteuid() == 0:
            user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            os.chown(self.dir, 65534, 65534)
        subprocess.run([*user, f"{programs}/initdb", "-D", f"{self.dir}/data", "-U", "postern", "-A", "trust"], check=True,
                       stdout=subprocess.DEVNULL)
        self.log = open(f"{self.dir}/log", "w")
        self.process = subprocess.Popen(
            [*user, f"{programs}/postgres", "-D", f"{self.dir}/data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", "unix_socket_directories="], stdout=self.log, stderr=self.log)
        self.pid = self.process.pid
        self.pgbench_program = f"{programs}/pgbench"
        self.turn = 0
        self.address = f"jdbc:postgresql://127.0.0.1:{self.port}/postgres?user=postern"
        wait_until(lambda: subprocess.run([f"{programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0,
                   "PostgreSQL")

    def stop(self):
        systems.end(self.process)
        self.log.close()
        shutil.rmtree(self.dir)

    def limit(self, threads, accounts, seconds):
        return dict(same=self.pgbench(SAME_ROWS, threads, accounts, seconds),
                    least=self.pgbench(ONE_ROW, threads, accounts, seconds))

    def pgbench(self, script, threads, accounts, seconds):
        self.turn += 1
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script.format(last=accounts - 1, turn=self.turn))
            file.flush()
            done = subprocess.run(
                [self.pgbench_program, "-n", "-M", "prepared", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postern",
                 "-c", str(threads), "-j", str(min(2, threads)), "-T", str(seconds), "-f", file.name, "postgres"],
                capture_output=True, text=True)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode or not found or "number of failed transactions: 0 " not in done.stdout:
            sys.exit("pgbench failed: " + done.stdout + done.stderr)
        return float(found.group(1))


class Redis:
    """A server of its own."""

    def __init__(self, *options):
        self.options = options
        self.turn = 0

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="postern-stores-")
        self.port = free_port()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.dir, "--save", "", *self.options],
            stdout=subprocess.DEVNULL)
        self.pid = self.process.pid
        self.address = f"redis://127.0.0.1:{self.port}"
        wait_until(lambda: systems.accepts(self.port), "Redis")
        with open(f"{SCRIPTS}/ledger.lua") as ledger, open(f"{SCRIPTS}/hold.lua") as hold:
            self.script = subprocess.run(["redis-cli", "-p", str(self.port), "-x", "SCRIPT", "LOAD"], check=True,
                                         input=ledger.read() + hold.read(), capture_output=True, text=True).stdout.strip()

    def stop(self):
        systems.end(self.process)
        shutil.rmtree(self.dir)

    def limit(self, threads, accounts, seconds):
        self.turn += 1
        key = f"postern:{{quota-recipients:bench-{self.turn}}}"
        return dict(
            same=self.benchmark(threads, seconds, "EVALSHA", self.script, "3", key, key + ":units", key + ":leases", "0",
                                str(1 << 42), str(1 << 50), "3600000", "0b9a2d2e-6d5c-4f6e-9d0c-__rand_int__", "1"),
            least=self.benchmark(threads, seconds, "SET", "bench-__rand_int__", "1"))

    def benchmark(self, threads, seconds, *command):
        rate = 2000  # a first guess, to find out how many requests take so many seconds
        for part in (0.1, 1):
            done = subprocess.run(
                ["redis-benchmark", "-p", str(self.port), "-c", str(threads), "-n", str(max(100, int(rate * seconds * part))),
                 "-r", "1000000000", "--csv", *command], check=True, capture_output=True, text=True)
            if "rror" in done.stdout + done.stderr:
                sys.exit("redis-benchmark failed: " + done.stdout + done.stderr)
            rate = float(done.stdout.splitlines()[-1].split(",")[1].strip('"'))
        return rate


def engines():
    return {"postgresql": Postgres(), "redis": Redis("--appendonly", "no"),
            "redis-aof": Redis("--appendonly", "yes", "--appendfsync", "always")}


class Reserving:
    """Our side: one JVM for all rounds, so that it is warm when it matters."""

    def __init__(self, java):
        self.command = [java, "-jar", needed(systems.BENCHMARKS_JAR, "mvn package -DskipTests"), "-"]

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self):
        self.process.stdin.close()
        systems.end(self.process)
        self.process.stdout.close()

    def rate(self, address, threads, accounts, seconds):
        self.process.stdin.write(
            f"reservations --store={address} --threads={threads} --accounts={accounts} --seconds={seconds}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("the reservations failed; the reason is above")
        return json.loads(answer)["rate"]


def reservations(running, ours, args):
    results = []
    for engine, threads, accounts, target in CASES:
        server = running[engine]
        ours.rate(server.address, threads, accounts, args.seconds)  # warms up
        rounds = []
        for _ in range(args.rounds):
            rounds.append(dict(server.limit(threads, accounts, args.seconds),
                               ours=ours.rate(server.address, threads, accounts, args.seconds)))
        median = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
        ratio = median["ours"] / median["same"]
        results.append(dict(engine=TITLES[engine], threads=threads, accounts=accounts, target=target, ratio=ratio,
                            met=ratio >= target, medians=median, rounds=rounds))
        print(f"{TITLES[engine]}, {threads} threads, {accounts} accounts: {median['ours']:.0f}/s of {median['same']:.0f}/s"
              f" ({ratio:.0%}, target {target:.0%}); the engine's least {median['least']:.0f}/s")
        sys.stdout.flush()
    return results


def messages(running, args):
    results = []
    with contextlib.ExitStack() as stack:
        def started(process):
            process.start()
            stack.callback(process.stop)
            return process

        client, sink = started(Generator(args.java)), started(systems.JavaSink(args.java))
        relays = {}
        for name in ("process", "postgresql", "redis", "redis-aof"):
            store = ["--store", running[name].address] if name in running else []
            relays[name] = started(systems.Announced(
                [args.java, "-Xmx512m", "-jar", systems.BENCHMARKS_JAR, "relay", "--upstream", str(sink.port), "--user", USER,
                 "--secret", SECRET, *store]))
        for name, one in MESSAGES.items():
            one = dict(one, secret=SECRET)
            rounds = {relay: [] for relay in relays}
            for relay in relays.values():
                loads.measure(client, one, one["messages"], relay, sink)
            for _ in range(args.rounds):
                for relay in relays:
                    rounds[relay].append(loads.measure(client, one, one["messages"], relays[relay], sink))
            for relay, those in rounds.items():
                median = {metric: statistics.median(a[metric] for a in those) for metric in those[0]}
                results.append(dict(load=one["title"], store=TITLES[relay], medians=median, rounds=those))
                print(f"{one['title']}, {TITLES[relay]}: {median['rate']:.0f} messages/s, {median['cpu_ms']:.3f} ms CPU,"
                      f" p50 {median['p50_ms']:.2f} ms")
                sys.stdout.flush()
    return results


def save(file, result):
    """Writes results, beside those of the other part that was measured in the same setting."""
    if os.path.exists(file):
        with open(file) as f:
            before = json.load(f)
        if all(before.get(name) == result[name] for name in ("date", "machine", "java")):
            result = dict(before, **result)
    with open(file, "w") as f:
        json.dump(result, f, indent=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement of reservations [%(default)s]")
    parser.add_argument("--parts", default="reservations,messages", help="[%(default)s]")
    parser.add_argument("--java-home", help="JDK that runs everything [java of PATH]")
    parser.add_argument("--json", metavar="FILE", help="write results and rounds here")
    args = parser.parse_args()
    args.java = os.path.join(args.java_home, "bin", "java") if args.java_home else "java"
    host, java = loads.machine(), loads.java_version(args.java)
    print(f"{time.strftime('%Y-%m-%d')}, {host['cpus']} CPUs ({host['model']}), {host['memory_gb']} GB, {java}")
    result = dict(date=time.strftime("%Y-%m-%d"), machine=host, java=java)
    with contextlib.ExitStack() as stack:
        running = engines()
        for server in running.values():
            server.start()
            stack.callback(server.stop)
        if "reservations" in args.parts.split(","):
            ours = Reserving(args.java)
            ours.start()
            stack.callback(ours.stop)
            result["reservations"] = reservations(running, ours, args)
        if "messages" in args.parts.split(","):
            result["messages"] = messages(running, args)
    if args.json:
        save(args.json, result)


if __name__ == "__main__":
    main()
