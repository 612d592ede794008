package dev.postern.testkit.tck;

import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.tck.PlainSpool.Item;
import dev.postern.testkit.tck.PlainSpool.Store;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class SpoolContractTest {

    private static volatile BiFunction<Store, UpstreamDelivery, PlainSpool> maker = PlainSpool::new;

    static Map<String, BiFunction<Store, UpstreamDelivery, PlainSpool>> bugs() {
        return Map.ofEntries(
                Map.entry("required_restart_losesNothing", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    public void close() {
                        super.close();
                        store.items.clear();
                    }
                }),
                Map.entry("required_kill_losesNothing", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void kill() {
                        super.kill();
                        store.items.removeIf(item -> !item.sending);
                    }

                    @Override
                    public void close() {
                        super.kill();
                    }
                }),
                Map.entry(
                        "required_kill_inTheMiddleOfAnAttempt_isSentAgain",
                        (store, next) -> new PlainSpool(store, next) {
                            @Override
                            void recover(Item item) {
                                store.marked.incrementAndGet();
                                store.items.remove(item);
                            }

                            @Override
                            PlainSpool start() {
                                List.copyOf(store.items).stream()
                                        .filter(item -> item.sending)
                                        .forEach(this::recover);
                                return super.start();
                            }
                        }),
                Map.entry(
                        "required_kill_afterTheUpstreamHasIt_doublesOnlyWhatIsMarked",
                        (store, next) -> new PlainSpool(store, next) {
                            @Override
                            void recover(Item item) {
                                item.sending = false;
                            }
                        }),
                Map.entry("required_ambiguous_doublesOnlyWhatIsMarked", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void ambiguous() {}
                }),
                Map.entry(
                        "required_kill_messageIsWhatItWas forgets what RCPT has asked for",
                        (store, next) -> new PlainSpool(store, next) {
                            @Override
                            Submission to(Submission message, List<Recipient> recipients) {
                                return super.to(
                                        message,
                                        recipients.stream()
                                                .map(one -> new Recipient(one.address(), EsmtpParameters.none()))
                                                .toList());
                            }
                        }),
                Map.entry(
                        "required_kill_messageIsWhatItWas forgets what MAIL has asked for",
                        (store, next) -> new PlainSpool(store, next) {
                            @Override
                            Submission to(Submission message, List<Recipient> recipients) {
                                return Tck.submission(
                                        message.identity(),
                                        new Envelope(
                                                message.envelope().reversePath(), EsmtpParameters.none(), recipients),
                                        message.content());
                            }
                        }),
                Map.entry(
                        "required_kill_messageIsWhatItWas forgets the account",
                        (store, next) -> new PlainSpool(store, next) {
                            @Override
                            Submission to(Submission message, List<Recipient> recipients) {
                                Submission whole = super.to(message, recipients);
                                return Tck.submission(
                                        Identity.of(message.identity().user()), whole.envelope(), whole.content());
                            }
                        }),
                Map.entry("required_once_alsoWhatIsDeferred", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void accepted(Item item) {
                        super.accepted(item);
                        if (isSingle(item) && item.due.isAfter(item.came)) {
                            store.items.add(new Item(item.message, store.clock.now()));
                        }
                    }
                }),
                Map.entry("required_recipients_areSettledOneByOne", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void rejected(Item item, Rejected rejected) {
                        item.waiting.forEach(recipient -> tell(item, recipient, "5.1.1"));
                        store.items.remove(item); // the others get it no more
                    }
                }),
                Map.entry("required_refused_senderHearsOfIt", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void notice(Item item, ReversePath to, Recipient about, String status) {
                        super.notice(item, to, about, status.equals("5.1.1") && isSingle(item) ? "5.0.0" : status);
                    }
                }),
                Map.entry("required_refused_noNoticeOfANotice", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void tell(Item item, Recipient recipient, String status) {
                        if (item.message.envelope().reversePath().address().isEmpty()) {
                            notice(
                                    item,
                                    ReversePath.of(
                                            item.message.identity().user().isEmpty()
                                                    ? recipient.address()
                                                    : dev.postern.spi.MailAddress.parse("postmaster@dest.test")),
                                    recipient,
                                    status);
                        }
                        super.tell(item, recipient, status);
                    }
                }),
                Map.entry("required_refused_notifyNeverIsObeyed", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    boolean isWanted(Recipient recipient) {
                        return true;
                    }
                }),
                Map.entry("required_giveUp_senderHearsOfIt", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    void expired(Item item) {
                        store.items.remove(item);
                    }
                }),
                Map.entry("required_fairness_accountsTakeTurns", (store, next) -> new PlainSpool(store, next) {
                    @Override
                    Optional<Item> pick(List<Item> due) {
                        return due.stream().findFirst();
                    }
                }));
    }

    private static boolean isSingle(Item item) {
        return item.message.envelope().recipients().size() == 1;
    }

    static Set<Map.Entry<String, BiFunction<Store, UpstreamDelivery, PlainSpool>>> bugEntries() {
        return bugs().entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugEntries")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, BiFunction<Store, UpstreamDelivery, PlainSpool>> bug) {
        maker = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    @Test
    void aRightSpoolPassesAll() {
        maker = PlainSpool::new;
        ContractRun.of(Subject.class).assertPassedAndProved(bugs().keySet());
    }

    static class Subject extends SpoolContract {
        private final Store store = new Store();

        @Override
        protected UpstreamDelivery open(UpstreamDelivery next) {
            return maker.apply(store, next).start();
        }

        @Override
        protected void kill(UpstreamDelivery killed) {
            ((PlainSpool) killed).kill();
        }

        @Override
        protected boolean isEmpty() {
            synchronized (store.items) {
                return store.items.isEmpty();
            }
        }

        @Override
        protected int marked() {
            return store.marked.get();
        }

        @Override
        protected ContractTime time() {
            return ContractTime.of(store.clock);
        }

        @Override
        protected Duration giveUp() {
            return PlainSpool.GIVE_UP;
        }
    }
}
