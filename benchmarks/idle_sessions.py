#!/usr/bin/env python3
"""Many idle sessions: memory and mail of a relay that holds them, and a flood of connections beyond its limit.

  idle_sessions.py [--sessions 10000] [--flood 5000] [--java JAVA] [--jvm -Xmx512m]...

Needs the quickstart's jar (mvn package), Debian's `postfix` (smtp-source, smtp-sink) and as many open files as sessions
(ulimit -n). Everything is on loopback, on free ports. Clients use addresses of 127.0.0.0/8, for one address has no more
than some 28,000 ports. Prints resident memory, messages a second, and how many of the flood were answered.
"""
import argparse, asyncio, base64, socket, sys, time
from systems import DOMAIN, SECRET, USER, Relay, SmtpSink

LOGIN = base64.b64encode(f"\0{USER}\0{SECRET}".encode()).decode()
BUSY = b"421 4.3.2 Too many connections, try again later\r\n"


def resident_mb(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024


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


async def idle(relay, sessions):
    gate = asyncio.Semaphore(200)
    before = resident_mb(relay.pid)
    held = await asyncio.gather(*[log_in(relay, i, gate) for i in range(sessions)])
    print(f"{len(held)} idle authenticated sessions: {resident_mb(relay.pid):.0f} MB resident ({before:.0f} MB before)")
    messages, begun = 5000, time.time()
    source = await asyncio.create_subprocess_exec(
        "smtp-source", "-f", USER, "-M", DOMAIN, "-t", "bob@example.net", "-m", str(messages),
        "-s", "20", "-l", "4096", "-d", f"127.0.0.1:{relay.port}")
    if await source.wait():
        sys.exit("smtp-source failed")
    print(f"{messages / (time.time() - begun):.0f} messages/s for others meanwhile, {resident_mb(relay.pid):.0f} MB resident")
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
    parser.add_argument("--jvm", action="append", default=None, help="an option for the JVM, repeatable [-Xmx512m]")
    args = parser.parse_args()
    args.jvm = args.jvm or ["-Xmx512m"]
    sink = SmtpSink()
    sink.start()
    try:
        for connections, run in (
                (args.sessions + 1000, lambda relay: asyncio.run(idle(relay, args.sessions))),
                (1000, lambda relay: flood(relay, 1000, args.flood))):
            relay = Relay(sink.port, java=args.java, jvm=args.jvm, connections=connections)
            relay.start()
            try:
                run(relay)
            finally:
                relay.stop()
    finally:
        sink.stop()


if __name__ == "__main__":
    main()
