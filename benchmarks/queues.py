#!/usr/bin/env python3
"""Jobs of 4 KiB put, picked and done: the spool beside db-scheduler, in turn, in one JVM, on the same database and disk.

Each put and each end is durable (SQLite with synchronous=FULL, PostgreSQL with its defaults). The spool does more for each
job: it keeps recipients and content in rows of their own, and accounts take turns. Needs the jars (mvn package -DskipTests)
and Debian's `postgresql`.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time
import load as loads
import systems
from stores import Postgres


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=5000, help="of a round [%(default)s]")
    parser.add_argument("--rounds", type=int, default=5, help="[%(default)s]")
    parser.add_argument("--java-home", help="JDK that runs both [java of PATH]")
    parser.add_argument("--json", metavar="FILE", help="write results here")
    args = parser.parse_args()
    java = os.path.join(args.java_home, "bin", "java") if args.java_home else "java"
    result = dict(date=time.strftime("%Y-%m-%d"), machine=loads.machine(), java=loads.java_version(java), engines={})
    server, directory = Postgres(), tempfile.mkdtemp(prefix="postern-queues-")
    server.start()
    try:
        for name, store in (("PostgreSQL", server.address), ("SQLite", directory)):
            done = subprocess.run(
                [java, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-jar", systems.needed(systems.BENCHMARKS_JAR, "mvn package"),
                 "queue", "--store", store, "--jobs", str(args.jobs), "--rounds", str(args.rounds)], stdout=subprocess.PIPE, text=True)
            if done.returncode:
                sys.exit(f"the jobs in {name} failed; the reason is above")
            result["engines"][name] = json.loads(done.stdout.splitlines()[-1])
            print(f"{name}: {done.stdout.splitlines()[-1]}")
            sys.stdout.flush()
    finally:
        server.stop()
        shutil.rmtree(directory)
    if args.json:
        with open(args.json, "w") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
