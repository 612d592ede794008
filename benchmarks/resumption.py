#!/usr/bin/env python3
"""What a resumed TLS session spares: CPU of the relay and time of a connection, beside those of a whole handshake.

  resumption.py [--sessions 2000] [--rounds 5] [--java JAVA] [--json FILE]

Needs the quickstart's jar (mvn package -DskipTests), Python's ssl and openssl. One client connects by implicit TLS, says EHLO and
QUIT, and does so again: with a whole handshake each time, or resuming what the connection before has left it, in turn, by TLS 1.2 and
1.3. Each way has its warm-up; a round that is not resumed although it should be ends the run.
"""
import argparse, json, socket, ssl, statistics, sys, time
from systems import JAR, Keys, Relay, SmtpSink, cpu

VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


def context(keys, version):
    made = ssl.create_default_context(cafile=keys.certificate)
    made.minimum_version = made.maximum_version = VERSIONS[version]
    return made


def reply(stream):
    while True:
        line = stream.readline()
        if not line:
            sys.exit("the relay has closed the connection")
        if line[3:4] == b" ":
            return line


def connection(port, tls, session):
    """Greeting, EHLO, QUIT; returns what a later connection resumes, and whether this one did."""
    with socket.create_connection(("127.0.0.1", port)) as plain:
        with tls.wrap_socket(plain, server_hostname="localhost", session=session) as secure:
            stream = secure.makefile("rb")
            reply(stream)
            secure.sendall(b"EHLO client.example\r\n")
            reply(stream)
            secure.sendall(b"QUIT\r\n")
            reply(stream)
            return secure.session, secure.session_reused


def run(relay, tls, sessions, resumes):
    """Seconds and CPU seconds of a connection."""
    session, _ = connection(relay.port, tls, None) if resumes else (None, False)
    begun, used = time.monotonic(), cpu(relay.pid)
    for _ in range(sessions):
        left, resumed = connection(relay.port, tls, session)
        if resumed != resumes:
            sys.exit(f"resumed: {resumed}, wanted: {resumes}")
        session = left if resumes else None
    return (time.monotonic() - begun) / sessions, (cpu(relay.pid) - used) / sessions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--java", default="java")
    parser.add_argument("--jar", default=JAR)
    parser.add_argument("--json", help="writes the figures there")
    args = parser.parse_args()
    keys, sink = Keys(args.java), SmtpSink()
    sink.start()
    relay = Relay(sink.port, java=args.java, jar=args.jar, jvm=["-Xmx512m"], keys=keys)
    relay.start()
    taken = {(version, resumes): [] for version in VERSIONS for resumes in (False, True)}
    try:
        for turn in range(1 + args.rounds):
            for (version, resumes), figures in taken.items():
                figure = run(relay, context(keys, version), args.sessions, resumes)
                if turn:  # the first one warms up
                    figures.append(figure)
    finally:
        relay.stop()
        sink.stop()
        keys.remove()
    result = {}
    for version in VERSIONS:
        for resumes in (False, True):
            took, used = (statistics.median(column) * 1000 for column in zip(*taken[version, resumes]))
            result[f"{version}, {'resumed' if resumes else 'whole'}"] = {"ms": round(took, 3), "cpu ms": round(used, 3)}
            print(f"{version} {'resumed' if resumes else 'whole':7}: {took:.2f} ms a connection, {used:.2f} ms of the relay's CPU")
        whole, resumed = (result[f"{version}, {kind}"]["cpu ms"] for kind in ("whole", "resumed"))
        print(f"{version}: resuming takes {resumed / whole:.2f} of the CPU")
    if args.json:
        with open(args.json, "w") as file:
            json.dump(result, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
