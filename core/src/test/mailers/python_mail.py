"""Writes messages by Python's own email package, as CRLF files: python3 python_mail.py DIRECTORY"""
import bz2, gzip, io, lzma, os, sqlite3, struct, sys, tarfile, tempfile, wave, zipfile, zlib
from email import encoders, policy
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.mime.nonmultipart import MIMENonMultipart
from email.generator import BytesGenerator
from email.header import Header
from email.utils import formataddr
import email

out = sys.argv[1]
DATE = "Thu, 15 Jan 2026 12:00:00 +0000"


def write(name, message, pol=policy.SMTP):
    buffer = io.BytesIO()
    BytesGenerator(buffer, mangle_from_=False, policy=pol).flatten(message)
    with open(os.path.join(out, "python-" + name + ".eml"), "wb") as f:
        f.write(buffer.getvalue())


def fixed(boundary_owner, number=[0]):
    for part in boundary_owner.walk():
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            number[0] += 1
            part.set_boundary("===============%019d==" % (1234567890123456789 + number[0]))
    return boundary_owner


def new(subject="Report", pol=policy.SMTP):
    m = EmailMessage(policy=pol)
    m["From"] = "Alice Adams <alice@client.test>"
    m["To"] = "Bob Brown <bob@dest.test>"
    m["Subject"] = subject
    m["Date"] = DATE
    m["Message-ID"] = "<%d@client.test>" % abs(zlib.crc32(subject.encode()))
    return m


def png():
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\0" + b"\xff\0\0" * 2 + b"\0" + b"\0\xff\0" * 2)) + chunk(b"IEND", b""))


PDF = (b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\n"
       b"endobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n")


def zipped(**entries):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name.replace("__", "/").replace("_dot_", "."), (2026, 1, 15, 12, 0, 0))
            z.writestr(info, content)
    return buffer.getvalue()


def tarred():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as t:
        info = tarfile.TarInfo("a.txt")
        info.size = 5
        t.addfile(info, io.BytesIO(b"hello"))
    return buffer.getvalue()


def wav():
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as w:
        w.setnchannels(1); w.setsampwidth(2); w.setframerate(8000); w.writeframes(b"\0\0" * 100)
    return buffer.getvalue()


def sqlite():
    with tempfile.TemporaryDirectory() as d:
        c = sqlite3.connect(d + "/a.db")
        c.execute("create table t (a)")
        c.commit(); c.close()
        return open(d + "/a.db", "rb").read()


def bmp():
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + b"\0\0\0\0"


def ico():
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 2, 2, 0, 0, 1, 32, len(png()), 22) + png()


# what programs send most: a plain text, an alternative, inline images, attachments
m = new("plain"); m.set_content("Hello,\n\nthis is a text.\n-- \nAlice\n"); write("plain", m)
m = new("latin"); m.set_content("Grüße aus Köln, 5 €\n", charset="iso-8859-15"); write("latin-quoted-printable", m)
m = new("Grüße 日本語 🎉"); m.set_content("Grüße 日本語 🎉\n" * 50); write("utf8-base64", m)
m = new("eight"); m.set_content("Grüße\n", cte="8bit"); write("utf8-8bit", m)
m = new("utf8 headers Grüße", policy.SMTPUTF8)
m.replace_header("From", "Älice <alice@client.test>"); m.replace_header("To", "日本 <bob@dest.test>")
m.set_content("Grüße\n", cte="8bit"); write("smtputf8", m, policy.SMTPUTF8)
m = new("long"); m.set_content("word " * 2000 + "\n" + "x" * 3000 + "\n"); write("long-lines", m)
m = new("empty"); m.set_content(""); write("empty-body", m)
m = new("newsletter"); m.set_content("text\n")
m.add_alternative("<html><body><p>Grüße = gruß</p><img src='cid:logo'></body></html>", subtype="html")
m.get_payload()[1].add_related(png(), "image", "png", cid="<logo>", filename="logo.png")
m["List-Unsubscribe"] = "<https://client.test/u?a=b>, <mailto:u@client.test>"
write("alternative-related", fixed(m))

files = {
    "paper.pdf": PDF, "logo.png": png(), "a.zip": zipped(a_dot_txt=b"hello"), "empty.zip": b"PK\5\6" + b"\0" * 18,
    "a.docx": zipped(**{"[Content_Types]_dot_xml": b"<Types/>", "word__document_dot_xml": b"<w/>"}),
    "a.odt": zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "a.jar": zipped(**{"META-INF__MANIFEST_dot_MF": b"x"}),
    "a.tar": tarred(), "a.tar.gz": gzip.compress(tarred(), mtime=0), "a.tar.bz2": bz2.compress(tarred()),
    "a.tar.xz": lzma.compress(tarred()), "a.wav": wav(), "a.sqlite": sqlite(), "a.db": sqlite(), "a.bmp": bmp(), "a.ico": ico(),
    "a.csv": "a;b\n1;ä\n".encode(), "a.tsv": b"a\tb\n", "a.json": b"{}\n", "a.xml": b"<?xml version='1.0'?><a/>", "a.yaml": b"a: b\n",
    "a.md": b"# a\n", "a.log": b"x\n", "a.ini": b"[a]\nb=c\n", "a.py": b"print(1)\n", "a.html": b"<p>x</p>", "a.css": b"a{}",
    "a.js": b"1;", "a.sql": b"select 1;", "a.vcf": b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD\r\n", "a.bin": bytes(range(256)),
    "a.txt": "\ufeffhello".encode("utf-16-le"), "b.txt": "ä".encode("latin-1"), "noextension": b"\0\1\2", "a.unknown": b"\0\1\2",
    "a.gpx": b"<?xml version='1.0'?><gpx/>", "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.rtf": b"{\\rtf1 a}",
    "empty.pdf": b"", "a.p7s": b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "winmail.dat": b"\x78\x9f\x3e\x22\1\0",
    "a.webp": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0",
    "a.gif": b"GIF89a\1\0\1\0\0\0\0;", "a.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9",
    "a.mp3": b"ID3\3\0\0\0\0\0\0\xff\xfb\x90\0" + b"\0" * 400, "b.mp3": b"\xff\xfb\x90\x64" + b"\0" * 413,
    "a.eml": b"From: a@b.test\nSubject: x\n\nbody\n", "a.bat": b"@echo off\r\n", "a.sh": b"#!/bin/sh\necho\n", "a.lnk.txt": b"not a link\n",
}
m = new("files"); m.set_content("see there\n")
for name, content in files.items():
    m.add_attachment(content, "application", "octet-stream", filename=name)
write("attachments", fixed(m))
m = new("names"); m.set_content("x\n")
for name in ["Überweisung Jänner.pdf", "見積書 2026年1月.pdf", "a" * 200 + ".pdf", "it's; \"quoted\" (1).pdf", "smile 🎉.pdf"]:
    m.add_attachment(PDF, "application", "pdf", filename=name)
write("file-names", fixed(m))

# the older interface, as most scripts have it
mm = MIMEMultipart()
mm["From"] = formataddr((str(Header("Älice Ädams", "utf-8").encode()), "alice@client.test"))
mm["To"] = "bob@dest.test"
mm["Subject"] = Header("Größe: ein sehr langer Betreff, der über mehr als eine Zeile geht, damit gefaltet wird", "iso-8859-1")
mm["Date"] = DATE
mm.attach(MIMEText("Grüße\n", "plain", "utf-8"))
part = MIMEBase("application", "octet-stream"); part.set_payload(PDF); encoders.encode_base64(part)
part.add_header("Content-Disposition", "attachment; filename=report.pdf"); mm.attach(part)
part = MIMEApplication(zipped(a_dot_txt=b"x"), Name="a.xlsx"); part["Content-Disposition"] = 'attachment; filename="a.xlsx"'; mm.attach(part)
part = MIMEImage(png()); part.add_header("Content-ID", "<1>"); mm.attach(part)
part = MIMEBase("application", "pdf"); part.set_payload(PDF); encoders.encode_base64(part)
part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", "größe.pdf")); mm.attach(part)
write("legacy-mixed", fixed(mm), policy.compat32.clone(linesep="\r\n"))
for charset in ["iso-2022-jp", "shift_jis", "gb2312", "koi8-r", "big5", "euc-kr", "utf-16"]:
    text = {"iso-2022-jp": "こんにちは", "shift_jis": "こんにちは", "gb2312": "你好", "koi8-r": "Привет", "big5": "你好", "euc-kr": "안녕", "utf-16": "Grüße"}[charset]
    mm = MIMEText(text + "\n", "plain", charset)
    mm["From"] = "alice@client.test"; mm["To"] = "bob@dest.test"; mm["Subject"] = Header(text, "utf-8"); mm["Date"] = DATE
    write("charset-" + charset, mm, policy.compat32.clone(linesep="\r\n"))

# nested forwards, a digest, a delivery report, a read receipt
inner = new("innermost"); inner.set_content("hello\n"); inner.add_attachment(PDF, "application", "pdf", filename="a.pdf"); fixed(inner)
for i in range(8):
    outer = new("Fwd: " * (i + 1)); outer.set_content("see below\n"); outer.add_attachment(inner); inner = fixed(outer)
write("nested-forwards", inner)
d = MIMEMultipart("digest"); d["From"] = "alice@client.test"; d["Subject"] = "digest"; d["Date"] = DATE
for i in range(5):
    x = MIMEText("issue %d\n" % i); x["Subject"] = "issue %d" % i; x["From"] = "x@y.test"; d.attach(MIMEMessage(x))
write("digest", fixed(d), policy.compat32.clone(linesep="\r\n"))
r = MIMEMultipart("report", **{"report-type": "delivery-status"}); r["From"] = "Mail System <alice@client.test>"; r["Subject"] = "Undelivered"; r["Date"] = DATE
r.attach(MIMEText("could not be delivered\n"))
s = MIMENonMultipart("message", "delivery-status")
s.set_payload([email.message_from_string("Reporting-MTA: dns; client.test\n\n"),
               email.message_from_string("Final-Recipient: rfc822; x@y.test\nAction: failed\nStatus: 5.1.1\n\n")])
r.attach(s)
x = MIMEText("original\n"); x["Subject"] = "original"; x["From"] = "x@y.test"; r.attach(MIMEMessage(x))
write("delivery-report", fixed(r), policy.compat32.clone(linesep="\r\n"))
c = new("Invitation: talk"); c.set_content("You are invited.\n")
ics = ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@client.test\r\nDTSTART:20260116T100000Z\r\nSUMMARY:Größe\r\n"
       "END:VEVENT\r\nEND:VCALENDAR\r\n")
c.add_alternative(ics, subtype="calendar", params={"method": "REQUEST"}); c.add_attachment(ics.encode(), "application", "ics", filename="invite.ics")
write("calendar", fixed(c))
