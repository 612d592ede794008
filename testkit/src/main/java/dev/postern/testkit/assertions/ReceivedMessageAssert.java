package dev.postern.testkit.assertions;

import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.upstream.MessagePart;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a message that an upstream has accepted. A failure shows the envelope and the message's beginning. */
public final class ReceivedMessageAssert extends AbstractAssert<ReceivedMessageAssert, ReceivedMessage> {

    private static final int SHOWN_OCTETS = 2_000;
    private static final int SHOWN_DIFFERENCE = 80;

    ReceivedMessageAssert(ReceivedMessage actual) {
        super(actual, ReceivedMessageAssert.class);
    }

    /**
     * Verifies the reverse-path.
     *
     * @param address the text between the angle brackets, empty for the null reverse-path
     * @return this assertion
     */
    public ReceivedMessageAssert isFrom(String address) {
        isNotNull();
        return check(actual.reversePath().equals(address), "reverse-path <" + address + ">", actual::reversePath);
    }

    /**
     * Verifies the recipients of the envelope.
     *
     * @param addresses all of them, in order
     * @return this assertion
     */
    public ReceivedMessageAssert isTo(String... addresses) {
        isNotNull();
        return check(
                actual.recipientAddresses().equals(List.of(addresses)),
                "recipients " + List.of(addresses),
                () -> actual.recipientAddresses().toString());
    }

    /**
     * Verifies an ESMTP parameter of MAIL.
     *
     * @param parameter as written there, for instance {@code BODY=8BITMIME}
     * @return this assertion
     */
    public ReceivedMessageAssert hasMailParameter(String parameter) {
        isNotNull();
        return check(
                actual.mailParameters().contains(parameter),
                "MAIL parameter " + parameter,
                () -> actual.mailParameters().toString());
    }

    /**
     * Verifies a header field; if several have the name, one must have the value.
     *
     * @param name the field's name; case is ignored
     * @param value the value, unfolded and decoded
     * @return this assertion
     */
    public ReceivedMessageAssert hasHeader(String name, String value) {
        isNotNull();
        List<String> values = actual.message().headers(name);
        return check(values.contains(value), name + ": " + value, values::toString);
    }

    /**
     * Verifies that there is a header field.
     *
     * @param name the field's name; case is ignored
     * @return this assertion
     */
    public ReceivedMessageAssert hasHeader(String name) {
        isNotNull();
        return check(
                actual.message().header(name).isPresent(),
                "a field " + name,
                () -> "fields " + actual.message().headerNames());
    }

    /**
     * Verifies that there is no header field of a name.
     *
     * @param name the field's name; case is ignored
     * @return this assertion
     */
    public ReceivedMessageAssert hasNoHeader(String name) {
        isNotNull();
        List<String> values = actual.message().headers(name);
        return check(values.isEmpty(), "no field " + name, values::toString);
    }

    /**
     * Verifies the subject.
     *
     * @param subject the text, decoded
     * @return this assertion
     */
    public ReceivedMessageAssert hasSubject(String subject) {
        return hasHeader("Subject", subject);
    }

    /**
     * Verifies the octets of the content.
     *
     * @param octets header section and body
     * @return this assertion
     */
    public ReceivedMessageAssert hasContent(byte[] octets) {
        isNotNull();
        return check(
                Arrays.equals(actual.content(), octets),
                "content of " + octets.length + " octets, these: \""
                        + Octets.escape(Arrays.copyOf(octets, Math.min(octets.length, SHOWN_OCTETS))) + "\"",
                () -> difference(octets));
    }

    /**
     * Verifies the end of the content: what the client sent, after the fields that the relay has added.
     *
     * @param end the end, sent as UTF-8
     * @return this assertion
     */
    public ReceivedMessageAssert endsWithContent(String end) {
        isNotNull();
        byte[] octets = Octets.of(end);
        byte[] content = actual.content();
        boolean ends = content.length >= octets.length
                && Arrays.equals(Arrays.copyOfRange(content, content.length - octets.length, content.length), octets);
        return check(ends, "content that ends with \"" + Octets.escape(octets) + "\"", () -> end(octets.length));
    }

    /**
     * Verifies the text of the message, or of one of its parts.
     *
     * @param part of the text, decoded
     * @return this assertion
     */
    public ReceivedMessageAssert hasTextContaining(String part) {
        isNotNull();
        return check(
                actual.message().leaves().stream().anyMatch(leaf -> leaf.text().contains(part)),
                "text with \"" + part + "\"",
                this::length);
    }

    /**
     * Verifies how many non-multipart parts there are.
     *
     * @param count how many, at all levels; 1 for a message that is not a multipart
     * @return this assertion
     */
    public ReceivedMessageAssert hasParts(int count) {
        isNotNull();
        List<MessagePart> leaves = actual.message().leaves();
        return check(
                leaves.size() == count,
                count + " parts",
                () -> leaves.stream().map(MessagePart::contentType).toList().toString());
    }

    /**
     * Verifies that there is an attachment.
     *
     * @param fileName its name
     * @return this assertion
     */
    public ReceivedMessageAssert hasAttachment(String fileName) {
        isNotNull();
        return check(attachment(fileName).isPresent(), "attachment " + fileName, this::attachments);
    }

    /**
     * Verifies an attachment's octets.
     *
     * @param fileName its name
     * @param octets the content without transfer encoding
     * @return this assertion
     */
    public ReceivedMessageAssert hasAttachment(String fileName, byte[] octets) {
        isNotNull();
        return check(
                attachment(fileName)
                        .filter(part -> Arrays.equals(part.octets(), octets))
                        .isPresent(),
                "attachment " + fileName + " of " + octets.length + " octets as given",
                this::attachments);
    }

    /**
     * Verifies that the message came over TLS.
     *
     * @return this assertion
     */
    public ReceivedMessageAssert isOverTls() {
        isNotNull();
        return check(actual.overTls(), "TLS", () -> "no TLS");
    }

    /**
     * Verifies the user who logged in at the upstream.
     *
     * @param user the user name
     * @return this assertion
     */
    public ReceivedMessageAssert isAuthenticatedAs(String user) {
        isNotNull();
        return check(
                actual.authenticatedUser().equals(Optional.of(user)),
                "login " + user,
                () -> actual.authenticatedUser().orElse("no login"));
    }

    private Optional<MessagePart> attachment(String fileName) {
        return actual.message().attachments().stream()
                .filter(part -> part.fileName().equals(Optional.of(fileName)))
                .findFirst();
    }

    private String attachments() {
        return "attachments "
                + actual.message().attachments().stream()
                        .map(part -> part.fileName().orElse("") + " (" + part.octets().length + " octets)")
                        .toList();
    }

    private String length() {
        return actual.content().length + " octets";
    }

    /** Shows where the contents begin to differ, which is hard to see in a long message, as are line ends in any. */
    private String difference(byte[] expected) {
        byte[] content = actual.content();
        int at = Math.max(0, Arrays.mismatch(content, expected));
        byte[] from = Arrays.copyOfRange(content, at, Math.min(content.length, at + SHOWN_DIFFERENCE));
        byte[] wanted = Arrays.copyOfRange(expected, at, Math.min(expected.length, at + SHOWN_DIFFERENCE));
        return length() + ", which differ after " + at + " with \"" + Octets.escape(from) + "\" in place of \""
                + Octets.escape(wanted) + "\"";
    }

    private String end(int expected) {
        byte[] content = actual.content();
        int from = Math.max(0, content.length - Math.max(expected, SHOWN_DIFFERENCE));
        return length() + ", which end with \"" + Octets.escape(Arrays.copyOfRange(content, from, content.length))
                + "\"";
    }

    private ReceivedMessageAssert check(boolean holds, String expected, Supplier<String> was) {
        if (!holds) {
            String text = new String(actual.content(), StandardCharsets.UTF_8);
            String shown = text.length() > SHOWN_OCTETS ? text.substring(0, SHOWN_OCTETS) + "..." : text;
            failWithMessage(
                    "%s",
                    "Expected message with:\n  " + expected + "\nbut was:\n  " + was.get() + "\nMessage:\n  " + actual
                            + "\n" + shown.indent(2).stripTrailing());
        }
        return this;
    }
}
