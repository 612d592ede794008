"""Sends through the relay with Python's smtplib: STARTTLS, AUTH, and how to read the relay's refusal."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid


class Sender:
    """Keeps its connection for the next message. For one thread at a time."""

    def __init__(self, host, port, user, password, cafile=None):
        self.address, self.user, self.password = (host, port), user, password
        self.tls = ssl.create_default_context(cafile=cafile)  # without it, starttls() checks no certificate
        self.smtp = None

    def connect(self):
        smtp = smtplib.SMTP(*self.address, timeout=300)
        try:
            smtp.starttls(context=self.tls)
            smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def send(self, sender, recipients, subject, text):
        """Returns the recipients that were refused while others were accepted, with the reply to each."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients), subject
        message["Date"], message["Message-ID"] = formatdate(), make_msgid()
        message.set_content(text)
        if self.smtp is None or not self.alive():
            self.smtp = self.connect()
        return self.smtp.send_message(message, sender, recipients)

    def alive(self):
        try:
            return self.smtp.noop()[0] == 250  # smtplib does not reconnect: 421 here, or a lost connection
        except smtplib.SMTPException:
            return False

    def close(self):
        if self.smtp is not None:
            try:
                self.smtp.quit()
            except smtplib.SMTPException:
                self.smtp.close()


# DOC smtplib
def refusal(failure):
    """The reply that an exception tells of: code, enhanced status code, text; None where it tells of none."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(failure.recipients.values()))  # each recipient has its own
    elif isinstance(failure, smtplib.SMTPResponseException):
        code, text = failure.smtp_code, failure.smtp_error
    else:
        return None
    return reply(code, text)


def reply(code, text):
    text = text.decode() if isinstance(text, bytes) else text
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?= )", text)
    return code, status and status[0], text[status.end() + 1:] if status else text
# end
