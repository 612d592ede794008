package dev.postern;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A dialogue, written as the RFCs write theirs and held line by line, over a socket or without.
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
public final class Script {

    private static final String ANY_LINES = "...";
    private static final Pattern LAST_LINE = Pattern.compile("[0-9]{3}( .*)?|[0-9]{1,2}\\*");

    /** The client's side of a connection. */
    public interface Peer {

        void send(String octets);

        /** Waits for a reply; its lines end with CRLF. Empty when there is none. */
        String reply();

        void shakeHands();

        void assertClosed();

        /** What was said until now. */
        String transcript();
    }

    private final Peer peer;
    private final StringBuilder group = new StringBuilder();
    private final List<String> expected = new ArrayList<>();

    private Script(Peer peer) {
        this.peer = peer;
    }

    /** Holds the dialogue; whatever differs fails with the transcript. */
    public static void hold(String script, Peer peer) {
        Script held = new Script(peer);
        for (String line : script.split("\n", -1)) {
            if (!line.isBlank()) {
                held.say(line);
            }
        }
        held.sendGroup();
        if (!held.expected.isEmpty()) {
            throw new IllegalArgumentException("a reply without its last line: " + held.expected);
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
            peer.shakeHands();
        } else if (line.equals("-- closed")) {
            sendGroup();
            peer.assertClosed();
        } else {
            throw new IllegalArgumentException("no line of a dialogue: " + line);
        }
    }

    private void sendGroup() {
        if (group.length() > 0) {
            peer.send(group.toString());
            group.setLength(0);
        }
    }

    private void expect(String line) {
        expected.add(line);
        if (LAST_LINE.matcher(line).matches()) {
            String actual = peer.reply().replace("\r\n", "\n");
            if (!pattern().matcher(actual).matches()) {
                throw new AssertionError("Expected reply:\n" + String.join("\n", expected) + "\nbut was:\n" + actual
                        + "Transcript:\n" + peer.transcript());
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
