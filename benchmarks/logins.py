#!/usr/bin/env python3
"""How long users wait for their login while others guess passwords, and how many processors the guesses take.

Needs the quickstart's jar (mvn package -DskipTests). The relay has a file of users with Argon2id hashes. Users log in with the
right password, from an address each; guesses come from many others, each of which stays below what blocks an address. First
the users are alone, then the guesses run beside them. A user has logged in once before: so the relay knows user and address.
"""
import argparse, base64, os, re, socket, statistics, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
JAR = os.path.join(HERE, "..", "examples", "quickstart", "target", "postern-quickstart.jar")
TICKS = os.sysconf("SC_CLK_TCK")
GUESSES_AN_ADDRESS = 8  # the relay blocks one after 10


class Client:
    def __init__(self, port, address):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(address, 0))
        self.file = self.socket.makefile("rb")
        self.reply()
        self.say("EHLO client.example")

    def reply(self):
        while True:
            line = self.file.readline()
            if not line:
                raise OSError("closed")
            if line[3:4] != b"-":
                return line.decode().rstrip()

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def login(self, user, password):
        return self.say("AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode())

    def close(self):
        self.file.close()
        self.socket.close()


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def user_logs_in(port, number, until, times, refused):
    while time.monotonic() < until:
        client = Client(port, f"127.0.1.{number + 1}")
        begun = time.monotonic()
        reply = client.login(f"user{number}@example.org", f"password{number}")
        took = time.monotonic() - begun
        (times if reply.startswith("235") else refused).append(took if reply.startswith("235") else reply)
        client.close()
        time.sleep(0.1)


def guess(port, number, until, counts):
    turn = 0
    while time.monotonic() < until:
        address = f"127.{10 + number}.{turn // 250 % 250}.{turn % 250 + 1}"
        turn += 1
        try:
            client = Client(port, address)
            for i in range(GUESSES_AN_ADDRESS):
                name = f"user{i}@example.org" if i % 2 else f"nobody{turn}@example.org"
                code = client.login(name, f"guess{turn}")[:3]
                counts[code] = counts.get(code, 0) + 1
                if time.monotonic() >= until:
                    break
            client.close()
        except OSError:
            counts["lost"] = counts.get("lost", 0) + 1


def phase(relay, port, users, guessers, seconds):
    times, refused, counts = [], [], {}
    until = time.monotonic() + seconds
    before, begun = cpu(relay.pid), time.monotonic()
    threads = [threading.Thread(target=user_logs_in, args=(port, i, until, times, refused)) for i in range(users)]
    threads += [threading.Thread(target=guess, args=(port, i, until, counts)) for i in range(guessers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    processors = (cpu(relay.pid) - before) / (time.monotonic() - begun)
    times.sort()
    return dict(median=1000 * statistics.median(times) if times else None, p95=1000 * times[int(len(times) * .95)] if times else None,
                logins=len(times), refused=len(refused), counts=counts, processors=processors)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", default=JAR)
    parser.add_argument("--java", default="java")
    parser.add_argument("--users", type=int, default=4)
    parser.add_argument("--guessers", type=int, default=40, help="connections that guess at the same time")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--kind", default="argon2id", choices=["argon2id", "scram"], help="of hashes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for i in range(max(options.users, GUESSES_AN_ADDRESS)):
            made = subprocess.run([options.java, "-jar", options.jar, "hash-password", "--kind", options.kind,
                                   f"user{i}@example.org"], input=f"password{i}\n".encode(), check=True, stdout=subprocess.PIPE)
            lines.append(made.stdout.decode())
        with open(f"{folder}/users", "w") as file:
            file.writelines(lines)
        with open(f"{folder}/log", "w") as log:
            relay = subprocess.Popen([options.java, "-jar", options.jar, "--listen", "127.0.0.1:0", "--users", f"{folder}/users",
                                      "--allow-plaintext-auth"], stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            port = None
            for line in relay.stdout:
                found = re.search(r"listening on .*127\.0\.0\.1:(\d+)", line)
                if found:
                    port = int(found.group(1))
                    break
            threading.Thread(target=lambda: [None for _ in relay.stdout], daemon=True).start()
            phase(relay, port, options.users, 0, 3)  # compiles, and makes users known
            print("| | logins | median ms | 95 % within ms | refused | guesses answered | processors of the relay |")
            print("|---|---|---|---|---|---|---|")
            for title, guessers in (("users alone", 0), (f"{options.guessers} guess beside them", options.guessers),
                                    ("users alone again", 0)):
                seen = phase(relay, port, options.users, guessers, options.seconds)
                print(f"| {title} | {seen['logins']} | {seen['median'] or 0:.1f} | {seen['p95'] or 0:.1f} | {seen['refused']} "
                      f"| {seen['counts'] or ''} | {seen['processors']:.2f} of {os.cpu_count()} |", flush=True)
        finally:
            relay.terminate()
            relay.wait()


if __name__ == "__main__":
    main()
