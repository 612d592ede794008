package dev.postern.testkit.probe;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One whole reply as received on the wire, read strictly (RFC 5321 section 4.2): each line has the same code, only
 * printable US-ASCII or TAB, CRLF at the end, and at most 512 octets. Immutable.
 */
public final class ProbeReply {

    /** Gathers the lines of one reply until the last one. */
    static final class Gatherer {
        private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
        private final List<String> lines = new ArrayList<>();
        private final Transcript transcript;
        private @Nullable ReplyLine last;

        Gatherer(Transcript transcript) {
            this.transcript = transcript;
        }

        /** Adds a line; empty while more lines must follow. */
        Optional<ProbeReply> add(byte[] octets) {
            ReplyLine line = ReplyLine.parse(octets);
            if (last != null && last.code() != line.code()) {
                throw ReplyLine.malformed("has another code than the line before, " + last.code(), octets);
            }
            last = line;
            wire.writeBytes(octets);
            lines.add(line.text());
            return line.place() == ReplyLine.Place.LAST
                    ? Optional.of(new ProbeReply(line.code(), lines, wire.toByteArray(), transcript))
                    : Optional.empty();
        }
    }

    private final int code;
    private final List<String> lines;
    private final byte[] wire;
    private final Transcript transcript;

    private ProbeReply(int code, List<String> lines, byte[] wire, Transcript transcript) {
        this.code = code;
        this.lines = List.copyOf(lines);
        this.wire = wire;
        this.transcript = transcript;
    }

    /**
     * Reads a reply from text, for tests without a connection.
     *
     * @param wire one whole reply with its CRLFs
     * @return the reply
     * @throws IllegalArgumentException when the text is not exactly one well-formed reply; the message shows the octets
     */
    public static ProbeReply parse(String wire) {
        Gatherer gatherer = new Gatherer(new Transcript());
        for (int start = 0; start < wire.length(); ) {
            int lf = wire.indexOf('\n', start);
            int end = lf < 0 ? wire.length() : lf + 1;
            Optional<ProbeReply> reply = gatherer.add(Octets.of(wire.substring(start, end)));
            if (reply.isPresent() && end == wire.length()) {
                return reply.get();
            }
            if (reply.isPresent()) {
                throw ReplyLine.malformed("is followed by more than the reply", Octets.of(wire));
            }
            start = end;
        }
        throw ReplyLine.malformed("is not the last of a reply", Octets.of(wire));
    }

    /** {@return the reply code, 200 to 559} */
    public int code() {
        return code;
    }

    /**
     * {@return the text of each line after the code and its separator, including the enhanced status code; at least one
     * line}
     */
    public List<String> lines() {
        return lines;
    }

    /** {@return the enhanced status code of the last line (RFC 2034); empty when the line has none} */
    public Optional<EnhancedStatus> enhancedStatus() {
        return EnhancedStatus.leading(lastLine());
    }

    /** {@return the text of the last line without its enhanced status code, possibly empty} */
    public String text() {
        if (enhancedStatus().isEmpty()) {
            return lastLine();
        }
        int space = lastLine().indexOf(' ');
        return space < 0 ? "" : lastLine().substring(space + 1);
    }

    /**
     * {@return the extensions in a reply to EHLO: every line but the first (RFC 5321 section 4.1.1.1), as the server
     * spells them, for instance {@code SIZE 20971520}; empty when the reply has one line}
     */
    public List<String> extensions() {
        return lines.subList(1, lines.size());
    }

    /** {@return a copy of the reply's octets as received, including CRLFs} */
    public byte[] wire() {
        return wire.clone();
    }

    /**
     * {@return the connection's dialogue so far, in the form of {@link SmtpProbe#transcript()}; empty for a reply that
     * was {@linkplain #parse parsed}}
     */
    public String transcript() {
        return transcript.text();
    }

    /**
     * {@return the catalogue row that the reply matches, with any parameters; the most specific one if several match;
     * empty when none does}
     */
    public Optional<StandardReply> standardReply() {
        return Stream.of(StandardReply.values())
                .filter(this::is)
                .max(Comparator.comparingInt(
                        row -> row.text().replaceAll("\\{[a-z]+}", "").length()));
    }

    /**
     * Returns whether the reply is a catalogue reply, with any parameters.
     *
     * @param row the catalogue row
     * @return true when the reply has a single line, with the row's code, enhanced status code and text
     */
    public boolean is(StandardReply row) {
        // a row that is all parameter, such as the reply to HELO, would match any reply of its code
        return lines.size() == 1 && row.enhancedStatus().equals(enhancedStatus()) && row.matches(code, lastLine());
    }

    private String lastLine() {
        return lines.get(lines.size() - 1);
    }

    /** Replies are equal when their octets are. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProbeReply reply && Arrays.equals(wire, reply.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    /** Returns code and lines on one line, joined by {@code " / "}. */
    @Override
    public String toString() {
        return code + " " + String.join(" / ", lines);
    }
}
