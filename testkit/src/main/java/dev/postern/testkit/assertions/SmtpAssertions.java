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

/** The entry to AssertJ assertions on SMTP; its {@code assertThat} goes along with AssertJ's own. */
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
     * Begins an assertion on what an upstream has seen.
     *
     * @param actual the upstream
     * @return the assertion
     */
    public static UpstreamAssert assertThat(FakeUpstream actual) {
        return new UpstreamAssert(actual);
    }

    /**
     * Begins an assertion on what was said in a session.
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
     * Sends through a mail library, and begins an assertion on what came of it.
     *
     * @param sending sends; what it throws is what is asserted on
     * @return the assertion
     */
    public static SendingAssert assertThatSending(ThrowingCallable sending) {
        return new SendingAssert(Assertions.catchThrowable(sending));
    }

    /**
     * Begins an assertion on the last reply that a client knows of, for libraries that do not throw, such as Commons
     * Net's {@code SMTPClient}.
     *
     * @param client has {@code getReplyCode()} and {@code getReplyString()}, or alike
     * @return the assertion
     */
    public static SendingAssert assertThatReplyIn(Object client) {
        return new SendingAssert(Objects.requireNonNull(client, "client"));
    }
}
