package dev.postern.testkit.assertions;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.probe.ProbeReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on a reply. A failure shows the expected and the actual reply, each with its catalogue row and octets, and
 * the connection's transcript.
 */
public final class ReplyAssert extends AbstractAssert<ReplyAssert, ProbeReply> {

    ReplyAssert(ProbeReply actual) {
        super(actual, ReplyAssert.class);
    }

    /**
     * Verifies that the reply is a catalogue reply. A row without parameters, or with its parameters given, is compared
     * octet for octet; omitted parameters match anything.
     *
     * @param row the row
     * @param parameters all of the row's parameters, or none
     * @return this assertion
     * @throws IllegalArgumentException when parameters are given, but not as many as the row has
     */
    public ReplyAssert isStandardReply(StandardReply row, Object... parameters) {
        isNotNull();
        if (parameters.length == 0 && row.text().contains("{")) {
            return check(actual.is(row), () -> row.name() + " \"" + row.wireText() + "\\r\\n\", any parameters");
        }
        byte[] octets = octets(row.reply(parameters));
        return check(Arrays.equals(octets, actual.wire()), () -> row.name() + " \"" + Octets.escape(octets) + "\"");
    }

    /**
     * Verifies that the reply is not this catalogue reply, with any parameters.
     *
     * @param row the row
     * @return this assertion
     */
    public ReplyAssert isNotStandardReply(StandardReply row) {
        isNotNull();
        return check(!actual.is(row), () -> "any reply but " + row.name());
    }

    /**
     * Verifies the reply code.
     *
     * @param code the expected code
     * @return this assertion
     */
    public ReplyAssert hasCode(int code) {
        isNotNull();
        return check(actual.code() == code, () -> "code " + code);
    }

    /**
     * Verifies the enhanced status code, which must be the same on each line (RFC 2034 section 4).
     *
     * @param status the expected code, for instance {@code 5.7.8}
     * @return this assertion
     * @throws IllegalArgumentException when the argument is not an enhanced status code
     */
    public ReplyAssert hasEnhancedStatus(String status) {
        isNotNull();
        Optional<EnhancedStatus> expected = Optional.of(EnhancedStatus.parse(status));
        boolean everywhere = actual.lines().stream()
                .allMatch(line -> EnhancedStatus.leading(line).equals(expected));
        return check(everywhere, () -> "enhanced status code " + status);
    }

    /**
     * Verifies the text of the last line, without enhanced status code.
     *
     * @param text the expected text
     * @return this assertion
     */
    public ReplyAssert hasText(String text) {
        isNotNull();
        return check(actual.text().equals(text), () -> "text \"" + text + "\"");
    }

    /**
     * Verifies the text of all lines.
     *
     * @param lines the text after the code and its separator, including the enhanced status code
     * @return this assertion
     */
    public ReplyAssert hasLines(String... lines) {
        isNotNull();
        return check(actual.lines().equals(List.of(lines)), () -> "lines " + List.of(lines));
    }

    /**
     * Verifies the octets.
     *
     * @param wire the whole reply with its CRLFs
     * @return this assertion
     */
    public ReplyAssert hasWire(String wire) {
        isNotNull();
        byte[] octets = Octets.of(wire);
        return check(Arrays.equals(octets, actual.wire()), () -> "\"" + Octets.escape(octets) + "\"");
    }

    /**
     * Verifies that the command succeeded: the code is 2xx.
     *
     * @return this assertion
     */
    public ReplyAssert isOk() {
        isNotNull();
        return check(actual.code() / 100 == 2, () -> "any 2xx");
    }

    /**
     * Verifies that the refusal is temporary: the code is 4xx.
     *
     * @return this assertion
     */
    public ReplyAssert isTemporaryRefusal() {
        isNotNull();
        return check(actual.code() / 100 == 4, () -> "any 4xx");
    }

    /**
     * Verifies that the refusal is permanent: the code is 5xx.
     *
     * @return this assertion
     */
    public ReplyAssert isPermanentRefusal() {
        isNotNull();
        return check(actual.code() / 100 == 5, () -> "any 5xx");
    }

    /**
     * Verifies that a reply to EHLO offers an extension.
     *
     * @param extension the keyword alone, which matches with any parameters, or with its parameters; case is ignored
     * @return this assertion
     */
    public ReplyAssert offers(String extension) {
        isNotNull();
        return check(offered(extension), () -> "extension " + extension);
    }

    /**
     * Verifies that a reply to EHLO does not offer an extension.
     *
     * @param extension as for {@link #offers}
     * @return this assertion
     */
    public ReplyAssert doesNotOffer(String extension) {
        isNotNull();
        return check(!offered(extension), () -> "no extension " + extension);
    }

    private boolean offered(String extension) {
        String wanted = extension.toUpperCase(Locale.ROOT);
        return actual.extensions().stream()
                .map(offer -> offer.toUpperCase(Locale.ROOT))
                .anyMatch(offer -> offer.equals(wanted) || offer.startsWith(wanted + " "));
    }

    private ReplyAssert check(boolean holds, java.util.function.Supplier<String> expected) {
        if (!holds) {
            String row = actual.standardReply().map(StandardReply::name).orElse("no row of the catalogue");
            String message = "Expected reply:\n  " + expected.get() + "\nbut was:\n  " + row + " \""
                    + Octets.escape(actual.wire()) + "\"";
            failWithMessage("%s", Transcript.explain(actual.transcript(), message));
        }
        return this;
    }

    private static byte[] octets(Reply reply) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(reply.wireLength());
        try {
            reply.writeTo(octets);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return octets.toByteArray();
    }
}
