package dev.postern.internal.content;

import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/** Makes up messages with attachments, written as oddly as fields, encodings and delimiters can be, and then damaged. */
final class OddMessages {

    private static final List<String> COMMENTS =
            List.of("", "", "", " ", "(c)", " (a;b) ", "(\"q)", "\r\n\t", "(=x)", " \t");
    private static final List<String> TYPES = List.of(
            "multipart/mixed",
            "multipart/mixed",
            "multipart/mixed",
            "Multipart / Mixed",
            "(c) multipart/mixed",
            "\"multipart/mixed\"",
            "multipart/digest",
            "multipart",
            "multipart mixed",
            "text/plain",
            "text/plain (multipart/mixed)",
            "=?us-ascii?q?multipart/mixed?=",
            "message/rfc822",
            "message/global",
            "message/external-body; access-type=x",
            "message/partial; id=x",
            "application/pdf");
    private static final List<String> BOUNDARIES = List.of(
            "boundary=b",
            "boundary=b",
            "boundary=\"b\"",
            "boundary = (c) \"b\"",
            "boundary=b (c)",
            "boundary=\"b\" (c)",
            "boundary=b c",
            "boundary=b; boundary=c",
            "boundary=c; boundary=b",
            "boundary*0=b",
            "boundary*=us-ascii''b",
            "boundary='b'",
            "boundary=\"b \"",
            "boundary=\"\\b\"",
            "boundary=\"b",
            "x=y boundary=b",
            "x=\"; boundary=c\"; boundary=b",
            "(boundary=c;) boundary=b",
            "charset=x");
    private static final List<String> DELIMITERS = List.of(
            "--b", "--b", "--b", "--b", "--b", "--b", "--b", "--b", "--b", "--b", "--b", "--b", "--c", "--b (c)",
            "--b c", "--b x", "--b-", "--'b'", "--b  ", "--bb");
    private static final List<String> ENCODINGS = List.of(
            "base64",
            "base64",
            "base64",
            "BASE64",
            "base64 (c)",
            "(c) base64",
            "\"base64\"",
            "base64;",
            "base-64",
            "x base64",
            "7bit",
            "8bits",
            "quoted-printable",
            "x-uuencode",
            "x-foo");
    private static final List<String> NAMES = List.of(
            "filename=\"NAME\"",
            "filename=NAME",
            "filename = (c) \"NAME\" (d)",
            "filename=NAME (c)",
            "FILENAME=\"NAME\"",
            "filename*=utf-8''NAME",
            "filename*=utf-8'en'NAME",
            "filename*0=NA; filename*1=ME",
            "filename*1=ME; filename*0=NA",
            "filename*0*=utf-8''NA; filename*1=ME",
            "filename*0=NA; filename*2=ME",
            "filename*00=NAME",
            "filename*x=NAME",
            "filename*100=NAME",
            "filename=x.txt; filename=NAME",
            "filename=NAME; filename=x.txt",
            "filename=NA; filename=ME",
            "filename=x.txt; filename*=utf-8''NAME",
            "filename='NAME'",
            "filename=<NAME>",
            "filename=\"NAME",
            "filename=\"NA\\ME\"",
            "filename==?utf-8?q?NAME?=",
            "filename=\"=?utf-8?b?BASE?=\"",
            "filename=\"=?x-foo?q?ESC?=\"",
            "filename=\"=?x-foo?b?BASE?=\"",
            "filename=\"=?utf-7?q?UTF7?=\"",
            "filename*=utf-7''UTF7",
            "filename*=utf_16_be''WIDE",
            "filename*=unicode-escape''a%5Cx2epdf",
            "x=\"; filename=NAME; \"",
            "(; filename=NAME;)",
            "x=y filename=NAME",
            "filename=\"x\".NA(c)ME",
            "filename=x (\";) ; y=\"NAME",
            "filename=\"x\\\\\"; y=\"NAME\"",
            "filename*0=x (\";) ; filename*1=\"NAME",
            "name=\"NAME\"",
            "name=NAME",
            "name*=NAME");
    private static final List<String> EXTENSIONS =
            List.of("a.pdf", "a.pdf", "a.png", "a.txt", "a.doc", "a.exe", "a.xyzzy");
    private static final List<String> RUBBISH = List.of(
            "rubbish", "X : y", " ", "From a", ": x", "Content-Type : text/plain", "MZ\u0090\u0003\u0001", "--c");
    private static final String DAMAGE = "();\"=\\ \t:-*%'/?,<>bc";

    /** A Windows program, in octets that stand in a line as they are. */
    static final String PROGRAM = "MZ\u0090\u0001\u0003\u0001\u0001\u0001\u0004\u0001\u0001\u0001\u00ff\u00ff program";

    private final SplittableRandom random;

    OddMessages(SplittableRandom random) {
        this.random = random;
    }

    byte[] next() {
        StringBuilder message = new StringBuilder("From: alice@example.org\r\nMIME-Version: 1.0\r\n");
        int header = message.length();
        entity(message, 0);
        for (int i = random.nextInt(8) == 0 ? random.nextInt(5) : 0; i > 0; i--) {
            damage(message, header);
        }
        return Fixture.octets(message.toString());
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(3) > 0 ? 0 : random.nextInt(of.size())); // the plain one mostly
    }

    private boolean rarely(int in) {
        return random.nextInt(in) == 0;
    }

    private void entity(StringBuilder text, int depth) {
        int kind = random.nextInt(10);
        if (depth < 4 && (depth == 0 || kind < 3)) {
            container(text, depth);
        } else if (depth < 4 && kind < 5) {
            message(text, depth);
        } else {
            leaf(text);
        }
    }

    private void container(StringBuilder text, int depth) {
        String type = one(TYPES);
        text.append("Content-Type:")
                .append(one(COMMENTS))
                .append(type)
                .append(one(COMMENTS))
                .append(";")
                .append(one(COMMENTS))
                .append(one(BOUNDARIES))
                .append("\r\n");
        if (rarely(12)) {
            text.append("Content-Type: ")
                    .append(one(TYPES))
                    .append("; ")
                    .append(one(BOUNDARIES))
                    .append("\r\n");
        }
        if (rarely(15)) {
            field(text, "Content-Transfer-Encoding", one(ENCODINGS));
        }
        rubbish(text);
        text.append("\r\n");
        for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
            text.append(one(DELIMITERS)).append("\r\n");
            entity(text, depth + 1);
        }
        if (!rarely(6)) {
            text.append("--").append(rarely(10) ? "c" : "b").append("--\r\n");
        }
    }

    private void message(StringBuilder text, int depth) {
        text.append("Content-Type: ")
                .append(rarely(4) ? one(TYPES) : "message/rfc822")
                .append("\r\n");
        StringBuilder inner = new StringBuilder(rarely(2) ? "Subject: x\r\n" : "");
        entity(inner, depth + 1);
        switch (random.nextInt(4)) {
            case 0 ->
                text.append("Content-Transfer-Encoding: base64\r\n\r\n")
                        .append(Base64.getMimeEncoder().encodeToString(Fixture.octets(inner.toString())))
                        .append("\r\n");
            case 1 ->
                text.append("Content-Transfer-Encoding: quoted-printable\r\n\r\n")
                        .append(rarely(3) ? inner.toString() : inner.toString().replace("=", "=3D"))
                        .append("\r\n");
            default -> text.append("\r\n").append(inner).append("\r\n");
        }
    }

    private void leaf(StringBuilder text) {
        boolean honest = random.nextInt(2) == 0;
        String name = honest ? "a.pdf" : one(EXTENSIONS);
        if (rarely(4)) {
            text.append("Content-Type: application/octet-stream;")
                    .append(one(COMMENTS))
                    .append(named(name))
                    .append("\r\n");
        } else if (rarely(3)) {
            field(text, "Content-Type", rarely(4) ? one(TYPES) : "application/pdf");
        }
        if (!rarely(5)) {
            text.append("Content-Disposition:")
                    .append(one(COMMENTS))
                    .append("attachment")
                    .append(one(COMMENTS))
                    .append(rarely(12) ? " " : ";")
                    .append(one(COMMENTS))
                    .append(named(name))
                    .append("\r\n");
        }
        rubbish(text);
        String encoding = one(ENCODINGS);
        if (!rarely(6)) {
            field(text, "Content-Transfer-Encoding", encoding);
        }
        if (rarely(15)) {
            field(text, "Content-Transfer-Encoding", one(ENCODINGS));
        }
        rubbish(text);
        String content = honest ? "%PDF-1.4\r\n1 0 obj" : PROGRAM;
        text.append("\r\n")
                .append(rarely(15) ? "=" : "")
                .append(encoded(content, rarely(6) ? one(ENCODINGS) : encoding))
                .append("\r\n");
    }

    private String named(String name) {
        String pattern = one(NAMES);
        int half = name.length() / 2;
        return pattern.replace("BASE", Base64.getEncoder().encodeToString(Fixture.octets(name)))
                .replace("ESC", name.replace(".", "=2E"))
                .replace("UTF7", name.replace(".", "+AC4-"))
                .replace("WIDE", name.replaceAll("(.)", "%00$1"))
                .replace("NAME", name)
                .replace("NA\\ME", name.substring(0, half) + "\\" + name.substring(half))
                .replace("NA", name.substring(0, half))
                .replace("ME", name.substring(half));
    }

    private static String encoded(String content, String encoding) {
        if (encoding.contains("64")) {
            return Base64.getMimeEncoder().encodeToString(Fixture.octets(content));
        }
        return encoding.contains("quoted") ? content.replace("\u0090", "=90").replace("\u0001", "=01") : content;
    }

    private void field(StringBuilder text, String name, String value) {
        text.append(name)
                .append(":")
                .append(one(COMMENTS))
                .append(value)
                .append(one(COMMENTS))
                .append("\r\n");
    }

    private void rubbish(StringBuilder text) {
        if (rarely(30)) {
            text.append(one(RUBBISH)).append("\r\n");
        }
    }

    /** Changes a character; line ends stay whole, for nothing else arrives. */
    private void damage(StringBuilder text, int from) {
        int at = from + random.nextInt(text.length() - from);
        if (text.charAt(at) == '\r' || text.charAt(at) == '\n') {
            return;
        }
        char other = DAMAGE.charAt(random.nextInt(DAMAGE.length()));
        switch (random.nextInt(4)) {
            case 0 -> text.setCharAt(at, other);
            case 1 -> text.deleteCharAt(at);
            case 2 -> text.insert(at, other);
            default -> text.insert(at, "\r\n");
        }
    }
}
