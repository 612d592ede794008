#!/usr/bin/env python3
"""What open consoles cost a relay: its CPU time with none, one and fifty of them, in turn.

  consoles.py [--consoles 0,1,50] [--sessions 200] [--messages 10000] [--rounds 5] [--java JAVA] [--jvm -Xmx512m]... [--jar JAR]

Needs the quickstart's jar (mvn package) and Debian's `postfix` (smtp-source, smtp-sink). Everything is on loopback, on free
ports. A console is what a browser keeps open, a stream of events; here it is read and thrown away. Sessions are held, logged
in, so that an event has as many as it shows. Prints CPU time of the relay's process, the least of the rounds: in a second
without mail, and for each message under load.
"""
import argparse, asyncio, os, sys, time, urllib.parse
from idle_sessions import log_in
from systems import DOMAIN, JAR, USER, Relay, SmtpSink

QUIET_SECONDS = 5


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def open_console(address, octets):
    """Reads events, and counts what they have; the first one has come when this returns."""
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"GET /console/events HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
    status = await reader.readline()
    if b" 200 " not in status:
        sys.exit(f"no stream of events: {status.decode().strip()}")
    while not (await reader.readline()).startswith(b"data: "):
        pass

    async def read_on():
        while chunk := await reader.read(1 << 20):
            octets.append(len(chunk))

    return asyncio.create_task(read_on()), writer


async def send(relay, messages):
    source = await asyncio.create_subprocess_exec(
        "smtp-source", "-f", USER, "-M", DOMAIN, "-t", "bob@example.net", "-m", str(messages),
        "-s", "20", "-l", "4096", "-d", f"127.0.0.1:{relay.port}")
    if await source.wait():
        sys.exit("smtp-source failed")


async def measure(relay, address, consoles, messages):
    octets = []
    opened = [await open_console(address, octets) for _ in range(consoles)]
    octets.clear()
    begun, before = time.perf_counter(), cpu_seconds(relay.pid)
    await asyncio.sleep(QUIET_SECONDS)
    quiet = (cpu_seconds(relay.pid) - before) / (time.perf_counter() - begun)
    sent = sum(octets) / QUIET_SECONDS
    begun, before = time.perf_counter(), cpu_seconds(relay.pid)
    await send(relay, messages)
    took = time.perf_counter() - begun
    busy = (cpu_seconds(relay.pid) - before) / messages
    for task, writer in opened:
        task.cancel()
        writer.close()
    await asyncio.sleep(2)  # the relay notices at its next event
    return 1000 * quiet, 1000 * busy, messages / took, sent


async def run(relay, args):
    address = urllib.parse.urlsplit(relay.management)
    gate = asyncio.Semaphore(50)
    held = await asyncio.gather(*[log_in(relay, i, gate) for i in range(args.sessions)])
    await send(relay, 2 * args.messages)  # warm up
    figures = {consoles: [] for consoles in args.consoles}
    for _ in range(args.rounds):
        for consoles in args.consoles:
            figures[consoles].append(await measure(relay, address, consoles, args.messages))
    print(f"{len(held)} sessions; the least of {args.rounds} rounds:")
    for consoles, rounds in figures.items():
        quiet, busy, rate, sent = [pick(column) for pick, column in zip((min, min, max, max), zip(*rounds))]
        print(f"{consoles:3} consoles: {quiet:.0f} ms CPU a second without mail, {sent / 1024:.0f} KiB a second; "
              f"{busy:.3f} ms CPU a message, {rate:.0f} messages/s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=lambda text: [int(each) for each in text.split(",")], default=[0, 1, 50])
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--messages", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--java", default="java")
    parser.add_argument("--jar", default=JAR, help="the quickstart's jar [of this tree]")
    parser.add_argument("--jvm", action="append", default=None, help="an option for the JVM, repeatable [-Xmx512m]")
    args = parser.parse_args()
    sink = SmtpSink()
    sink.start()
    try:
        relay = Relay(sink.port, java=args.java, jar=args.jar, jvm=args.jvm or ["-Xmx512m"], connections=args.sessions + 1000,
                      more=["--management", "127.0.0.1:0"])
        relay.start()
        relay.management = relay.process.stdout.readline().split()[-1]
        try:
            asyncio.run(run(relay, args))
        finally:
            relay.stop()
    finally:
        sink.stop()


if __name__ == "__main__":
    main()
