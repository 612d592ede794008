"""The processes that the load commands start on loopback, on free ports: sink, relay, and the peers it is compared with.

Each has start(), stop(), port and pid; cpu() and memory() look at the whole tree of processes below the pid.
"""
import os, shutil, signal, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
JAR = os.path.join(HERE, "..", "examples", "quickstart", "target", "postern-quickstart.jar")
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


class Sink:
    """Postfix's smtp-sink: takes every message and forgets it."""

    def __init__(self, port=None):
        self.port = port or free_port()

    def start(self):
        self.process = subprocess.Popen(
            ["smtp-sink", "-u", "nobody", "-h", "sink.example", "-m", "1000", f"127.0.0.1:{self.port}", "1024"],
            stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        wait_until(lambda: accepts(self.port), "smtp-sink")

    def stop(self):
        end(self.process)


class Direct:
    """No relay: the client talks to the sink. What the machine can do at most."""

    pid = None

    def __init__(self, sink):
        self.port = sink.port

    def start(self):
        pass

    def stop(self):
        pass


class Relay:
    """The quickstart's jar with every check on: limits so high that nothing is refused, but counted; a log file."""

    LIMITS = ("messages=1000000000", "sessions-ip=1000000", "sessions-user=1000000", "sessions-account=1000000",
              "quota=1000000000/day", "connections=10000")

    def __init__(self, upstream, java="java", jar=JAR, jvm=(), options=()):
        """upstream: a URI; options: further ones of the quickstart."""
        if not os.path.exists(jar):
            sys.exit(f"there is no {os.path.normpath(jar)}: run mvn package -DskipTests first")
        self.command = [java, *jvm, "-jar", jar, "--listen", "127.0.0.1:0", "--upstream", upstream,
                        "--user", f"{USER}:{SECRET}", *options]
        for limit in self.LIMITS:
            self.command += ["--limit", limit]

    def start(self):
        self.log = tempfile.NamedTemporaryFile(prefix="postern-load-", suffix=".log")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.pid = self.process.pid
        ready = self.process.stdout.readline()
        if "listening on" not in ready:
            with open(self.log.name) as log:
                sys.exit("the relay did not start: " + ready + log.read())
        self.port = int(ready.split(":")[-1].split()[0])

    def stop(self):
        end(self.process)
        self.process.stdout.close()
        self.log.close()


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
default_process_limit = 200
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

    def __init__(self, sink):
        if os.geteuid() != 0:
            sys.exit("Postfix can only be started by root: run as root, or with --systems relay")
        self.upstream = sink.port

    def start(self):
        self.port = free_port()
        self.dir = tempfile.mkdtemp(prefix="postfix-load-")
        os.chmod(self.dir, 0o755)
        for name in ("queue", "data", "conf"):
            os.mkdir(f"{self.dir}/{name}")
        shutil.chown(f"{self.dir}/data", "postfix")
        for name, text in (("main.cf", MAIN_CF), ("master.cf", MASTER_CF)):
            with open(f"{self.dir}/conf/{name}", "w") as f:
                f.write(text.format(dir=self.dir, port=self.port, upstream=self.upstream))
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
