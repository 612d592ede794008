package dev.postern.testkit.assertions;

import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.AbstractAssert;

/** Assertions on what a {@link FakeUpstream} has received. A failure shows its transcript. */
public final class UpstreamAssert extends AbstractAssert<UpstreamAssert, FakeUpstream> {

    UpstreamAssert(FakeUpstream actual) {
        super(actual, UpstreamAssert.class);
    }

    /**
     * Verifies how many messages were accepted.
     *
     * @param count how many
     * @return this assertion
     */
    public UpstreamAssert hasMessages(int count) {
        isNotNull();
        List<ReceivedMessage> messages = actual.messages();
        return check(messages.size() == count, count + " messages", messages.size() + ": " + messages);
    }

    /**
     * Verifies that no message was accepted.
     *
     * @return this assertion
     */
    public UpstreamAssert hasNoMessages() {
        return hasMessages(0);
    }

    /**
     * Verifies how many message contents were received to their last octet, whatever the reply.
     *
     * @param count how many
     * @return this assertion
     */
    public UpstreamAssert hasSeenContents(int count) {
        isNotNull();
        return check(actual.contentsSeen() == count, count + " whole contents", String.valueOf(actual.contentsSeen()));
    }

    /**
     * Verifies how many connections were accepted.
     *
     * @param count how many, open or not
     * @return this assertion
     */
    public UpstreamAssert hasConnections(int count) {
        isNotNull();
        return check(actual.connections() == count, count + " connections", String.valueOf(actual.connections()));
    }

    /**
     * Verifies that a command was received.
     *
     * @param start the command line or its beginning; case is ignored
     * @return this assertion
     */
    public UpstreamAssert hasSeenCommand(String start) {
        isNotNull();
        return check(seen(start), "command " + start, "commands " + actual.commands());
    }

    /**
     * Verifies that a command was not received.
     *
     * @param start the command line's beginning; case is ignored
     * @return this assertion
     */
    public UpstreamAssert hasNotSeenCommand(String start) {
        isNotNull();
        return check(!seen(start), "no command " + start, "commands " + actual.commands());
    }

    /**
     * Verifies that there was no lone CR or LF in what was received, so that nothing can be smuggled in after a false
     * end.
     *
     * @return this assertion
     */
    public UpstreamAssert hasSeenNoBareLineEnding() {
        isNotNull();
        List<String> bare = actual.bareLineEndings();
        return check(bare.isEmpty(), "no CR or LF alone", bare.toString());
    }

    private boolean seen(String start) {
        String wanted = start.toUpperCase(Locale.ROOT);
        return actual.commands().stream()
                .anyMatch(command -> command.toUpperCase(Locale.ROOT).startsWith(wanted));
    }

    private UpstreamAssert check(boolean holds, String expected, String was) {
        if (!holds) {
            failWithMessage(
                    "%s",
                    "Expected upstream with:\n  " + expected + "\nbut was:\n  " + was + "\nTranscript:\n"
                            + actual.transcript().indent(2).stripTrailing());
        }
        return this;
    }
}
