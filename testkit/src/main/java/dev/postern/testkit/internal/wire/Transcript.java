package dev.postern.testkit.internal.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What both sides of a connection said, a line each, with credentials masked. Safe for use by several threads.
 *
 * <p>Masking errs on the safe side: from an AUTH command on, everything that the client sends is masked until a reply
 * ends the exchange, because a client that does not wait for its 334 sends credentials all the same.
 */
public final class Transcript {

    private enum Exchange {
        NONE,
        AUTH
    }

    private static final int MOST_LINES = 1_000;
    private static final int LONGEST_LINE = 512;
    private static final String MASK = "***";
    private static final Pattern AUTH_COMMAND = Pattern.compile("(?is)(\\s*AUTH)(\\s+\\S{1,20})?(.*)");

    private final Deque<String> lines = new ArrayDeque<>();
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private Exchange exchange = Exchange.NONE;
    private int unfinishedLength;
    private int dropped;

    /** Adds what the client sent; a line may come in pieces. */
    public synchronized void client(byte[] octets) {
        int from = 0;
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] == '\n') {
                hold(octets, from, i + 1);
                from = i + 1;
                byte[] line = unfinished.toByteArray();
                add("C: " + masked(line, unfinishedLength));
                unfinished.reset();
                unfinishedLength = 0;
                if (isAuth(line)) {
                    exchange = Exchange.AUTH;
                }
            }
        }
        hold(octets, from, octets.length);
    }

    /** Of a line that never ends, which a test may send, no more than tells that it is longer than what is shown. */
    private void hold(byte[] octets, int from, int to) {
        unfinished.write(octets, from, Math.min(to - from, LONGEST_LINE + 1 - unfinished.size()));
        unfinishedLength += to - from;
    }

    /** Adds a line that the server sent, or what came of it. */
    public synchronized void server(byte[] line) {
        String text = new String(line, StandardCharsets.ISO_8859_1);
        // a greeting, a 2xx to an earlier command of a pipelined group or a challenge does not end an AUTH exchange
        if (text.startsWith("235") || text.startsWith("4") || text.startsWith("5")) {
            exchange = Exchange.NONE;
        } else if (text.startsWith("334")) {
            exchange = Exchange.AUTH;
        }
        add("S: " + shown(line, line.length));
    }

    /** Adds a remark, such as a TLS handshake or octets that are content. */
    public synchronized void note(String text) {
        add("-- " + text);
    }

    /** Begins anew, for a connection that outlives a test. */
    public synchronized void forget() {
        lines.clear();
        dropped = 0;
        note("open from before");
    }

    public synchronized String text() {
        StringBuilder text = new StringBuilder();
        if (dropped > 0) {
            text.append("-- ").append(dropped).append(" lines before\n");
        }
        lines.forEach(line -> text.append(line).append('\n'));
        if (unfinished.size() > 0) {
            text.append("C: ")
                    .append(masked(unfinished.toByteArray(), unfinishedLength))
                    .append(" (no line end)")
                    .append('\n');
        }
        return text.toString();
    }

    /** The message of a failure, with what was said until now. */
    public String explain(String message) {
        return explain(text(), message);
    }

    /** The message of a failure, with what was said. */
    public static String explain(String text, String message) {
        return text.isEmpty()
                ? message
                : message + "\nTranscript:\n" + text.indent(2).stripTrailing();
    }

    /** A command as it may be shown: an AUTH command without what follows its mechanism. */
    public static String maskedCommand(String command) {
        Matcher auth = AUTH_COMMAND.matcher(command);
        if (!auth.matches() || auth.group(3).isBlank()) {
            return command;
        }
        return auth.group(1) + (auth.group(2) == null ? "" : auth.group(2)) + " " + MASK;
    }

    private String masked(byte[] line, int length) {
        String text = shown(line, length);
        if (isAuth(line)) {
            return maskedCommand(text);
        }
        boolean cancelled = text.equals("*");
        return exchange == Exchange.AUTH && !cancelled ? MASK : text;
    }

    private static boolean isAuth(byte[] line) {
        return AUTH_COMMAND
                .matcher(new String(line, StandardCharsets.ISO_8859_1))
                .matches();
    }

    /** A line end that is not CRLF is worth seeing. */
    private static String shown(byte[] line, int length) {
        if (length > LONGEST_LINE) {
            return Octets.escape(Arrays.copyOf(line, LONGEST_LINE)) + "... (" + length + " octets)";
        }
        return Octets.escape(Octets.endsWithCrLf(line) ? Octets.withoutLineEnd(line) : line);
    }

    private void add(String line) {
        lines.add(line);
        if (lines.size() > MOST_LINES) {
            lines.remove();
            dropped++;
        }
    }
}
