package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.DeliveryResult.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OrderedDeliveryTest {

    private static final DeliveryResult UNREACHABLE = DeliveryResult.deferred("one", Reason.UNREACHABLE, "refused");
    private static final DeliveryResult TURNED_AWAY = DeliveryResult.deferred("one", Reason.TURNED_AWAY, "421");
    private static final DeliveryResult ACCEPTED =
            DeliveryResult.accepted("two", Reply.fromUpstream(250, List.of("Ok")));

    private final List<String> calls = new ArrayList<>();

    @Test
    void triesTheNextOneWhenTheOneBeforeIsUnreachable() {
        UpstreamDelivery delivery = UpstreamDelivery.inOrder(List.of(
                delivery("one", () -> UNREACHABLE),
                delivery("two", () -> ACCEPTED),
                delivery("three", () -> ACCEPTED)));
        assertThat(delivery.deliver(Mail.simple())).isSameAs(ACCEPTED);
        assertThat(calls).containsExactly("one", "two");
    }

    static Stream<DeliveryResult> finalResults() {
        return Stream.of(
                ACCEPTED,
                DeliveryResult.deferred("one", Reason.FAILED, "451"),
                DeliveryResult.deferred("one", Reason.AMBIGUOUS, "lost"),
                DeliveryResult.rejected("one", Reply.fromUpstream(550, List.of("No")), List.of()));
    }

    @ParameterizedTest
    @MethodSource("finalResults")
    void triesNobodyElseAfterAnyOtherResult(DeliveryResult result) {
        UpstreamDelivery delivery =
                UpstreamDelivery.inOrder(List.of(delivery("one", () -> result), delivery("two", () -> ACCEPTED)));
        assertThat(delivery.deliver(Mail.simple())).isSameAs(result);
        assertThat(calls).containsExactly("one");
    }

    @Test
    void triesNobodyElseAfterAnException() {
        UpstreamDelivery delivery = UpstreamDelivery.inOrder(List.of(
                delivery("one", () -> {
                    throw new IllegalStateException("broken");
                }),
                delivery("two", () -> ACCEPTED)));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> delivery.deliver(Mail.simple()));
        assertThat(calls).containsExactly("one");
    }

    @Test
    void triesTheNextOneWhenTheOneBeforeSentUsAwayAtMail() {
        UpstreamDelivery delivery =
                UpstreamDelivery.inOrder(List.of(delivery("one", () -> TURNED_AWAY), delivery("two", () -> ACCEPTED)));
        assertThat(delivery.deliver(Mail.simple())).isSameAs(ACCEPTED);
    }

    @Test
    void theOneThatWasReachedIsHeardOfWhenAllFail() {
        for (List<DeliveryResult> results :
                List.of(List.of(TURNED_AWAY, UNREACHABLE), List.of(UNREACHABLE, TURNED_AWAY))) {
            UpstreamDelivery delivery = UpstreamDelivery.inOrder(
                    List.of(delivery("one", () -> results.get(0)), delivery("two", () -> results.get(1))));
            assertThat(delivery.deliver(Mail.simple())).isSameAs(TURNED_AWAY);
        }
        assertThat(calls).containsExactly("one", "two", "one", "two");
    }

    /** What one lacks another may have, and what one has not now it may have another time. */
    @Test
    void oneThatLacksWhatTheMessageNeedsIsHeardOfWhenAllDo() {
        DeliveryResult lacking = DeliveryResult.rejected("lacking", Reply.fromUpstream(554, List.of("No")), List.of())
                .andAnotherMayTry();
        assertThat(ofTwo(lacking, ACCEPTED)).isSameAs(ACCEPTED);
        assertThat(ofTwo(lacking, lacking)).isSameAs(lacking);
        assertThat(ofTwo(lacking, TURNED_AWAY)).isSameAs(TURNED_AWAY);
        assertThat(ofTwo(TURNED_AWAY, lacking)).isSameAs(TURNED_AWAY);
        for (DeliveryResult both : List.of(ofTwo(lacking, UNREACHABLE), ofTwo(UNREACHABLE, lacking))) {
            assertThat(both)
                    .as("one was reached, and another may take it another time")
                    .isEqualTo(DeliveryResult.deferred(
                            "lacking",
                            Reason.TURNED_AWAY,
                            "it lacks what the message needs, and one was not reached: refused"));
        }
        for (DeliveryResult last : finalResults().toList()) {
            assertThat(ofTwo(lacking, last)).isSameAs(last);
        }
    }

    private DeliveryResult ofTwo(DeliveryResult one, DeliveryResult two) {
        return UpstreamDelivery.inOrder(List.of(delivery("one", () -> one), delivery("two", () -> two)))
                .deliver(Mail.simple());
    }

    @Test
    void theLastOnesResultIsFinal() {
        UpstreamDelivery delivery = UpstreamDelivery.inOrder(
                List.of(delivery("one", () -> UNREACHABLE), delivery("two", () -> UNREACHABLE)));
        assertThat(delivery.deliver(Mail.simple())).isSameAs(UNREACHABLE);
        assertThat(calls).containsExactly("one", "two");
    }

    @Test
    void closesOneThatIsThereTwiceOnce() {
        UpstreamDelivery one = delivery("one", () -> ACCEPTED);
        UpstreamDelivery.inOrder(List.of(one, delivery("two", () -> ACCEPTED), one))
                .close();
        assertThat(calls).containsExactly("one closed", "two closed");
    }

    @Test
    void closesAllOfThem() {
        UpstreamDelivery.inOrder(List.of(delivery("one", () -> ACCEPTED), delivery("two", () -> ACCEPTED)))
                .close();
        assertThat(calls).containsExactly("one closed", "two closed");
    }

    @Test
    void closesTheOthersWhenOneCannotBeClosed() {
        UpstreamDelivery broken = new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                return ACCEPTED;
            }

            @Override
            public void close() {
                throw new IllegalStateException("broken");
            }
        };
        UpstreamDelivery delivery = UpstreamDelivery.inOrder(List.of(broken, delivery("two", () -> ACCEPTED)));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(delivery::close);
        assertThat(calls).containsExactly("two closed");
    }

    @Test
    void oneIsItselfAndNoneIsNoDelivery() {
        UpstreamDelivery one = delivery("one", () -> ACCEPTED);
        assertThat(UpstreamDelivery.inOrder(List.of(one))).isSameAs(one);
        assertThatIllegalArgumentException().isThrownBy(() -> UpstreamDelivery.inOrder(List.of()));
    }

    private UpstreamDelivery delivery(String name, Supplier<DeliveryResult> result) {
        return new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                calls.add(name);
                return result.get();
            }

            @Override
            public void close() {
                calls.add(name + " closed");
            }
        };
    }
}
