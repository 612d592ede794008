#!/usr/bin/env python3
"""Kills relays with a spool at random and counts what arrives: what was answered 250 is there, and nothing twice but what is marked.

    mvn -q package -DskipTests -pl examples/quickstart -am
    benchmarks/spool_kill.py --messages 100000 --seconds 3600                  # SQLite, one process
    benchmarks/spool_kill.py --messages 100000 --seconds 3600 --postgresql     # PostgreSQL, two processes

Senders go on until both are reached. A message says no more than a token; the upstream is in this process, writes down each token that
it answers by 250, and defers one message in fifty. Needs Python 3.9, and with --postgresql the programs of a PostgreSQL server.
"""
import argparse, asyncio, collections, glob, json, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time

JAR = os.path.join(os.path.dirname(__file__), "..", "examples", "quickstart", "target", "postern-quickstart.jar")
TOKEN = re.compile(rb"X-Token: ([0-9a-z-]+)")
MARK = re.compile(r"Message (\w+) may arrive twice")


class Upstream:
    """Answers, and remembers what it has taken."""

    def __init__(self, rng):
        self.arrived = collections.Counter()
        self.rng = rng
        self.port = 0

    def start(self):
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True).start()
        ready.wait()

    async def serve(self, ready):
        server = await asyncio.start_server(self.session, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def session(self, reader, writer):
        try:
            writer.write(b"220 sink.test\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    writer.write(b"250-sink.test\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await writer.drain()
                    content = await reader.readuntil(b"\r\n.\r\n")
                    if self.rng.random() < 0.02:
                        writer.write(b"451 not now\r\n")
                    else:
                        self.arrived[TOKEN.search(content).group(1).decode()] += 1
                        writer.write(b"250 taken\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    writer.write(b"250 fine\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # its relay was killed
        finally:
            writer.close()


class Relay:
    def __init__(self, number, jar, spool, upstream, directory):
        self.log = os.path.join(directory, f"relay-{number}.log")
        self.command = [
            "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-jar", jar, "--listen", "127.0.0.1:0",
            "--trust", "127.0.0.0/8=demo@example.org", "--upstream", f"smtp://127.0.0.1:{upstream.port}",
            "--spool", spool, "--spool-retry", "1s,2s", "--spool-give-up", "24h",
            "--limit", "messages=0", "--limit", "sessions-user=0", "--limit", "sessions-account=0", "--limit", "sessions-ip=0",
            "--limit", "quota=none", "--limit", "lifetime=0"]
        self.port = None
        self.kills = 0
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=open(self.log, "a"), text=True)
        for line in self.process.stdout:
            if found := re.match(r"postern: listening on .*:(\d+) ", line):
                self.port = int(found.group(1))
                return
        sys.exit(f"the relay did not start: see {self.log}")

    def kill(self):
        self.port = None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.kills += 1


class Sender(threading.Thread):
    """Sends one message after the other, each on the connection that there is, until told to end."""

    def __init__(self, number, relays, pace):
        super().__init__(daemon=True)
        self.number, self.relays, self.pace = number, relays, pace
        self.accepted = {}  # token: the spool's id
        self.tried = 0
        self.over = False

    def run(self):
        while not self.over:
            relay = random.choice(self.relays)
            port = relay.port
            if port is None:
                time.sleep(0.05)
                continue
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                    self.session(connection.makefile("rb"), connection)
            except OSError:
                pass  # it was killed; whether it has the message is not known

    def session(self, answers, connection):
        self.reply(answers)
        connection.sendall(b"EHLO sender.test\r\n")
        self.reply(answers)
        while not self.over:
            token = f"{self.number}-{self.tried}"
            self.tried += 1
            connection.sendall(b"MAIL FROM:<demo@example.org>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n")
            if not [self.reply(answers) for _ in range(3)][-1].startswith("354 "):  # the spool is full
                connection.sendall(b"RSET\r\n")
                self.reply(answers)
                time.sleep(0.5)
                continue
            connection.sendall(
                b"From: demo@example.org\r\nX-Token: %s\r\n\r\n%s\r\n.\r\n" % (token.encode(), b"x" * random.randint(1, 60)))
            last = self.reply(answers)
            if last.startswith("250 "):
                self.accepted[token] = last.split()[-1]
            if self.pace:
                time.sleep(self.pace)

    @staticmethod
    def reply(answers):
        while True:
            line = answers.readline().decode()
            if not line:
                raise ConnectionError("closed")
            if line[3:4] == " ":
                return line


class Postgresql:
    """A server of its own, as the user postgres when this is root's."""

    def __init__(self, directory):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.data = os.path.join(directory, "data")
        self.user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if self.user:
            os.chmod(directory, 0o755)
            os.mkdir(self.data)
            shutil.chown(self.data, "postgres")
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.data, "log"), "-o",
                 f"-p {self.port} -k {self.data} -c listen_addresses=127.0.0.1", "start")

    def run(self, program, *arguments):
        subprocess.run([*self.user, os.path.join(self.bin, program), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def url(self):
        return f"jdbc:postgresql://127.0.0.1:{self.port}/postgres?user=postgres"

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")


def judge(senders, relays, upstream):
    accepted = {token: spooled for sender in senders for token, spooled in sender.accepted.items()}
    marks = [mark for relay in relays for mark in MARK.findall(open(relay.log).read())]
    lost = [token for token in accepted if upstream.arrived[token] == 0]
    again = {token: count - 1 for token, count in upstream.arrived.items() if count > 1}
    marked = collections.Counter(marks)
    # of a message whose client heard nothing the id is not known, so those are counted
    unmarked = [token for token, count in again.items() if token in accepted and marked[accepted[token]] < count]
    for token in (*lost, *unmarked):
        print(f"{token}, the spool's {accepted[token]}: came {upstream.arrived[token]} times, {marked[accepted[token]]} marks", file=sys.stderr)
    return {
        "accepted": len(accepted), "tried": sum(sender.tried for sender in senders),
        "arrived": len(upstream.arrived), "kills": sum(relay.kills for relay in relays),
        "lost": len(lost), "arrived again": sum(again.values()), "marked": len(marks), "again and not marked": len(unmarked),
        "right": not lost and not unmarked and sum(again.values()) <= len(marks)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--pace", type=float, default=0, help="seconds between a sender's messages")
    parser.add_argument("--pause", type=float, default=4, help="seconds between kills, on average")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--jar", default=JAR)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    random.seed(options.seed)
    directory = tempfile.mkdtemp(prefix="postern-spool-")
    server = Postgresql(directory) if options.postgresql else None
    upstream = Upstream(rng)
    upstream.start()
    spool = server.url() if server else os.path.join(directory, "spool")
    relays = [Relay(i, options.jar, spool, upstream, directory) for i in range(2 if server else 1)]
    for relay in relays:
        relay.start()
    senders = [Sender(i, relays, options.pace) for i in range(options.senders)]
    begun = time.monotonic()
    for sender in senders:
        sender.start()
    while time.monotonic() - begun < options.seconds or sum(len(s.accepted) for s in senders) < options.messages:
        time.sleep(rng.uniform(0.2, 2 * options.pause - 0.2))
        relay = rng.choice(relays)
        relay.kill()
        time.sleep(rng.uniform(0, 1))
        relay.start()
    for sender in senders:
        sender.over = True
    for sender in senders:
        sender.join()
    sent = time.monotonic() - begun
    # what a killed node was sending returns after a lease of 30 s; all else within seconds
    quiet = time.monotonic()
    before = -1
    while time.monotonic() - quiet < 45:
        count = sum(upstream.arrived.values())
        if count != before:
            before, quiet = count, time.monotonic()
        time.sleep(0.5)
    result = {"engine": "postgresql" if server else "sqlite", "seed": options.seed, "seconds": round(sent),
              **judge(senders, relays, upstream)}
    for relay in relays:
        relay.kill()
    if server:
        server.stop()
    print(json.dumps(result))
    if result["right"]:
        shutil.rmtree(directory)
    else:
        print(f"see {directory}", file=sys.stderr)
    return 0 if result["right"] else 1


if __name__ == "__main__":
    sys.exit(main())
