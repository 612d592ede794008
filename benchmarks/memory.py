#!/usr/bin/env python3
"""What a relay holds at most, in its heap and beside it, while clients make it hold as much as they can.

  memory.py [--loads stopped,slow,idle,handshakes,tls] [--java-home JDK] [--heap 256m] [--scale 1] [--jar JAR]

Needs the quickstart's jar (mvn package), Debian's `postfix` (smtp-sink) and `openssl`, and some 12,000 open files (ulimit -n).
Everything is on loopback, on free ports. For each load a relay is started, the clients come, and all of them stay as they are;
printed are the highest resident memory, how far it is above the heap's limit, and what the JVM says of its native memory.
"""
import argparse, asyncio, os, re, ssl, subprocess, sys
from idle_sessions import live_heap
from systems import DOMAIN, JAR, USER, Keys, Relay, SmtpSink

LINE = b"x" * 76 + b"\r\n"
TARGET_MB = 150  # above the heap's limit
ANY_SERVER = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ANY_SERVER.check_hostname, ANY_SERVER.verify_mode = False, ssl.CERT_NONE


class Highest:
    """Looks at the resident memory again and again."""

    def __init__(self, pid):
        self.pid, self.mb = pid, 0

    def look(self):
        with open(f"/proc/{self.pid}/status") as status:
            self.mb = max(self.mb, *(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:")))

    async def run(self):
        while True:
            self.look()
            await asyncio.sleep(0.2)


async def connect(port, number):
    """From several addresses, for each has some 28,000 ports."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.{1 + number // 5000}.1", 0))


async def say(client, line, expected):
    reader, writer = client
    writer.write(line.encode() + b"\r\n")
    while True:
        reply = await reader.readline()
        if reply[3:4] != b"-":
            break
    if not reply.startswith(expected):
        raise RuntimeError(f"{line}: {reply}")


async def in_content(port, number):
    client = await connect(port, number)
    await client[0].readline()
    await say(client, "EHLO client.example", b"250")
    await say(client, f"MAIL FROM:<{USER}>", b"250")
    await say(client, f"RCPT TO:<bob@{DOMAIN}>", b"250")
    await say(client, "DATA", b"354")
    client[1].write(f"From: {USER}\r\nSubject: load\r\n\r\n".encode())
    await client[1].drain()
    return client


async def stopped(port, number):
    """Sends 1 MiB of content and stops."""
    client = await in_content(port, number)
    for _ in range(1 << 4):
        client[1].write(LINE * (65536 // len(LINE)))
        await client[1].drain()
    return client


async def slow(port, number):
    """Sends a line of content now and then."""
    client = await in_content(port, number)

    async def drip():
        while True:
            client[1].write(LINE)
            await asyncio.sleep(1)
    return client, asyncio.create_task(drip())


async def idle(port, number):
    client = await connect(port, number)
    await client[0].readline()
    await say(client, "EHLO client.example", b"250")
    return client


async def handshake(port, number):
    """Begins a TLS handshake and does not go on: a ClientHello in part."""
    reader, writer = await connect(port, number)
    writer.write(bytes.fromhex("160301020001 0001fc0303".replace(" ", "")) + os.urandom(32))
    await writer.drain()
    return reader, writer


async def secure(port, number):
    """Shakes hands and is idle."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=ANY_SERVER, ssl_handshake_timeout=120,
                                                   local_addr=(f"127.0.{1 + number // 5000}.1", 0))
    await reader.readline()
    await say((reader, writer), "EHLO client.example", b"250")
    return reader, writer


LOADS = {
    "stopped": dict(title="2,000 clients stopped in 1 MiB of content", clients=2000, client=stopped),
    "slow": dict(title="5,000 clients that send content slowly", clients=5000, client=slow),
    "idle": dict(title="10,000 idle sessions", clients=10000, client=idle),
    "handshakes": dict(title="5,000 TLS handshakes begun", clients=5000, client=handshake, tls=True),
    "tls": dict(title="5,000 idle sessions with TLS", clients=5000, client=secure, tls=True)}


async def come(load, relay, clients, highest, live):
    gate = asyncio.Semaphore(100)

    async def one(number):
        async with gate:
            return await load["client"](relay.port, number)
    looking = asyncio.create_task(highest.run())
    held = await asyncio.gather(*[one(number) for number in range(clients)])
    await asyncio.sleep(10)
    looking.cancel()
    return held, live() / clients


def native(java, pid):
    """Committed octets by kind, of the JVM's own accounting."""
    text = subprocess.run([os.path.join(os.path.dirname(java), "jcmd"), str(pid), "VM.native_memory", "summary", "scale=MB"],
                          check=True, capture_output=True, text=True).stdout
    return {kind.strip(): int(mb) for kind, mb in re.findall(r"-\s+(.+?) \(reserved=\d+MB, committed=(\d+)MB", text)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", default=",".join(LOADS))
    parser.add_argument("--java-home", required=True)
    parser.add_argument("--heap", default="256m")
    parser.add_argument("--jvm", action="append", default=[], help="a further option for the JVM, repeatable")
    parser.add_argument("--scale", type=float, default=1, help="times the clients of each load [1]")
    parser.add_argument("--jar", default=JAR)
    args = parser.parse_args()
    java = os.path.join(args.java_home, "bin", "java")
    heap_mb = int(args.heap.rstrip("m"))
    missed = False
    for name in args.loads.split(","):
        load, keys = LOADS[name], None
        clients = int(load["clients"] * args.scale)
        sink = SmtpSink()
        sink.start()
        if load.get("tls"):
            keys = Keys(java)
        relay = Relay(sink.port, java=java, jar=args.jar, keys=keys, connections=clients + 100,
                      jvm=[f"-Xmx{args.heap}", "-XX:NativeMemoryTracking=summary", *args.jvm])
        relay.start()
        try:
            before = live_heap(java, relay.pid)
            highest = Highest(relay.pid)
            held, of_each = asyncio.run(come(load, relay, clients, highest, lambda: live_heap(java, relay.pid) - before))
            above = highest.mb - heap_mb
            missed |= above > TARGET_MB
            print(f"{load['title'] if args.scale == 1 else str(clients) + ' ' + name}: {highest.mb:.0f} MB resident,"
                  f" {above:+.0f} MB beside the heap of {heap_mb} ({'met' if above <= TARGET_MB else 'MISSED'})")
            print(f"  live heap of each: {of_each:.0f} octets")
            kinds = native(java, relay.pid)
            print("  committed, MB: " + ", ".join(f"{kind} {mb}" for kind, mb in kinds.items() if mb), flush=True)
        finally:
            relay.stop()
            sink.stop()
            if keys:
                keys.remove()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
