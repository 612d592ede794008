"""Logs in by one mechanism: PORT MECHANISM USER SECRET AUTHORITY CERTIFICATE KEY. Exit code 1: refused."""

import smtplib
import ssl
import sys

port, mechanism, user, secret, authority, certificate, key = sys.argv[1:]
tls = ssl.create_default_context(cafile=authority)
if mechanism == "EXTERNAL":
    tls.load_cert_chain(certificate, key)
smtp = smtplib.SMTP("localhost", int(port), timeout=30)
smtp.starttls(context=tls)
smtp.ehlo()
smtp.user, smtp.password = user, secret
# smtplib has the first two; of the others the first response, and what answers a challenge that explains a refusal
responses = {
    "PLAIN": smtp.auth_plain,
    "LOGIN": smtp.auth_login,
    "EXTERNAL": lambda challenge=None: user,
    "OAUTHBEARER": lambda challenge=None: "\1" if challenge else f"n,a={user},\1auth=Bearer {secret}\1\1",
    "XOAUTH2": lambda challenge=None: "" if challenge else f"user={user}\1auth=Bearer {secret}\1\1",
}
try:
    smtp.auth(mechanism, responses[mechanism])
except smtplib.SMTPAuthenticationError as refused:
    sys.exit(str(refused))
smtp.quit()
