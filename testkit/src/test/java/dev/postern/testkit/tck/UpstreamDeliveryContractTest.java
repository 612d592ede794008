package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.tck.UpstreamDeliveryContract.Arrived;
import dev.postern.testkit.tck.UpstreamDeliveryContract.OtherSide;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class UpstreamDeliveryContractTest {

    private static final Supplier<Plain> RIGHT = Plain::new;

    private static volatile Supplier<Plain> maker = RIGHT;

    /** Delivers into a list; as plain as it can be. Broken ones override a step. */
    private static class Plain implements UpstreamDelivery {
        final List<Arrived> arrived = Collections.synchronizedList(new ArrayList<>());
        volatile OtherSide otherSide = OtherSide.WORKS;
        private volatile boolean closed;

        @Override
        public DeliveryResult deliver(Submission submission) {
            byte[] content;
            try {
                content = read(submission);
            } catch (IOException e) {
                return deferred(Reason.FAILED);
            }
            return switch (otherSide) {
                case WORKS -> isClosed() ? deferred(Reason.UNREACHABLE) : accept(submission, content);
                case UNREACHABLE -> deferred(Reason.UNREACHABLE);
                case REFUSES_FOR_NOW -> deferred(Reason.FAILED);
                case IS_LOST_AT_THE_END -> lost(submission, content);
                case REFUSES_FOR_GOOD -> DeliveryResult.rejected("list", refusal(), List.of());
                case REFUSES_ONE_RECIPIENT -> oneRefused(submission, content);
            };
        }

        DeliveryResult lost(Submission submission, byte[] content) {
            accept(submission, content);
            return deferred(Reason.AMBIGUOUS);
        }

        DeliveryResult oneRefused(Submission submission, byte[] content) {
            Optional<Recipient> refused = submission.envelope().recipients().stream()
                    .filter(recipient -> recipient.address().toString().startsWith("refused@"))
                    .findFirst();
            return refused.isEmpty()
                    ? accept(submission, content)
                    : DeliveryResult.rejected(
                            "list",
                            refusal(),
                            List.of(new DeliveryResult.RefusedRecipient(
                                    refused.get().address(), refusal())));
        }

        byte[] read(Submission submission) throws IOException {
            try (InputStream in = submission.content().open()) {
                return in.readAllBytes();
            }
        }

        DeliveryResult accept(Submission submission, byte[] content) {
            arrived.add(new Arrived(
                    submission
                            .envelope()
                            .reversePath()
                            .address()
                            .map(Object::toString)
                            .orElse(""),
                    addresses(submission),
                    content));
            return DeliveryResult.accepted("list", StandardReply.RESET_OK.reply());
        }

        List<String> addresses(Submission submission) {
            return submission.envelope().recipients().stream()
                    .map(recipient -> recipient.address().toString())
                    .toList();
        }

        final DeliveryResult deferred(Reason reason) {
            return DeliveryResult.deferred("list", reason, "on purpose");
        }

        final Reply refusal() {
            return StandardReply.SENDER_NOT_ALLOWED.reply();
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static Map<String, Supplier<Plain>> bugsOfAccepting() {
        return Map.of(
                "required_accepted_hasArrivedOnceAndWhole",
                        () -> new Plain() {
                            @Override
                            DeliveryResult accept(Submission submission, byte[] content) {
                                super.accept(submission, content);
                                return super.accept(submission, content);
                            }
                        },
                "required_maxRecipients_isOneOrMoreAndNoLessForAGivenMessage",
                        () -> new Plain() {
                            @Override
                            public int maxRecipients(Identity identity, Envelope envelope) {
                                return 0;
                            }
                        },
                "required_accepted_contentIsNotChanged",
                        () -> new Plain() {
                            @Override
                            byte[] read(Submission submission) throws IOException {
                                ByteArrayOutputStream undotted = new ByteArrayOutputStream();
                                for (byte octet : super.read(submission)) {
                                    if (octet != '.') {
                                        undotted.write(octet);
                                    }
                                }
                                return undotted.toByteArray();
                            }
                        },
                "required_accepted_nullReversePathStays",
                        () -> new Plain() {
                            @Override
                            DeliveryResult accept(Submission submission, byte[] content) {
                                arrived.add(new Arrived("postmaster@relay.test", addresses(submission), content));
                                return DeliveryResult.accepted("list", StandardReply.RESET_OK.reply());
                            }
                        },
                "required_accepted_allRecipientsOfOneMessage",
                        () -> new Plain() {
                            @Override
                            List<String> addresses(Submission submission) {
                                List<String> all = super.addresses(submission);
                                return all.subList(0, Math.min(all.size(), 99));
                            }
                        },
                "required_concurrency_eachMessageArrivesOnce",
                        () -> new Plain() {
                            private final Gap gap = new Gap(6);
                            private volatile byte[] last = {};

                            @Override
                            byte[] read(Submission submission) throws IOException {
                                last = super.read(submission);
                                gap.awaitOthers();
                                return last;
                            }
                        },
                "required_close_nothingIsAcceptedAfterIt",
                        () -> new Plain() {
                            @Override
                            boolean isClosed() {
                                return false;
                            }
                        },
                "required_null_isAnException",
                        () -> new Plain() {
                            @Override
                            public DeliveryResult deliver(Submission submission) {
                                return submission == null ? deferred(Reason.FAILED) : super.deliver(submission);
                            }
                        });
    }

    /** Content goes through text on its way. */
    private static Supplier<Plain> changing(UnaryOperator<byte[]> change) {
        return () -> new Plain() {
            @Override
            byte[] read(Submission submission) throws IOException {
                return change.apply(super.read(submission));
            }
        };
    }

    private static Supplier<Plain> decoding(Charset charset, UnaryOperator<String> change) {
        return changing(octets -> change.apply(new String(octets, charset)).getBytes(charset));
    }

    private static Map<String, Supplier<Plain>> bugsOfText() {
        String test = "required_accepted_contentIsNoText ";
        return Map.of(
                test + "decodes it as UTF-8",
                decoding(StandardCharsets.UTF_8, text -> text),
                test + "decodes it as US-ASCII",
                decoding(StandardCharsets.US_ASCII, text -> text),
                test + "decodes it as windows-1252",
                decoding(Charset.forName("windows-1252"), text -> text),
                test + "takes off blanks at the ends of lines",
                decoding(StandardCharsets.ISO_8859_1, text -> text.replaceAll("[ \\t]+\r\n", "\r\n")),
                test + "takes every end of a line for one",
                decoding(StandardCharsets.ISO_8859_1, text -> text.replaceAll("\\R", "\r\n")),
                test + "takes off a byte order mark",
                decoding(StandardCharsets.ISO_8859_1, text -> text.replace("\u00ef\u00bb\u00bf", "")),
                "required_accepted_addressesAreNotChanged writes them small",
                () -> new Plain() {
                    @Override
                    List<String> addresses(Submission submission) {
                        return super.addresses(submission).stream()
                                .map(address -> address.toLowerCase(Locale.ROOT))
                                .toList();
                    }
                },
                "required_accepted_addressesAreNotChanged sends to each mailbox once, whatever its case",
                () -> new Plain() {
                    @Override
                    List<String> addresses(Submission submission) {
                        Set<String> each = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
                        return super.addresses(submission).stream()
                                .filter(each::add)
                                .toList();
                    }
                });
    }

    private static Map<String, Supplier<Plain>> bugsOfContent() {
        return Map.of(
                "required_content_isClosed",
                        () -> new Plain() {
                            @Override
                            byte[] read(Submission submission) throws IOException {
                                return submission.content().open().readAllBytes();
                            }
                        },
                "required_content_isNotReadAfterTheCall",
                        () -> new Plain() {
                            private final List<Submission> earlier = new ArrayList<>();
                            private final List<IOException> unheard = new ArrayList<>();

                            @Override
                            byte[] read(Submission submission) throws IOException {
                                for (Submission one : earlier) {
                                    try {
                                        super.read(one);
                                    } catch (IOException e) {
                                        unheard.add(e); // as a background thread would fail, that nobody hears
                                    }
                                }
                                earlier.add(submission);
                                return super.read(submission);
                            }
                        },
                "required_content_thatCannotBeReadDoesNotArrive",
                        () -> new Plain() {
                            @Override
                            byte[] read(Submission submission) {
                                ByteArrayOutputStream read = new ByteArrayOutputStream();
                                try (InputStream in = submission.content().open()) {
                                    for (int octet = in.read(); octet >= 0; octet = in.read()) {
                                        read.write(octet);
                                    }
                                } catch (IOException e) {
                                    return read.toByteArray();
                                }
                                return read.toByteArray();
                            }
                        });
    }

    private static Map<String, Supplier<Plain>> bugsOfTheOtherSide() {
        return Map.of(
                "optional_unreachable_isDeferredAndUsedAgainWhenItIsBack",
                        () -> new Plain() {
                            @Override
                            public DeliveryResult deliver(Submission submission) {
                                if (otherSide == OtherSide.UNREACHABLE) {
                                    close(); // once lost, for ever lost
                                }
                                return super.deliver(submission);
                            }
                        },
                "optional_refusedForNow_isDeferredAndDoesNotArrive",
                        () -> new Plain() {
                            @Override
                            public DeliveryResult deliver(Submission submission) {
                                DeliveryResult result = super.deliver(submission);
                                if (otherSide == OtherSide.REFUSES_FOR_NOW) {
                                    accept(submission, new byte[0]); // from a queue of its own, later
                                }
                                return result;
                            }
                        },
                "optional_refusedForGood_isRejectedAndDoesNotArrive",
                        () -> new Plain() {
                            @Override
                            public DeliveryResult deliver(Submission submission) {
                                return otherSide == OtherSide.REFUSES_FOR_GOOD
                                        ? deferred(Reason.FAILED)
                                        : super.deliver(submission);
                            }
                        },
                "optional_oneRecipientRefused_noneIsServed",
                        () -> new Plain() {
                            @Override
                            DeliveryResult oneRefused(Submission submission, byte[] content) {
                                accept(submission, content); // the others get it
                                return super.oneRefused(submission, content);
                            }
                        },
                "optional_lostAtTheEnd_isAmbiguousAndNotTriedAgain",
                        () -> new Plain() {
                            @Override
                            DeliveryResult lost(Submission submission, byte[] content) {
                                accept(submission, content);
                                return super.lost(submission, content);
                            }
                        });
    }

    /** What a plug-in does that was tried with the simplest messages alone. */
    private static Map<String, Supplier<Plain>> bugsOfWhatIsRare() {
        return Map.of(
                "required_parameters_messageArrivesWholeOrIsNotAccepted leaves out who has parameters",
                () -> new Plain() {
                    @Override
                    List<String> addresses(Submission submission) {
                        return submission.envelope().recipients().stream()
                                .filter(recipient ->
                                        recipient.parameters().values().isEmpty())
                                .map(recipient -> recipient.address().toString())
                                .toList();
                    }
                },
                "required_accepted_contentIsNotChanged drops what it has had",
                () -> new Plain() {
                    @Override
                    DeliveryResult accept(Submission submission, byte[] content) {
                        arrived.removeIf(one -> Arrays.equals(one.content(), content)
                                && one.recipients().equals(addresses(submission))); // a file named by a hash of these
                        return super.accept(submission, content);
                    }
                },
                "required_accepted_contentIsNotChanged takes a Message-ID once",
                () -> new Plain() {
                    private final Set<String> ids = Collections.synchronizedSet(new TreeSet<>());

                    @Override
                    DeliveryResult accept(Submission submission, byte[] content) {
                        String id = new String(content, StandardCharsets.ISO_8859_1)
                                .lines()
                                .filter(line -> line.startsWith("Message-ID:"))
                                .findFirst()
                                .orElse("");
                        return id.isEmpty() || ids.add(id)
                                ? super.accept(submission, content)
                                : DeliveryResult.accepted("list", StandardReply.RESET_OK.reply());
                    }
                },
                "required_accepted_contentIsNotChanged takes off a dot where a block of it begins",
                changing(octets -> {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    for (int i = 0; i < octets.length; i++) {
                        if (i == 0 || i % 8192 != 0 || octets[i] != '.') {
                            out.write(octets[i]);
                        }
                    }
                    return out.toByteArray();
                }),
                "optional_refusedForNow_isDeferredAndDoesNotArrive leaves the content open",
                leavingOpen(OtherSide.REFUSES_FOR_NOW),
                "optional_unreachable_isDeferredAndUsedAgainWhenItIsBack leaves the content open",
                leavingOpen(OtherSide.UNREACHABLE),
                "optional_refusedForGood_isRejectedAndDoesNotArrive leaves the content open",
                leavingOpen(OtherSide.REFUSES_FOR_GOOD),
                "optional_oneRecipientRefused_noneIsServed leaves the content open",
                leavingOpen(OtherSide.REFUSES_ONE_RECIPIENT),
                "optional_lostAtTheEnd_isAmbiguousAndNotTriedAgain leaves the content open",
                leavingOpen(OtherSide.IS_LOST_AT_THE_END));
    }

    private static Supplier<Plain> leavingOpen(OtherSide state) {
        return () -> new Plain() {
            @Override
            byte[] read(Submission submission) throws IOException {
                return otherSide == state ? submission.content().open().readAllBytes() : super.read(submission);
            }
        };
    }

    static Map<String, Supplier<Plain>> bugs() {
        Map<String, Supplier<Plain>> all = new java.util.TreeMap<>(bugsOfAccepting());
        all.putAll(bugsOfText());
        all.putAll(bugsOfContent());
        all.putAll(bugsOfTheOtherSide());
        all.putAll(bugsOfWhatIsRare());
        return all;
    }

    static Set<Map.Entry<String, Supplier<Plain>>> bugEntries() {
        return bugs().entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugEntries")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, Supplier<Plain>> bug) {
        maker = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void aRightDeliveryPassesAll() {
        maker = RIGHT;
        ContractRun.of(Subject.class).assertPassedAndProved(bugs().keySet(), "untested_silence_endsTheDelivery");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aDeliveryThatTakesFewRecipientsPassesWhatItCan(int most) {
        maker = () -> new Plain() {
            @Override
            public int maxRecipients() {
                return most;
            }

            @Override
            DeliveryResult accept(Submission submission, byte[] content) {
                return submission.envelope().recipients().size() > most
                        ? DeliveryResult.rejected("list", refusal(), List.of())
                        : super.accept(submission, content);
            }
        };
        assertThat(ContractRun.of(Subject.class).failed()).isEmpty();
    }

    static class Subject extends UpstreamDeliveryContract {
        private final Plain delivery = maker.get();

        @Override
        protected UpstreamDelivery newDelivery() {
            return delivery;
        }

        @Override
        protected List<Arrived> arrived() {
            return List.copyOf(delivery.arrived);
        }

        @Override
        protected boolean set(OtherSide state) {
            delivery.otherSide = state;
            return true;
        }
    }
}
