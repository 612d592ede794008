package dev.postern.rfc;

import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A dialogue, written as the RFCs write theirs and held line by line.
 *
 * <ul>
 *   <li>{@code C: text} is a line of the client. Lines that follow each other leave in one write, as a pipelined group.
 *   <li>{@code C| text} is octets of the client without a line end. In both, {@code <CR>}, {@code <LF>}, {@code <CRLF>}
 *       and {@code <NUL>} stand for the octets.
 *   <li>{@code S: 250 text} is a line of the server, exact but for {@code *}, which stands for any text; {@code S: ...}
 *       stands for any lines of the reply before its last one.
 *   <li>{@code -- TLS} is a handshake, {@code -- closed} the end of the connection by the server.
 * </ul>
 */
final class Dialogue {

    private static final String ANY_LINES = "...";
    private static final Pattern LAST_LINE = Pattern.compile("[0-9]{3}( .*)?");

    private final SmtpProbe probe;
    private final StringBuilder group = new StringBuilder();
    private final List<String> expected = new ArrayList<>();

    private Dialogue(SmtpProbe probe) {
        this.probe = probe;
    }

    /** Holds the dialogue; whatever differs fails with the transcript. */
    static void hold(SmtpProbe probe, String script) {
        Dialogue dialogue = new Dialogue(probe);
        for (String line : script.split("\n", -1)) {
            if (!line.isBlank()) {
                dialogue.say(line);
            }
        }
        dialogue.sendGroup();
        if (!dialogue.expected.isEmpty()) {
            throw new IllegalArgumentException("a reply without its last line: " + dialogue.expected);
        }
    }

    private void say(String line) {
        String text = line.length() < 4 ? "" : line.substring(3);
        if (line.startsWith("C:")) {
            group.append(octets(text)).append("\r\n");
        } else if (line.startsWith("C| ")) {
            group.append(octets(text));
        } else if (line.startsWith("S: ")) {
            sendGroup();
            expect(text);
        } else if (line.equals("-- TLS")) {
            sendGroup();
            probe.upgradeToTls(TestCertificates.clientContext());
        } else if (line.equals("-- closed")) {
            sendGroup();
            probe.assertClosed();
        } else {
            throw new IllegalArgumentException("no line of a dialogue: " + line);
        }
    }

    private void sendGroup() {
        if (group.length() > 0) {
            probe.write(group.toString());
            group.setLength(0);
        }
    }

    private void expect(String line) {
        expected.add(line);
        if (LAST_LINE.matcher(line).matches()) {
            ProbeReply reply = probe.readReply();
            String actual = new String(reply.wire(), StandardCharsets.ISO_8859_1).replace("\r\n", "\n");
            if (!pattern().matcher(actual).matches()) {
                throw new AssertionError("Expected reply:\n" + String.join("\n", expected) + "\nbut was:\n" + actual
                        + "Transcript:\n" + probe.transcript());
            }
            expected.clear();
        }
    }

    private Pattern pattern() {
        StringBuilder regex = new StringBuilder();
        for (String line : expected) {
            if (line.equals(ANY_LINES)) {
                regex.append("(?:[^\n]*\n)*");
            } else {
                regex.append(Pattern.quote(line).replace("*", "\\E[^\n]*\\Q")).append("\n");
            }
        }
        return Pattern.compile(regex.toString());
    }

    private static String octets(String text) {
        return text.replace("<CRLF>", "\r\n")
                .replace("<CR>", "\r")
                .replace("<LF>", "\n")
                .replace("<NUL>", "\0");
    }
}
