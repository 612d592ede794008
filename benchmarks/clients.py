"""The clients that the load command sends with. send() returns what they measured beside the time that it took."""
import json, subprocess, sys
from systems import BENCHMARKS_JAR, DOMAIN, SECRET, USER, end, needed


class SmtpSource:
    """Postfix's smtp-source: quick, but without AUTH, TLS and BDAT. A process a run."""

    pid = None

    def start(self):
        pass

    def stop(self):
        pass

    def send(self, load, messages, port):
        command = ["smtp-source", "-M", DOMAIN, "-f", USER, "-t", "bob@example.net", "-m", str(messages),
                   "-s", str(min(load["sessions"], messages)), "-l", str(load["octets"]), "-C", "5"]
        command += ["-d"] if load["reuse"] else []
        sent = subprocess.run([*command, f"127.0.0.1:{port}"], timeout=900, capture_output=True, text=True)
        if sent.returncode:  # smtp-source ends at the first reply that is no success
            sys.exit("smtp-source failed: " + sent.stderr)
        return {}


class Generator:
    """Ours: one JVM for all rounds, so that it is warm when it matters."""

    def __init__(self, java):
        self.java = java

    def start(self):
        jar = needed(BENCHMARKS_JAR, "mvn package -DskipTests")
        self.process = subprocess.Popen([self.java, "-jar", jar, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid

    def stop(self):
        self.process.stdin.close()
        end(self.process)
        self.process.stdout.close()

    def send(self, load, messages, port):
        options = dict(port=port, messages=messages, sessions=load["sessions"], octets=load["octets"], user=USER)
        options["per-session"] = 0 if load["reuse"] is True else load["reuse"] or 1
        options["recipients"] = load.get("recipients", 1)
        if load.get("tls"):
            options.update(tls="implicit", secret=SECRET)
        if load.get("secret"):
            options["secret"] = load["secret"]
        words = [f"--{name}={value}" for name, value in options.items()] + (["--bdat"] if load.get("bdat") else [])
        self.process.stdin.write("load " + " ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer or json.loads(answer)["accepted"] != messages:
            sys.exit("not all messages were accepted: " + answer)
        return {name: value for name, value in json.loads(answer).items() if name in ("p50_ms", "p99_ms")}
