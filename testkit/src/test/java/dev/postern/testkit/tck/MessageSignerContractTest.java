package dev.postern.testkit.tck;

import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.Submission;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class MessageSignerContractTest {

    private static volatile Supplier<Summing> maker = Summing::new;

    /** Signs with a checksum, as nobody should. */
    private static class Summing implements MessageSigner {
        @Override
        public String sign(Submission submission) {
            return "X-Sum: a=1;\r\n\ts=" + Arrays.hashCode(read(submission.content())) + end();
        }

        byte[] read(MessageContent content) {
            try (InputStream in = content.open()) {
                return in.readAllBytes();
            } catch (IOException e) {
                return failed(e);
            }
        }

        byte[] failed(IOException e) {
            throw new UncheckedIOException(e);
        }

        String end() {
            return "\r\n";
        }
    }

    static Set<Map.Entry<String, Supplier<Summing>>> bugs() {
        return Map.<String, Supplier<Summing>>of(
                        "required_everyMessage_isSigned",
                        () -> new Summing() {
                            @Override
                            public String sign(Submission submission) {
                                String text = new String(read(submission.content()), StandardCharsets.UTF_8);
                                return text.contains("\r\n\r\n") ? super.sign(submission) : ""; // no body
                            }
                        },
                        "required_fields_canStandOnTopOfAnyMessage",
                        () -> new Summing() {
                            @Override
                            String end() {
                                return "\r\n\r\n"; // ends the header
                            }
                        },
                        "required_fields_dependOnTheMessageAlone",
                        () -> new Summing() {
                            private final AtomicInteger signed = new AtomicInteger();

                            @Override
                            String end() {
                                return "; n=" + signed.incrementAndGet() + "\r\n";
                            }
                        },
                        "required_concurrency_eachGetsItsOwnFields",
                        () -> new Summing() {
                            private final Gap gap = new Gap();
                            private volatile byte[] shared = {};

                            @Override
                            byte[] read(MessageContent content) {
                                shared = super.read(content);
                                gap.awaitOthers();
                                return shared;
                            }
                        },
                        "required_content_isClosed",
                        () -> new Summing() {
                            @Override
                            byte[] read(MessageContent content) {
                                try {
                                    return content.open().readAllBytes();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        },
                        "required_content_isNotReadLater",
                        () -> new Summing() {
                            private volatile MessageContent before = TestContent.of(new byte[0]);

                            @Override
                            byte[] read(MessageContent content) {
                                super.read(before);
                                before = content;
                                return super.read(content);
                            }

                            @Override
                            byte[] failed(IOException e) {
                                return new byte[0];
                            }
                        },
                        "required_content_thatCannotBeReadIsNotSignedInPart",
                        () -> new Summing() {
                            @Override
                            byte[] failed(IOException e) {
                                return new byte[0];
                            }
                        })
                .entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, Supplier<Summing>> bug) {
        maker = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void aRightSignerPassesAll() {
        maker = Summing::new;
        ContractRun.of(Subject.class)
                .assertPassedAndProved(
                        bugs().stream().map(Map.Entry::getKey).toList(), "untested_everyCall_boundsItsTime");
    }

    static class Subject extends MessageSignerContract {
        @Override
        protected MessageSigner newSigner() {
            return maker.get();
        }

        @Override
        protected Identity identity() {
            return Identity.of("ann@client.test");
        }

        @Override
        protected MailAddress author() {
            return MailAddress.parse("ann@client.test");
        }
    }
}
