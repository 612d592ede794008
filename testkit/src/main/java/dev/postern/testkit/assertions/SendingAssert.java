package dev.postern.testkit.assertions;

import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.StandardReply;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on the outcome of sending through a mail library: on the replies found in its exceptions, by their public
 * accessors and messages. Reads the exceptions of Jakarta Mail (Angus), Spring, Simple Java Mail, Commons Net, Vert.x,
 * and any library with the same names. A failure shows all exceptions, and what was found in each.
 */
public final class SendingAssert extends AbstractAssert<SendingAssert, Object> {

    private final List<FoundReply> found;

    /** The outcome is an exception, an object that reports one, or null when nothing failed. */
    SendingAssert(@Nullable Object outcome) {
        super(outcome == null ? "sent" : outcome, SendingAssert.class);
        this.found = outcome == null ? List.of() : FoundReply.in(outcome);
    }

    /**
     * Verifies that sending was refused with a catalogue reply: a reply with the row's code was found, and everything
     * else known of it agrees. With libraries that report only the code, rows with the same code cannot be told apart.
     *
     * @param row the row
     * @return this assertion
     */
    public SendingAssert isRefusedWith(StandardReply row) {
        return check(reply -> reply.is(row), row + " \"" + row.wireText() + "\"");
    }

    /**
     * Verifies that a reply code was found.
     *
     * @param code the expected code
     * @return this assertion
     */
    public SendingAssert hasCode(int code) {
        return check(reply -> reply.code() == code, "code " + code);
    }

    /**
     * Verifies that an enhanced status code was found.
     *
     * @param status the expected code, for instance {@code 4.2.2}
     * @return this assertion
     * @throws IllegalArgumentException when the argument is not an enhanced status code
     */
    public SendingAssert hasEnhancedStatus(String status) {
        Optional<EnhancedStatus> expected = Optional.of(EnhancedStatus.parse(status));
        return check(reply -> reply.status().equals(expected), "enhanced status code " + status);
    }

    /**
     * Verifies that sending failed temporarily: a 4xx reply was found, and no 5xx one.
     *
     * @return this assertion
     */
    public SendingAssert isTemporaryFailure() {
        boolean permanent = found.stream().anyMatch(reply -> reply.code() / 100 == 5);
        return check(reply -> reply.code() / 100 == 4 && !permanent, "any 4xx, and no 5xx");
    }

    /**
     * Verifies that sending failed permanently: a 5xx reply was found.
     *
     * @return this assertion
     */
    public SendingAssert isPermanentFailure() {
        return check(reply -> reply.code() / 100 == 5, "any 5xx");
    }

    /**
     * Verifies that nothing failed: nothing was thrown or, for a client that does not throw, the last reply is 2xx.
     *
     * @return this assertion
     */
    public SendingAssert succeeds() {
        boolean succeeded = sent()
                || !(actual instanceof Throwable)
                        && !found.isEmpty()
                        && found.stream().allMatch(reply -> reply.code() / 100 == 2);
        return succeeded ? this : fail("Expected sending to succeed, but " + outcome());
    }

    private SendingAssert fail(String text) {
        AssertionError error = new AssertionError(described() + text);
        if (actual instanceof Throwable failure) {
            error.initCause(failure);
        }
        throw error;
    }

    private boolean sent() {
        return "sent".equals(actual);
    }

    private SendingAssert check(Predicate<FoundReply> expectation, String expected) {
        if (found.stream().noneMatch(expectation)) {
            return fail("Expected sending to be refused with:\n  " + expected + "\nbut " + outcome());
        }
        return this;
    }

    private String described() {
        String description = descriptionText();
        return description.isEmpty() ? "" : "[" + description + "] ";
    }

    private String outcome() {
        if (sent()) {
            return "it succeeded";
        }
        String replies = found.isEmpty()
                ? "  none"
                : found.stream().map(reply -> "  " + reply).collect(Collectors.joining("\n"));
        return "it failed with:\n  " + FoundReply.text(actual).indent(2).strip() + "\nReplies found:\n" + replies;
    }
}
