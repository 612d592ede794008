"""The processes that the load commands start on loopback, on free ports: sinks, relay, and the peers it is compared with.

Each has start(), stop(), port and pid; cpu() and memory() look at the whole tree of processes below the pid.
"""
import glob, os, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
JAR = os.path.join(HERE, "..", "examples", "quickstart", "target", "postern-quickstart.jar")
BENCHMARKS_JAR = os.path.join(HERE, "target", "postern-benchmarks.jar")
NODEMAILER = os.path.join(HERE, "nodemailer")
USER, SECRET, DOMAIN = "ann@example.org", "secret", "example.org"
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def accepts(port):
    """Tells from the kernel's table whether somebody listens, without a connection that the server would count."""
    for table in ("tcp", "tcp6"):
        with open("/proc/net/" + table) as lines:
            for line in list(lines)[1:]:
                fields = line.split()
                if fields[1].endswith(f":{port:04X}") and fields[3] == "0A":
                    return True
    return False


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def tree(pid):
    """Maps the pid and those of its descendants to the ticks they used, ended children of theirs included."""
    processes = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as f:
                stat = f.read()
        except OSError:
            continue  # ended meanwhile
        fields = stat[stat.rindex(")") + 2:].split()
        processes[int(entry)] = int(fields[1]), sum(map(int, fields[11:15]))
    found, todo = {}, [pid]
    while todo:
        one = todo.pop()
        if one in processes and one not in found:
            found[one] = processes[one][1]
            todo += [child for child, (parent, _) in processes.items() if parent == one]
    return found


def cpu(pid):
    """Seconds of CPU, user and system."""
    return sum(tree(pid).values()) / TICKS


def memory(pid):
    """Proportional set size in octets."""
    total = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/smaps_rollup") as f:
                total += next(int(line.split()[1]) for line in f if line.startswith("Pss:")) * 1024
        except (OSError, StopIteration):
            pass  # ended meanwhile
    return total


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def needed(file, command):
    if not os.path.exists(file):
        sys.exit(f"there is no {os.path.normpath(file)}: run {command} first")
    return file


class Announced:
    """A process that says on standard output where it listens; its standard error is a log file."""

    stdin = None

    def __init__(self, command):
        self.command = command

    def start(self):
        self.log = tempfile.NamedTemporaryFile(prefix="postern-load-", suffix=".log")
        self.process = subprocess.Popen(self.command, stdin=self.stdin, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.pid = self.process.pid
        ready = self.process.stdout.readline()
        if "listening on" not in ready:
            with open(self.log.name) as log:
                sys.exit(f"{self.command[0]} did not start: {ready}{log.read()}")
        self.port = int(ready.split(":")[-1].split()[0])

    def stop(self):
        end(self.process)
        self.process.stdout.close()
        self.log.close()


class SmtpSink:
    """Postfix's smtp-sink: takes every message and forgets it."""

    def start(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["smtp-sink", "-u", "nobody", "-h", "sink.example", "-m", "1000", f"127.0.0.1:{self.port}", "1024"],
            stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        wait_until(lambda: accepts(self.port), "smtp-sink")

    def stop(self):
        end(self.process)


class JavaSink(Announced):
    """Our sink, for what smtp-sink has not: BDAT, and with keys TLS from the first octet."""

    def __init__(self, java, keys=None):
        jar = needed(BENCHMARKS_JAR, "mvn package -DskipTests")
        tls = ["--tls", "implicit", "--keystore", keys.keystore, "--keystore-password", keys.PASSWORD] if keys else []
        super().__init__([java, "-jar", jar, "sink", *tls])


class Delay(Announced):
    """Makes the sink look a round trip of so many ms away."""

    def __init__(self, java, to, round_trip):
        jar = needed(BENCHMARKS_JAR, "mvn package -DskipTests")
        super().__init__([java, "-jar", jar, "delay", "--to", str(to), "--round-trip", str(round_trip)])


class Keys:
    """A throw-away key and certificate for 127.0.0.1 in the forms that JVMs and Node want; files in a directory."""

    PASSWORD = "throw-away"

    def __init__(self, java):
        self.dir = tempfile.mkdtemp(prefix="postern-load-")
        self.key, self.certificate, self.keystore, self.truststore, self.password_file = (
            os.path.join(self.dir, name) for name in ("key.pem", "cert.pem", "key.p12", "trust.p12", "password"))
        with open(self.password_file, "w") as f:
            f.write(self.PASSWORD)
        keytool = os.path.join(os.path.dirname(java), "keytool") if os.path.dirname(java) else "keytool"
        for command in (
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                 "-keyout", self.key, "-out", self.certificate, "-subj", "/CN=localhost",
                 "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                ["openssl", "pkcs12", "-export", "-inkey", self.key, "-in", self.certificate, "-out", self.keystore,
                 "-passout", f"pass:{self.PASSWORD}"],
                [keytool, "-importcert", "-noprompt", "-alias", "sink", "-file", self.certificate, "-storetype", "PKCS12",
                 "-keystore", self.truststore, "-storepass", self.PASSWORD]):
            subprocess.run(command, check=True, capture_output=True)

    def remove(self):
        shutil.rmtree(self.dir)


class Direct:
    """No relay: the client talks to the sink. What the machine can do at most."""

    pid = None

    def __init__(self, port):
        self.port = port

    def start(self):
        pass

    def stop(self):
        pass


class Relay(Announced):
    """The quickstart's jar with every check on: limits so high that nothing is refused, but counted."""

    def __init__(self, upstream, java="java", jar=JAR, jvm=(), keys=None, provider=False, connections=10000, more=()):
        """upstream: the port; keys: TLS on both legs, and clients that log in; else nobody has to; provider: with
        clients' TLS by Conscrypt; more: further options."""
        command = [java, *jvm]
        if keys:
            command += [f"-Djavax.net.ssl.trustStore={keys.truststore}",
                        f"-Djavax.net.ssl.trustStorePassword={keys.PASSWORD}"]
        needed(jar, "mvn package -DskipTests")
        if provider:
            conscrypt = glob.glob(os.path.join(os.path.dirname(BENCHMARKS_JAR), "lib", "conscrypt-*.jar"))
            command += ["--enable-native-access=ALL-UNNAMED", "-cp", ":".join([jar, *conscrypt]),
                        "dev.postern.examples.quickstart.Quickstart", "--tls-provider", "org.conscrypt.OpenSSLProvider"]
        else:
            command += ["-jar", jar]
        command += ["--user", f"{USER}:{SECRET}"]
        if keys:
            command += ["--listen-tls", "127.0.0.1:0", "--tls-keystore", keys.keystore,
                        "--tls-keystore-password-file", keys.password_file,
                        "--upstream", f"smtps://{urllib.parse.quote(USER)}:{SECRET}@127.0.0.1:{upstream}"]
        else:
            command += ["--listen", "127.0.0.1:0", "--upstream", f"smtp://127.0.0.1:{upstream}",
                        "--allow-plaintext-auth", "--trust", f"127.0.0.0/8={USER}"]  # smtp-source cannot log in
        for limit in ("messages=1000000000", "sessions-ip=1000000", "sessions-user=1000000", "sessions-account=1000000",
                      "quota=1000000000/day", f"connections={connections}"):
            command += ["--limit", limit]
        super().__init__([*command, *more])


class Embedded(Announced):
    """A relay as an application embeds it, for smtp-source; watched: with meters and a listener of its events."""

    def __init__(self, upstream, java="java", jvm=(), watched=False):
        jar = needed(BENCHMARKS_JAR, "mvn package -DskipTests")
        # a line of log per message, as the quickstart writes
        super().__init__([java, *jvm, "-Dorg.slf4j.simpleLogger.defaultLogLevel=info", "-jar", jar, "relay", "--trust",
                          "--upstream", str(upstream), "--user", USER, "--secret", SECRET,
                          *(["--watched"] if watched else [])])


class Floor(Announced):
    """The relay's system calls without the relay: the least that one in Java can cost. For smtp-source."""

    def __init__(self, upstream, java="java", jvm=()):
        jar = needed(BENCHMARKS_JAR, "mvn package -DskipTests")
        super().__init__([java, *jvm, "-jar", jar, "floor", "--upstream", str(upstream)])


class Nodemailer(Announced):
    """smtp-server in front of pooled nodemailer, the versions of nodemailer/package-lock.json; TLS on both legs."""

    def __init__(self, upstream, keys):
        needed(os.path.join(NODEMAILER, "node_modules"), "npm ci in benchmarks/nodemailer")
        super().__init__(["node", os.path.join(NODEMAILER, "relay.mjs"), str(upstream), keys.key, keys.certificate,
                          USER, SECRET])


MAIN_CF = """compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.example
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
maillog_file = {dir}/maillog
maillog_file_prefixes = {dir}
message_size_limit = 104857600
mailbox_size_limit = 0
alias_maps =
alias_database =
smtpd_client_connection_count_limit = 0
default_process_limit = {processes}
"""
MASTER_CF = """127.0.0.1:{port} inet n - n - - smtpd -o smtpd_proxy_filter=127.0.0.1:{upstream}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Postfix in its synchronous mode (smtpd_proxy_filter), with a configuration of its own; needs root."""

    def __init__(self, upstream, processes=200):
        if os.geteuid() != 0:
            sys.exit("Postfix can only be started by root: run as root, or with --systems relay")
        self.upstream, self.processes = upstream, processes

    def start(self):
        self.port = free_port()
        self.dir = tempfile.mkdtemp(prefix="postfix-load-")
        os.chmod(self.dir, 0o755)
        for name in ("queue", "data", "conf"):
            os.mkdir(f"{self.dir}/{name}")
        shutil.chown(f"{self.dir}/data", "postfix")
        for name, text in (("main.cf", MAIN_CF), ("master.cf", MASTER_CF)):
            with open(f"{self.dir}/conf/{name}", "w") as f:
                f.write(text.format(dir=self.dir, port=self.port, upstream=self.upstream, processes=self.processes))
        self.command("start")
        wait_until(lambda: accepts(self.port), "Postfix")
        with open(f"{self.dir}/queue/pid/master.pid") as f:
            self.pid = int(f.read())

    def command(self, what):
        subprocess.run(["postfix", "-c", f"{self.dir}/conf", what], check=True, capture_output=True)

    def stop(self):
        self.command("abort")
        wait_until(lambda: not accepts(self.port), "the end of Postfix")
        shutil.rmtree(self.dir, ignore_errors=True)
