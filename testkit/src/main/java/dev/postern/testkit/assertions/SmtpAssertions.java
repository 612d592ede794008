package dev.postern.testkit.assertions;

import dev.postern.testkit.RelayFixture;
import dev.postern.testkit.RelaySession;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.util.Objects;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * The entry point to AssertJ assertions on SMTP; its {@code assertThat} can be imported together with AssertJ's own.
 */
public final class SmtpAssertions {

    private SmtpAssertions() {}

    /**
     * Begins an assertion on a reply.
     *
     * @param actual the reply
     * @return the assertion
     */
    public static ReplyAssert assertThat(ProbeReply actual) {
        return new ReplyAssert(actual);
    }

    /**
     * Begins an assertion on a probe's connection.
     *
     * @param actual the probe
     * @return the assertion
     */
    public static ProbeAssert assertThat(SmtpProbe actual) {
        return new ProbeAssert(actual);
    }

    /**
     * Begins an assertion on a message that an upstream has accepted.
     *
     * @param actual the message
     * @return the assertion
     */
    public static ReceivedMessageAssert assertThat(ReceivedMessage actual) {
        return new ReceivedMessageAssert(actual);
    }

    /**
     * Begins an assertion on what an upstream has received.
     *
     * @param actual the upstream
     * @return the assertion
     */
    public static UpstreamAssert assertThat(FakeUpstream actual) {
        return new UpstreamAssert(actual);
    }

    /**
     * Begins an assertion on a session's dialogue.
     *
     * @param actual the session
     * @return the assertion
     */
    public static TranscriptAssert assertThat(RelaySession actual) {
        return new TranscriptAssert(actual);
    }

    /**
     * Begins an assertion on the relay under test.
     *
     * @param actual the relay
     * @return the assertion
     */
    public static RelayAssert assertThat(RelayFixture actual) {
        return new RelayAssert(actual);
    }

    /**
     * Sends through a mail library, and begins an assertion on the outcome.
     *
     * @param sending sends; the assertion is on what it throws
     * @return the assertion
     */
    public static SendingAssert assertThatSending(ThrowingCallable sending) {
        return new SendingAssert(Assertions.catchThrowable(sending));
    }

    /**
     * Begins an assertion on a client's last reply, for libraries that do not throw, such as Commons Net's {@code
     * SMTPClient}.
     *
     * @param client has {@code getReplyCode()} and {@code getReplyString()}, or similar
     * @return the assertion
     */
    public static SendingAssert assertThatReplyIn(Object client) {
        return new SendingAssert(Objects.requireNonNull(client, "client"));
    }
}
