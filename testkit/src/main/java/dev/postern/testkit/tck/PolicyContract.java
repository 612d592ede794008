package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.Submission;
import dev.postern.spi.Verdict;
import dev.postern.testkit.TestMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a host's own rules, {@link SessionPolicy}, {@link EnvelopePolicy} and {@link ContentPolicy}: they
 * always answer, the same question in the same way, on any thread. Extend it, return examples of what the rule refuses
 * and accepts, created by {@code connecting}, {@code sending}, {@code receiving} and {@code submitting}, and run it
 * with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class PolicyContract {

    private static final int THREADS = 8;

    private final List<Object> policies = new ArrayList<>();
    private final List<TestContent> contents = new ArrayList<>();
    private final List<Callable<Verdict>> ofNoText = new ArrayList<>();

    /**
     * A question to a policy.
     *
     * @param text the question, for failure messages
     * @param question asks it
     * @param inOtherCase ask the same with the domain in another case
     */
    public record Example(String text, Callable<Verdict> question, List<Callable<Verdict>> inOtherCase) {

        /**
         * Copies {@code inOtherCase}.
         *
         * @param text as {@link #text()}
         * @param question as {@link #question()}
         * @param inOtherCase as {@link #inOtherCase()}
         */
        public Example {
            inOtherCase = List.copyOf(inOtherCase);
        }

        /**
         * Creates a question that can be asked in only one way.
         *
         * @param text as {@link #text()}
         * @param question as {@link #question()}
         */
        public Example(String text, Callable<Verdict> question) {
            this(text, question, List.of());
        }
    }

    /** For subclasses, which test an implementation. */
    protected PolicyContract() {}

    /**
     * Returns examples of what the rule accepts.
     *
     * @return at least one
     * @throws Exception fails the test
     */
    protected abstract List<Example> passing() throws Exception;

    /**
     * Returns examples of what the rule refuses.
     *
     * @return at least one
     * @throws Exception fails the test
     */
    protected abstract List<Example> refused() throws Exception;

    /**
     * Returns the reply with which the examples are refused.
     *
     * @return the reply; empty, as by default, for any refusal
     */
    protected Optional<Reply> refusal() {
        return Optional.empty();
    }

    /**
     * Asks about a connection.
     *
     * @param policy the rule, closed after the test when it is {@link AutoCloseable}
     * @param client the client that connects
     * @return the question
     */
    protected final Example connecting(SessionPolicy policy, ClientInfo client) {
        policies.add(policy);
        return new Example("connection of " + client, () -> policy.connected(client));
    }

    /**
     * Asks about a sender.
     *
     * @param policy the rule, closed after the test when it is {@link AutoCloseable}
     * @param identity who sends
     * @param reversePath the sender without angle brackets, empty for the null reverse-path
     * @return the question
     */
    protected final Example sending(EnvelopePolicy policy, Identity identity, String reversePath) {
        policies.add(policy);
        return new Example(
                "sender <" + reversePath + ">",
                () -> policy.sender(envelope(reversePath), identity, TestMessage.clientAt("127.0.0.1")),
                otherCases(reversePath).stream()
                        .map(path -> (Callable<Verdict>)
                                () -> policy.sender(envelope(path), identity, TestMessage.clientAt("127.0.0.1")))
                        .toList());
    }

    /**
     * Asks about a recipient.
     *
     * @param policy the rule, closed after the test when it is {@link AutoCloseable}
     * @param identity who sends
     * @param reversePath the sender without angle brackets, empty for the null reverse-path
     * @param forwardPath the recipient without angle brackets
     * @return the question
     */
    protected final Example receiving(
            EnvelopePolicy policy, Identity identity, String reversePath, String forwardPath) {
        policies.add(policy);
        Envelope envelope = envelope(reversePath);
        return new Example(
                "recipient <" + forwardPath + ">",
                () -> policy.recipient(envelope, Recipient.of(forwardPath), identity),
                otherCases(forwardPath).stream()
                        .map(path -> (Callable<Verdict>) () -> policy.recipient(envelope, Recipient.of(path), identity))
                        .toList());
    }

    /**
     * Asks about a message.
     *
     * @param policy the rule, closed after the test when it is {@link AutoCloseable}
     * @param identity who sends
     * @param content the message, sent as UTF-8
     * @return the question
     */
    protected final Example submitting(ContentPolicy policy, Identity identity, String content) {
        policies.add(policy);
        byte[] octets = content.getBytes(StandardCharsets.UTF_8);
        Submission submission = submission(identity, octets);
        ByteArrayOutputStream noText = new ByteArrayOutputStream();
        noText.writeBytes(octets);
        noText.writeBytes(TestContent.noText());
        Submission ofNoText = submission(identity, noText.toByteArray());
        this.ofNoText.add(() -> policy.check(ofNoText));
        return new Example("message of " + content.length() + " characters", () -> policy.check(submission));
    }

    private Submission submission(Identity identity, byte[] octets) {
        TestContent content = TestContent.of(octets);
        contents.add(content);
        Envelope envelope =
                new Envelope(ReversePath.empty(), EsmtpParameters.none(), List.of(Recipient.of("bob@dest.test")));
        return Tck.submission(identity, envelope, content);
    }

    /**
     * Closes the policies that can be closed.
     *
     * @throws Exception when one cannot be closed
     */
    @AfterEach
    public final void closePolicies() throws Exception {
        for (Object policy : policies) {
            Tck.close(policy);
        }
    }

    /**
     * Every accepted example is accepted.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_passing_passes() throws Exception {
        List<Example> examples = passing();
        assertThat(examples).as("examples").isNotEmpty();
        for (Example example : examples) {
            assertThat(example.question.call()).as(example.text).isInstanceOf(Verdict.Proceed.class);
        }
    }

    /**
     * Every refused example is refused, with the expected reply.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_refused_isRefused() throws Exception {
        List<Example> examples = refused();
        assertThat(examples).as("examples").isNotEmpty();
        for (Example example : examples) {
            Verdict verdict = example.question.call();
            assertThat(verdict).as(example.text).isNotNull().isNotInstanceOf(Verdict.Proceed.class);
            refusal()
                    .ifPresent(reply -> assertThat(verdict.refusal())
                            .as("reply to " + example.text)
                            .contains(reply));
        }
    }

    /**
     * The same question always gets the same answer.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_answer_isTheSameEachTime() throws Exception {
        List<Example> examples = new ArrayList<>(passing());
        examples.addAll(refused());
        List<String> first = answers(examples);
        assertThat(answers(examples)).as("the second time").isEqualTo(first);
    }

    /**
     * Answers do not depend on other questions: in any order, each question gets its own answer.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_answer_dependsOnNoOtherQuestion() throws Exception {
        List<Example> passing = passing();
        List<Example> refused = refused();
        for (Example one : passing) {
            for (Example other : refused) {
                for (int i = 0; i < 2; i++) {
                    assertThat(other.question.call())
                            .as("%s, asked next to %s", other.text, one.text)
                            .isNotInstanceOf(Verdict.Proceed.class);
                    assertThat(one.question.call())
                            .as("%s, asked next to %s", one.text, other.text)
                            .isInstanceOf(Verdict.Proceed.class);
                }
            }
        }
    }

    /**
     * The case of a domain does not matter (RFC 5321 section 2.4), so it does not change the answer.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_answer_isTheSameForADomainInAnotherCase() throws Exception {
        List<Example> examples = new ArrayList<>(passing());
        examples.addAll(refused());
        for (Example example : examples) {
            for (Callable<Verdict> inOtherCase : example.inOtherCase) {
                assertThat(inOtherCase.call())
                        .as("%s, with the domain in another case", example.text)
                        .hasToString(String.valueOf(example.question.call()));
            }
        }
    }

    /**
     * Content need not be text in any charset: it gets an answer, not an exception.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_content_thatIsNoTextIsJudged() throws Exception {
        passing();
        refused();
        for (Callable<Verdict> question : ofNoText) {
            assertThat(question.call()).as("a message whose octets are no text").isNotNull();
        }
    }

    /**
     * Concurrent calls each get their own answer.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_concurrency_eachGetsItsOwnAnswer() throws Exception {
        List<Example> examples = new ArrayList<>(passing());
        examples.addAll(refused());
        List<String> alone = answers(examples);
        List<List<String>> together = Tck.together(THREADS, thread -> () -> {
            List<String> last = alone;
            for (int i = 0; i < 10 && last.equals(alone); i++) {
                last = answers(examples);
            }
            return last;
        });
        assertThat(together).as("answers on %s threads", THREADS).containsOnly(alone);
    }

    /**
     * A content policy closes every stream that it opens.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_content_isClosed() throws Exception {
        List<Example> examples = new ArrayList<>(passing());
        examples.addAll(refused());
        answers(examples);
        for (TestContent content : contents) {
            assertThat(content.open.get()).as("streams that were left open").isZero();
        }
    }

    /** Each call ends well within the relay's plug-in time-out. */
    @Test
    public final void untested_everyCall_endsWithinThePluginTimeout() {
        Tck.skip("it would measure time; bound the waits of the rule's own client, and measure it under load");
    }

    private static List<String> answers(List<Example> examples) throws Exception {
        List<String> answers = new ArrayList<>();
        for (Example example : examples) {
            answers.add(example.text + ": " + example.question.call());
        }
        return answers;
    }

    private static List<String> otherCases(String address) {
        int at = address.lastIndexOf('@');
        String domain = address.substring(at + 1);
        return at < 0
                ? List.of()
                : Stream.of(domain.toUpperCase(Locale.ROOT), domain.toLowerCase(Locale.ROOT))
                        .filter(other -> !other.equals(domain))
                        .map(other -> address.substring(0, at + 1) + other)
                        .toList();
    }

    private static Envelope envelope(String reversePath) {
        ReversePath path = reversePath.isEmpty() ? ReversePath.empty() : ReversePath.of(MailAddress.parse(reversePath));
        return new Envelope(path, EsmtpParameters.none(), List.of());
    }
}
