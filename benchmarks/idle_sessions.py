#!/usr/bin/env python3
"""Many idle sessions: memory and mail of a relay that holds them, of which some send now and then, and a flood of connections
beyond its limit.

  idle_sessions.py [--sessions 10000] [--flood 5000] [--java JAVA] [--jvm -Xmx512m]... [--jar JAR]

Needs the quickstart's jar (mvn package), Debian's `postfix` (smtp-source, smtp-sink) and as many open files as sessions
(ulimit -n). Everything is on loopback, on free ports. Clients use addresses of 127.0.0.0/8, for one address has no more
than some 28,000 ports. Prints resident memory, the live heap of a session (by the JDK's jcmd), messages a second, how long
it takes to list the sessions meanwhile (GET /sessions, where the jar has --management), and how many of the flood were
answered.
"""
import argparse, asyncio, base64, json, os, socket, statistics, subprocess, sys, time, urllib.request
from systems import DOMAIN, JAR, SECRET, USER, Relay, SmtpSink

LOGIN = base64.b64encode(f"\0{USER}\0{SECRET}".encode()).decode()
BUSY = b"421 4.3.2 Too many connections, try again later\r\n"


def resident_mb(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024


def live_heap(java, pid):
    """Octets of the objects that are still referred to."""
    jcmd = os.path.join(os.path.dirname(java), "jcmd") if os.path.dirname(java) else "jcmd"
    histogram = subprocess.run([jcmd, str(pid), "GC.class_histogram"], check=True, capture_output=True, text=True).stdout
    return int(next(line for line in histogram.splitlines() if line.startswith("Total")).split()[2])


class Listing:
    """Lists the sessions again and again, by HTTP."""

    def __init__(self, management):
        self.management = management
        self.took = {1: [], 10000: []}
        self.counts = set()

    def once(self):
        """All are looked at and sorted each time; of how many something is written, the limit says."""
        for limit, took in self.took.items():
            begun = time.perf_counter()
            with urllib.request.urlopen(f"{self.management}/sessions?limit={limit}") as answer:
                text = answer.read()
            took.append(1000 * (time.perf_counter() - begun))
            self.counts.add(json.loads(text)["count"])

    async def until(self, end):
        while not end.is_set():
            await asyncio.to_thread(self.once)

    def __str__(self):
        figures = ", ".join(f"{statistics.median(took):.0f} ms ({max(took):.0f} at most) for {limit} of them written"
                            for limit, took in self.took.items())
        return (f"listed {len(self.took[1])} times meanwhile, {min(self.counts)} to {max(self.counts)} sessions: medians {figures}")


async def log_in(relay, number, gate):
    async with gate:
        local = f"127.0.{1 + number // 5000}.{1 + number % 250}"
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port, local_addr=(local, 0))
        assert (await reader.readline()).startswith(b"220")
        writer.write(b"EHLO client.example\r\n")
        while (await reader.readline())[3:4] != b" ":
            pass
        writer.write(f"AUTH PLAIN {LOGIN}\r\n".encode())
        assert (await reader.readline()).startswith(b"235")
        return reader, writer


async def send_now_and_then(held, seconds):
    """One of them after the other sends a short message, some twenty a second; returns how many."""
    end, sent = time.time() + seconds, 0
    while time.time() < end:
        reader, writer = held[sent * 37 % len(held)]
        for command in (f"MAIL FROM:<{USER}>", "RCPT TO:<bob@example.net>", "DATA", f"From: {USER}\r\n\r\nA line.\r\n."):
            writer.write(f"{command}\r\n".encode())
            reply = await reader.readline()
            assert reply[:1] in b"23", reply
        sent += 1
        await asyncio.sleep(0.05)
    return sent


async def idle(relay, sessions, java):
    gate = asyncio.Semaphore(200)
    heap, before = live_heap(java, relay.pid), resident_mb(relay.pid)
    held = await asyncio.gather(*[log_in(relay, i, gate) for i in range(sessions)])
    print(f"{len(held)} idle authenticated sessions: {resident_mb(relay.pid):.0f} MB resident ({before:.0f} MB before)")
    print(f"{await send_now_and_then(held, 60)} messages of some of them in a minute: {resident_mb(relay.pid):.0f} MB resident")
    print(f"{(live_heap(java, relay.pid) - heap) / len(held):.0f} octets of live heap each")
    listing, end = Listing(relay.management) if relay.management else None, asyncio.Event()
    listings = asyncio.create_task(listing.until(end)) if listing else None
    messages, begun = 5000, time.time()
    source = await asyncio.create_subprocess_exec(
        "smtp-source", "-f", USER, "-M", DOMAIN, "-t", "bob@example.net", "-m", str(messages),
        "-s", "20", "-l", "4096", "-d", f"127.0.0.1:{relay.port}")
    if await source.wait():
        sys.exit("smtp-source failed")
    print(f"{messages / (time.time() - begun):.0f} messages/s for others meanwhile, {resident_mb(relay.pid):.0f} MB resident")
    if listing:
        end.set()
        await listings
        print(listing)
    for _, writer in held:
        writer.write(b"NOOP\r\n")
    alive = [await reader.readline() for reader, _ in held]
    print(f"{sum(line.startswith(b'250') for line in alive)} of them alive at the end")


def flood(relay, limit, size):
    held = [socket.create_connection(("127.0.0.1", relay.port)) for _ in range(limit)]
    assert all(s.recv(200).startswith(b"220") for s in held)
    begun = time.time()
    beyond = [socket.create_connection(("127.0.0.1", relay.port), timeout=30) for _ in range(size)]
    answered = 0
    for s in beyond:
        with s, s.makefile("rb") as stream:
            answered += stream.read() == BUSY
    print(f"{answered} of {size} connections beyond the limit answered and closed in {time.time() - begun:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--flood", type=int, default=5000)
    parser.add_argument("--java", default="java")
    parser.add_argument("--jar", default=JAR, help="the quickstart's jar [of this tree]")
    parser.add_argument("--jvm", action="append", default=None, help="an option for the JVM, repeatable [-Xmx512m]")
    args = parser.parse_args()
    args.jvm = args.jvm or ["-Xmx512m"]
    help_text = subprocess.run([args.java, "-jar", args.jar, "--help"], check=True, capture_output=True, text=True).stdout
    managed = ["--management", "127.0.0.1:0"] if "--management" in help_text else []
    sink = SmtpSink()
    sink.start()
    try:
        for connections, run in (
                (args.sessions + 1000, lambda relay: asyncio.run(idle(relay, args.sessions, args.java))),
                (1000, lambda relay: flood(relay, 1000, args.flood))):
            relay = Relay(sink.port, java=args.java, jar=args.jar, jvm=args.jvm, connections=connections, more=managed)
            relay.start()
            relay.management = relay.process.stdout.readline().split()[-1] if managed else None
            try:
                run(relay)
            finally:
                relay.stop()
    finally:
        sink.stop()


if __name__ == "__main__":
    main()
