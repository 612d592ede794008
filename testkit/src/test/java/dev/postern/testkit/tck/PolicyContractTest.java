package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.Verdict;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class PolicyContractTest {

    private static final ContentPolicy RIGHT = new NoSecrets();

    private static final String CASE = "required_answer_isTheSameForADomainInAnotherCase";

    private static volatile ContentPolicy subject = RIGHT;
    private static volatile Predicate<String> refusedDomain = "refused.test"::equalsIgnoreCase;

    /** Refuses what speaks of secrets. */
    private static class NoSecrets implements ContentPolicy {
        @Override
        public Verdict check(Submission submission) {
            return text(submission).contains("secret") ? refusal() : Verdict.proceed();
        }

        Verdict refusal() {
            return Verdict.refuse(StandardReply.SENDER_NOT_ALLOWED);
        }

        String text(Submission submission) {
            try (InputStream in = submission.content().open()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static Set<Map.Entry<String, ContentPolicy>> bugs() {
        Map<String, ContentPolicy> bugs = Map.of(
                "required_passing_passes", submission -> Verdict.refuse(StandardReply.SENDER_NOT_ALLOWED),
                "required_refused_isRefused",
                        new NoSecrets() {
                            @Override
                            Verdict refusal() {
                                return Verdict.refuse(StandardReply.MIME_INVALID);
                            }
                        },
                "required_answer_isTheSameEachTime",
                        new NoSecrets() {
                            private final AtomicInteger asked = new AtomicInteger();

                            @Override
                            public Verdict check(Submission submission) {
                                return asked.incrementAndGet() > 3 ? Verdict.proceed() : super.check(submission);
                            }
                        },
                "required_concurrency_eachGetsItsOwnAnswer",
                        new NoSecrets() {
                            private final Gap gap = new Gap();
                            private volatile String shared = "";

                            @Override
                            String text(Submission submission) {
                                shared = super.text(submission);
                                gap.awaitOthers();
                                return shared;
                            }
                        },
                "required_answer_dependsOnNoOtherQuestion",
                        new NoSecrets() {
                            private final Map<String, Verdict> known = new ConcurrentHashMap<>();

                            @Override
                            public Verdict check(Submission submission) {
                                return known.computeIfAbsent(
                                        submission.identity().user(), user -> super.check(submission));
                            }
                        },
                "required_content_thatIsNoTextIsJudged",
                        new NoSecrets() {
                            @Override
                            String text(Submission submission) {
                                try (InputStream in = submission.content().open()) {
                                    return StandardCharsets.UTF_8
                                            .newDecoder()
                                            .decode(ByteBuffer.wrap(in.readAllBytes()))
                                            .toString();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        },
                "required_content_isClosed",
                        new NoSecrets() {
                            @Override
                            String text(Submission submission) {
                                try {
                                    return new String(
                                            submission.content().open().readAllBytes(), StandardCharsets.UTF_8);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        });
        return bugs.entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, ContentPolicy> bug) {
        subject = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void aRightPolicyPassesAll() {
        subject = RIGHT;
        List<String> faults =
                new ArrayList<>(bugs().stream().map(Map.Entry::getKey).toList());
        faults.add(CASE);
        ContractRun.of(Subject.class).assertPassedAndProved(faults, "untested_everyCall_endsWithinThePluginTimeout");
    }

    @Test
    void policiesOfConnectionsAndEnvelopesAreAskedToo() {
        assertThat(ContractRun.of(Envelopes.class).failed()).isEmpty();
    }

    @Test
    void whoLetsTheCaseOfADomainDecideIsCaught() {
        Predicate<String> before = refusedDomain;
        try {
            refusedDomain = "refused.test"::equals;
            ContractRun.assertCatches(Envelopes.class, CASE);
        } finally {
            refusedDomain = before;
        }
    }

    static class Subject extends PolicyContract {
        private final Identity ann = Identity.of("ann@client.test");

        @Override
        protected List<Example> passing() {
            return List.of(submitting(subject, ann, "Subject: hello\r\n\r\nnothing\r\n"));
        }

        @Override
        protected List<Example> refused() {
            return List.of(submitting(subject, ann, "Subject: hello\r\n\r\nsecret\r\n"));
        }

        @Override
        protected Optional<Reply> refusal() {
            return Optional.of(StandardReply.SENDER_NOT_ALLOWED.reply());
        }
    }

    static class Envelopes extends PolicyContract {
        private final Identity ann = Identity.of("ann@client.test");
        private final SessionPolicy sessions = client ->
                client.remote().getPort() == 1 ? Verdict.refuse(StandardReply.SERVER_BUSY) : Verdict.proceed();
        private final EnvelopePolicy envelopes = new EnvelopePolicy() {
            @Override
            public Verdict sender(dev.postern.spi.Envelope envelope, Identity identity, ClientInfo client) {
                return Verdict.proceed();
            }

            @Override
            public Verdict recipient(dev.postern.spi.Envelope envelope, Recipient recipient, Identity identity) {
                return refusedDomain.test(recipient.address().domain())
                        ? Verdict.refuse(StandardReply.NO_VALID_RECIPIENTS)
                        : Verdict.proceed();
            }
        };

        private static ClientInfo client(int port) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            return ClientInfo.of("s", address, address);
        }

        @Override
        protected List<Example> passing() {
            return List.of(
                    connecting(sessions, client(2)),
                    sending(envelopes, ann, "ann@client.test"),
                    receiving(envelopes, ann, "ann@client.test", "bob@dest.test"));
        }

        @Override
        protected List<Example> refused() {
            return List.of(
                    connecting(sessions, client(1)),
                    receiving(envelopes, ann, "ann@client.test", "xavier@refused.test"));
        }
    }
}
