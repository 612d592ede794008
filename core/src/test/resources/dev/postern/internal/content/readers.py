"""Reads messages, each behind a line with its length, and prints what Python's email shows of each: a line of
NAME,BEGINNING in hexadecimal for each attachment, and an empty line."""

import email
import email.policy
import sys

POLICIES = (email.policy.compat32, email.policy.default)


def attachments(octets, policy):
    for part in email.message_from_bytes(octets, policy=policy).walk():
        try:
            name = part.get_filename()
            if name is None or part.is_multipart():
                continue
            content = part.get_payload(decode=True)
        except Exception:  # what it cannot read it does not show
            continue
        if content is not None:
            yield str(name), content[:8192]


def main():
    source, target = sys.stdin.buffer, sys.stdout
    while True:
        length = source.readline()
        if not length:
            return
        octets = source.read(int(length))
        for policy in POLICIES:
            try:
                for name, content in attachments(octets, policy):
                    target.write(name.encode("utf-8", "replace").hex() + "," + content.hex() + "\n")
            except Exception:
                pass
        target.write("\n")
        target.flush()


main()
