package dev.postern.spi;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A complete SMTP reply (RFC 5321 section 4.2): code, enhanced status code, text lines, and whether the connection is
 * closed after it. A reply that could be misread on the wire cannot be built: lines hold only printable US-ASCII, no
 * line is longer than 512 octets with its CRLF (RFC 5321 section 4.5.3.1.5), and the enhanced status code has the reply
 * code's class (RFC 2034 section 4). The wire form is computed once.
 */
public final class Reply {

    /** The longest reply line in octets, with code, separators and CRLF (RFC 5321 section 4.5.3.1.5). */
    public static final int MAX_LINE_OCTETS = 512;

    /** The most lines that a reply may have, so as not to overflow a client's buffer. */
    public static final int MAX_LINES = 200;

    private final int code;
    private final @Nullable EnhancedStatus status;
    private final List<String> lines;
    private final boolean closes;
    private final @Nullable StandardReply standard;
    private final byte[] wire;

    private Reply(
            int code,
            @Nullable EnhancedStatus status,
            List<String> lines,
            boolean closes,
            @Nullable StandardReply standard) {
        if (code < 200 || code > 559) {
            throw new IllegalArgumentException("code must be 200 to 559, not " + code);
        }
        if (status != null && status.statusClass() != code / 100) {
            throw new IllegalArgumentException("enhanced status " + status + " is not of the class of code " + code);
        }
        if (lines.isEmpty() || lines.size() > MAX_LINES) {
            throw new IllegalArgumentException("a reply has 1 to " + MAX_LINES + " lines, not " + lines.size());
        }
        this.code = code;
        this.status = status;
        this.lines = List.copyOf(lines);
        this.closes = closes;
        this.standard = standard;
        this.wire = encode();
    }

    /**
     * Creates a reply with an enhanced status code.
     *
     * @param code the reply code, 200 to 559
     * @param status the enhanced status code, of the same class as the reply code
     * @param lines the text, one string a line, without code and status
     * @return the reply, which does not close the connection
     * @throws IllegalArgumentException when the reply would not be well-formed
     */
    public static Reply of(int code, EnhancedStatus status, String... lines) {
        return new Reply(code, status, List.of(lines), false, null);
    }

    /**
     * Creates a reply without an enhanced status code, like the greeting, the reply to EHLO, 334 and 354 (RFC 2034
     * section 4).
     *
     * @param code the reply code, 200 to 559
     * @param lines the text, one string a line, without the code
     * @return the reply, which does not close the connection
     * @throws IllegalArgumentException when the reply would not be well-formed
     */
    public static Reply withoutStatus(int code, String... lines) {
        return new Reply(code, null, List.of(lines), false, null);
    }

    /**
     * Creates a reply from an upstream's: everything but printable US-ASCII becomes {@code ?}, lines are cut to 512
     * octets and their number to {@link #MAX_LINES}, and a missing enhanced status code becomes {@code x.0.0}.
     *
     * @param code the upstream's reply code, 200 to 299 or 400 to 559
     * @param upstreamLines the upstream's text, one string a line, without the code; an enhanced status code of the
     *     code's class is removed from the beginning of each line, and the first of them is used for all lines
     * @return a reply that is safe to send
     * @throws IllegalArgumentException when an upstream may not end a command with this code
     */
    public static Reply fromUpstream(int code, List<String> upstreamLines) {
        EnhancedStatus first = null; // some servers put it on the last line only
        String[] lines = new String[Math.max(1, Math.min(upstreamLines.size(), MAX_LINES))];
        Arrays.fill(lines, "");
        for (int i = 0; i < lines.length && i < upstreamLines.size(); i++) {
            String line = upstreamLines.get(i);
            Optional<EnhancedStatus> own = EnhancedStatus.leading(line).filter(s -> s.statusClass() == code / 100);
            if (own.isPresent()) {
                first = first == null ? own.get() : first;
                int space = line.indexOf(' ');
                line = space < 0 ? "" : line.substring(space + 1);
            }
            lines[i] = line;
        }
        EnhancedStatus status = first == null ? new EnhancedStatus(code / 100, 0, 0) : first;
        int room = MAX_LINE_OCTETS - overhead(status);
        for (int i = 0; i < lines.length; i++) {
            lines[i] = printable(lines[i], room);
        }
        return Reply.of(code, status, lines);
    }

    /**
     * Makes foreign text safe for a reply line: everything but printable US-ASCII becomes {@code ?}, and excess text is
     * cut off.
     *
     * @param text any text
     * @param room the most characters to keep, 0 or more
     * @return printable US-ASCII of at most {@code room} characters
     */
    public static String printable(String text, int room) {
        if (text.length() <= room && isPrintable(text)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(Math.min(text.length(), room));
        for (int i = 0; i < text.length() && i < room; i++) {
            char c = text.charAt(i);
            safe.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return safe.toString();
    }

    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }

    static Reply standard(StandardReply standard, String text) {
        return new Reply(standard.code(), standard.statusOrNull(), List.of(text), standard.closes(), standard);
    }

    /**
     * Returns this reply with other text.
     *
     * @param newLines the text, one string a line, without code and status
     * @return a reply with this one's code, status and effect on the connection
     * @throws IllegalArgumentException when the reply would not be well-formed
     */
    public Reply withLines(List<String> newLines) {
        return new Reply(code, status, newLines, closes, standard);
    }

    /**
     * Returns this reply, but with the connection closed after it.
     *
     * @return a reply with the same octets
     */
    public Reply closing() {
        return closes ? this : new Reply(code, status, lines, true, standard);
    }

    /** {@return the reply code, 200 to 559} */
    public int code() {
        return code;
    }

    /** {@return the enhanced status code; empty for a reply that carries none} */
    public Optional<EnhancedStatus> enhancedStatus() {
        return Optional.ofNullable(status);
    }

    /** {@return the text without code and status, at least one line} */
    public List<String> lines() {
        return lines;
    }

    /** {@return whether the connection is closed after this reply} */
    public boolean closes() {
        return closes;
    }

    /**
     * {@return the catalogue row that this reply was made from; empty for a reply from a host's policy or an upstream}
     */
    public Optional<StandardReply> standard() {
        return Optional.ofNullable(standard);
    }

    /** {@return the length of the wire form in octets, CRLFs included} */
    public int wireLength() {
        return wire.length;
    }

    /**
     * Writes the wire form.
     *
     * @param out the target; neither flushed nor closed
     * @throws IOException when the stream throws it
     */
    public void writeTo(OutputStream out) throws IOException {
        out.write(wire);
    }

    private byte[] encode() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.length() + overhead(status) > MAX_LINE_OCTETS) {
                throw new IllegalArgumentException("reply line over " + MAX_LINE_OCTETS + " octets: " + line);
            }
            if (!isPrintable(line)) {
                throw new IllegalArgumentException(
                        "reply text must be printable US-ASCII: " + printable(line, line.length()));
            }
            text.append(code).append(i == lines.size() - 1 ? ' ' : '-');
            if (status != null) {
                text.append(status).append(' ');
            }
            text.append(line).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The octets of a line in addition to its text. */
    static int overhead(@Nullable EnhancedStatus status) {
        return "250 ".length() + (status == null ? 0 : status.toString().length() + 1) + "\r\n".length();
    }

    /** Replies are equal when their wire forms and their effect on the connection are equal. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Reply reply && closes == reply.closes && Arrays.equals(wire, reply.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    /** Returns the reply for a log line: the lines, without CRLF, joined by {@code " / "}. */
    @Override
    public String toString() {
        return code + (status == null ? " " : " " + status + " ") + String.join(" / ", lines);
    }
}
