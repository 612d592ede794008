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
 * One whole reply as it came over the wire. It was read strictly (RFC 5321 section 4.2): the same code on each line, CRLF
 * and nothing else at the end of each, printable US-ASCII or TAB between, 512 octets a line at most. Immutable.
 */
public final class ProbeReply {

    /** Where the lines of one reply are gathered until the last one. */
    static final class Gatherer {
        private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
        private final List<String> lines = new ArrayList<>();
        private final Transcript transcript;
        private @Nullable ReplyLine last;

        Gatherer(Transcript transcript) {
            this.transcript = transcript;
        }

        /** Takes a line; empty as long as more have to come. */
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
     * {@return the text of each line, enhanced status code included, as it stands behind the code and its separator;
     * there is at least one}
     */
    public List<String> lines() {
        return lines;
    }

    /** {@return the enhanced status code of the last line (RFC 2034); empty when the line begins with none} */
    public Optional<EnhancedStatus> enhancedStatus() {
        return EnhancedStatus.leading(lastLine());
    }

    /** {@return the text of the last line without its enhanced status code, which may be empty} */
    public String text() {
        if (enhancedStatus().isEmpty()) {
            return lastLine();
        }
        int space = lastLine().indexOf(' ');
        return space < 0 ? "" : lastLine().substring(space + 1);
    }

    /**
     * {@return what a reply to EHLO offers: every line but the first (RFC 5321 section 4.1.1.1), spelt as the server
     * does, for instance {@code SIZE 20971520}; empty when the reply has one line}
     */
    public List<String> extensions() {
        return lines.subList(1, lines.size());
    }

    /** {@return a copy of the reply's octets as they came, CRLFs included} */
    public byte[] wire() {
        return wire.clone();
    }

    /**
     * {@return what was said on the connection until now, in the form of {@link SmtpProbe#transcript()}; empty for a
     * reply that was {@linkplain #parse parsed}}
     */
    public String transcript() {
        return transcript.text();
    }

    /**
     * {@return the row of the catalogue that the reply is, whatever its parameters; of several that match, the one
     * whose text leaves the least open; empty for a reply that is none}
     */
    public Optional<StandardReply> standardReply() {
        return Stream.of(StandardReply.values())
                .filter(this::is)
                .max(Comparator.comparingInt(
                        row -> row.text().replaceAll("\\{[a-z]+}", "").length()));
    }

    /**
     * Tells whether the reply is a row of the catalogue, whatever its parameters.
     *
     * @param row the row
     * @return true when it has one line, as every row, and code, enhanced status code and text are the row's
     */
    public boolean is(StandardReply row) {
        // a row that is all parameter, such as the reply to HELO, would match any reply of its code
        return lines.size() == 1 && row.enhancedStatus().equals(enhancedStatus()) && row.matches(code, lastLine());
    }

    private String lastLine() {
        return lines.get(lines.size() - 1);
    }

    /** Two replies are equal when their octets are. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ProbeReply reply && Arrays.equals(wire, reply.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    /** Returns code and lines in one line, joined by {@code " / "}. */
    @Override
    public String toString() {
        return code + " " + String.join(" / ", lines);
    }
}
