package dev.postern.internal.session;

import dev.postern.internal.octets.Octets;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** A line that a client has sent: a view of its buffer, without the line's end. */
public final class Line {

    /** How a line ended. */
    public enum Ending {
        /** As RFC 5321 section 2.3.8 has it. */
        CRLF,
        /** With a lone LF; or there is a lone CR in what was not kept of it. */
        BARE,
        /** Later than that of any line may be; what was kept is its beginning, longer than a verb. */
        TOO_LATE,
        /** Not at all, as far as anybody cares to read; kept is as much. */
        NONE
    }

    private final byte[] buffer;
    private final int start;
    private final int end;
    private final Ending ending;

    /** A line of so many octets without its end; what may be a credential is wiped in the buffer. */
    public Line(byte[] buffer, int start, int length, Ending ending) {
        this.buffer = buffer;
        this.start = start;
        this.end = start + length;
        this.ending = ending;
    }

    int length() {
        return end - start;
    }

    char at(int index) {
        return (char) (buffer[start + index] & 0xff);
    }

    Verb verb() {
        return Verb.of(buffer, start, indexOfSpace(0));
    }

    int indexOfSpace(int from) {
        return Octets.indexOf(buffer, start + from, end, ' ') - start;
    }

    int skipSpaces(int from) {
        return Octets.skip(buffer, start + from, end, ' ') - start;
    }

    byte[] octets(int from, int to) {
        return Arrays.copyOfRange(buffer, start + from, start + to);
    }

    String ascii(int from, int to) {
        return new String(buffer, start + from, to - from, StandardCharsets.US_ASCII);
    }

    /** What stands behind an index, without blanks around it; empty when it is no text. */
    Optional<String> text(int from) {
        for (int i = start + from; i < end; i++) {
            if (Octets.isControl(buffer[i]) && buffer[i] != '\t') {
                return Optional.empty();
            }
        }
        return Octets.hasEightBit(buffer, start + from, end)
                ? Octets.utf8(buffer, start + from, end).map(String::strip)
                : Optional.of(ascii(from, length()).strip());
    }

    /** The reply to what is no line at all, whatever it says. */
    Optional<Reply> refusal() {
        if (ending == Ending.BARE || Octets.indexOf(buffer, start, end, Octets.CR) < end) {
            // there are servers for which a command begins behind it
            return Optional.of(StandardReply.LINE_WITHOUT_CRLF.reply());
        }
        return switch (ending) {
            case CRLF, BARE -> Optional.empty();
            case NONE -> Optional.of(StandardReply.TOO_MANY_ERRORS.reply());
            case TOO_LATE ->
                Optional.of(
                        // behind blanks, the verb may be in what was not kept
                        skipInvisible() > 0
                                ? StandardReply.LINE_TOO_LONG.reply().closing()
                                : refusal(StandardReply.LINE_TOO_LONG));
        };
    }

    /**
     * Behind a BDAT command that cannot be read there are octets of a chunk, and behind a header field the rest of a message,
     * which must not be run as commands.
     */
    Reply refusal(StandardReply row) {
        return announcesChunk() || isHeaderField() ? row.reply().closing() : row.reply();
    }

    /**
     * Whether the line begins with a field name (RFC 5322 section 2.2) and its colon, as no command does: its sender did not
     * wait for the reply to DATA, which was a refusal, and takes this for content. {@code MAILFROM:} and {@code RCPTTO:} are commands
     * without their blank.
     */
    boolean isHeaderField() {
        int colon = Octets.indexOf(buffer, start, end, (byte) ':');
        int i = start;
        while (i < colon && buffer[i] > ' ' && !Octets.isControl(buffer[i])) {
            i++;
        }
        boolean field = i > start && i == colon && colon < end;
        Verb begun = field && colon - start > 4 ? Verb.of(buffer, start, 4) : Verb.UNKNOWN;
        return field && begun != Verb.MAIL && begun != Verb.RCPT;
    }

    /**
     * Whether the line begins like a BDAT command with something behind the verb, in any case. Its sender may not see what
     * is in front of the verb, blanks, controls or invisible characters; what follows is a chunk all the same.
     */
    boolean announcesChunk() {
        int verb = skipInvisible();
        return length() - verb > 4 && Verb.of(buffer, start + verb, 4) == Verb.BDAT;
    }

    /** Skips octets that are no visible US-ASCII. */
    private int skipInvisible() {
        int i = start;
        while (i < end && (buffer[i] <= ' ' || Octets.isControl(buffer[i]))) { // those beyond US-ASCII are negative
            i++;
        }
        return i - start;
    }

    /** Clears the line where it was received, for it has a credential, or may have. */
    void wipe() {
        Arrays.fill(buffer, start, end, (byte) 0);
    }
}
