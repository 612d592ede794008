package dev.postern.spi;

import static dev.postern.spi.UpstreamDelivery.share;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightedDeliveryTest {

    private final CountingDelivery one = CountingDelivery.accepting("one");
    private final CountingDelivery two = CountingDelivery.accepting("two");
    private final CountingDelivery three = CountingDelivery.accepting("three");

    @Test
    void sharesEveryRoundByWeightEvenlySpread() {
        UpstreamDelivery delivery = UpstreamDelivery.weighted(share(5, one), share(1, two), share(1, three));
        for (int round = 0; round < 10; round++) {
            assertThat(takers(delivery, 7)).containsExactly("one", "one", "two", "one", "three", "one", "one");
        }
    }

    @Test
    void sharesExactlyAlsoBetweenThreads() throws Exception {
        UpstreamDelivery delivery = UpstreamDelivery.weighted(share(3, one), share(1, two));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                running.add(threads.submit(() -> takers(delivery, 1000)));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(one.calls()).isEqualTo(6000);
        assertThat(two.calls()).isEqualTo(2000);
    }

    @ParameterizedTest
    @EnumSource(names = {"UNREACHABLE", "TURNED_AWAY", "NO_ROOM"})
    void theShareOfOneThatTookNothingGoesToTheOthersByWeight(Reason reason) {
        CountingDelivery down = CountingDelivery.deferring("down", reason);
        UpstreamDelivery delivery = UpstreamDelivery.weighted(share(3, down), share(2, one), share(1, two));
        assertThat(takers(delivery, 600)).doesNotContain("down");
        assertThat(down.calls()).isEqualTo(300);
        assertThat(one.calls()).isCloseTo(400, within(2));
        assertThat(two.calls()).isCloseTo(200, within(2));
    }

    @Test
    void halfOfThemDownLosesNothing() {
        CountingDelivery down = CountingDelivery.deferring("down", Reason.UNREACHABLE);
        CountingDelivery alsoDown = CountingDelivery.deferring("alsoDown", Reason.UNREACHABLE);
        UpstreamDelivery delivery =
                UpstreamDelivery.weighted(share(1, down), share(1, one), share(1, alsoDown), share(1, two));
        assertThat(takers(delivery, 400)).containsOnly("one", "two");
        assertThat(one.calls()).isCloseTo(200, within(4));
    }

    @ParameterizedTest
    @EnumSource(names = {"FAILED", "AMBIGUOUS"})
    void triesNobodyElseWhenSomethingWasAccepted(Reason reason) {
        CountingDelivery failing = CountingDelivery.deferring("failing", reason);
        UpstreamDelivery delivery = UpstreamDelivery.weighted(share(2, failing), share(1, one));
        assertThat(delivery.deliver(Mail.simple())).isSameAs(failing.result);
        assertThat(one.calls()).isZero();
    }

    @Test
    void eachIsTriedOnceAndTheOneThatGotFurthestIsHeardOf() {
        CountingDelivery unreachable = CountingDelivery.deferring("unreachable", Reason.UNREACHABLE);
        CountingDelivery busy = CountingDelivery.deferring("busy", Reason.TURNED_AWAY);
        UpstreamDelivery delivery = UpstreamDelivery.weighted(share(1, unreachable), share(1, busy));
        for (int i = 1; i <= 4; i++) { // each of them comes first twice
            assertThat(((Deferred) delivery.deliver(Mail.simple())).reason()).isEqualTo(Reason.TURNED_AWAY);
            assertThat(unreachable.calls()).isEqualTo(i);
            assertThat(busy.calls()).isEqualTo(i);
        }
    }

    @Test
    void closesEachOnce() {
        UpstreamDelivery.weighted(share(1, one), share(1, one), share(1, two)).close();
        assertThat(one.closed).hasValue(1);
        assertThat(two.closed).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 10_001})
    void weightIs1To10000(int weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> share(weight, one))
                .withMessageContaining("weight");
    }

    @Test
    void someoneMustGetAShare() {
        assertThatIllegalArgumentException()
                .isThrownBy(UpstreamDelivery::weighted)
                .withMessageContaining("shares");
    }

    private static List<String> takers(UpstreamDelivery delivery, int messages) {
        return IntStream.range(0, messages)
                .mapToObj(i -> delivery.deliver(Mail.simple()).upstream())
                .toList();
    }
}
