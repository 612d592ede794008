package dev.postern.internal.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.LoginThrottle.Attempt;
import dev.postern.spi.LoginThrottle.Decision;
import dev.postern.spi.LoginThrottle.Rule;
import dev.postern.testkit.TestClock;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class LoginThrottleTest {

    private static final String ADDRESS = "192.0.2.1";
    private static final Rule RULE = new Rule(3, Duration.ofMinutes(10), Duration.ofMinutes(5));

    private final TestClock clock = new TestClock();
    private final LoginThrottle throttle = AuthGate.inProcessThrottle(clock);

    private void fails(int times) {
        for (int i = 0; i < times; i++) {
            fail(ADDRESS, RULE);
        }
    }

    private void fail(String address, Rule rule) {
        if (throttle.attempt(address, rule) instanceof Decision.Granted granted) {
            granted.attempt().failed();
        }
    }

    private boolean blocked() {
        return throttle.blocked(ADDRESS, RULE);
    }

    @Test
    void blocksWithTheFailureThatFillsTheRule() {
        assertThat(blocked()).isFalse();
        fails(2);
        assertThat(blocked()).isFalse();
        fails(1);
        assertThat(blocked()).isTrue();
        assertThat(throttle.blocked("192.0.2.2", RULE)).isFalse();
    }

    @Test
    void theBlockEndsInTime() {
        fails(3);
        clock.advance(Duration.ofMinutes(5).minusNanos(1));
        assertThat(blocked()).isTrue();
        clock.advance(Duration.ofNanos(1));
        assertThat(blocked()).isFalse();
    }

    @Test
    void theBlockDoesNotExtendItself() {
        fails(3);
        for (int minute = 1; minute < 5; minute++) {
            clock.advance(Duration.ofMinutes(1));
            fails(5);
            assertThat(blocked()).isTrue();
        }
        clock.advance(Duration.ofMinutes(1));
        assertThat(blocked()).isFalse();
    }

    @Test
    void afterTheBlockCountingBeginsAnew() {
        fails(3);
        clock.advance(Duration.ofMinutes(5));
        fails(2);
        assertThat(blocked()).isFalse();
        fails(1);
        assertThat(blocked()).isTrue();
    }

    @Test
    void theWindowSlides() {
        fails(2);
        clock.advance(Duration.ofMinutes(9));
        fails(1);
        assertThat(blocked()).as("three within nine minutes").isTrue();
    }

    @Test
    void failuresLeaveTheWindowOneByOne() {
        for (int i = 0; i < 20; i++) {
            fails(1);
            assertThat(blocked()).as("failure %s, one each five minutes", i).isFalse();
            clock.advance(Duration.ofMinutes(5));
        }
        clock.advance(Duration.ofNanos(1));
        fails(2);
        assertThat(blocked())
                .as("the last of the slow ones is five minutes old")
                .isTrue();
    }

    /** Asking is not failing: who only looks must neither forget failures too early nor keep them. */
    @Test
    void askingChangesNothing() {
        fails(2);
        for (int i = 0; i < 9; i++) {
            clock.advance(Duration.ofMinutes(1));
            assertThat(blocked()).isFalse();
        }
        fails(1);
        assertThat(blocked()).isTrue();
    }

    /** A shared throttle of which not everything works. */
    private static LoginThrottle broken(Decision decision) {
        return new LoginThrottle() {
            @Override
            public boolean blocked(String address, Rule rule) {
                throw new IllegalStateException("away");
            }

            @Override
            public Decision attempt(String address, Rule rule) {
                if (decision instanceof Decision.Undecided) {
                    throw new IllegalStateException("away");
                }
                return decision;
            }
        };
    }

    private static final Attempt THAT_NOBODY_CAN_TELL = new Attempt() {
        @Override
        public void failed() {
            throw new IllegalStateException("away");
        }

        @Override
        public void withdraw() {
            throw new IllegalStateException("away");
        }
    };

    private void assertCountsHere(Decision ofShared) {
        LoginThrottle degrading = AuthGate.degrading(Guarded.inline("LoginThrottle", broken(ofShared)), clock);
        for (int i = 0; i < 10; i++) {
            ((Decision.Granted) degrading.attempt(ADDRESS, RULE)).attempt().withdraw();
        }
        for (int i = 0; i < 3; i++) {
            assertThat(degrading.blocked(ADDRESS, RULE)).isFalse();
            ((Decision.Granted) degrading.attempt(ADDRESS, RULE)).attempt().failed();
        }
        assertThat(degrading.blocked(ADDRESS, RULE)).isTrue();
        assertThat(degrading.attempt(ADDRESS, RULE)).isInstanceOf(Decision.Blocked.class);
    }

    @Test
    void countsInThisProcessWhileTheSharedThrottleDoesNotAnswer() {
        assertCountsHere(new Decision.Undecided());
    }

    @Test
    void countsInThisProcessWhatCannotBeToldToTheSharedThrottle() {
        assertCountsHere(new Decision.Granted(THAT_NOBODY_CAN_TELL));
    }

    @Test
    void anAttemptThatCannotBeToldToTheSharedThrottleCountsOnce() {
        LoginThrottle shared = broken(new Decision.Granted(THAT_NOBODY_CAN_TELL));
        LoginThrottle degrading = AuthGate.degrading(Guarded.inline("LoginThrottle", shared), clock);
        Attempt attempt = ((Decision.Granted) degrading.attempt(ADDRESS, RULE)).attempt();
        for (int i = 0; i < 3; i++) {
            attempt.failed();
        }
        assertThat(degrading.blocked(ADDRESS, RULE)).isFalse();
    }

    private Attempt granted(Rule rule) {
        return ((Decision.Granted) throttle.attempt(ADDRESS, rule)).attempt();
    }

    @Test
    void attemptsThatAreUndecidedLeaveNoRoomAndBlockNobody() {
        Attempt first = granted(RULE);
        Attempt second = granted(RULE);
        granted(RULE);
        assertThat(throttle.attempt(ADDRESS, RULE)).isInstanceOf(Decision.Undecided.class);
        assertThat(blocked()).isFalse();
        first.withdraw();
        Attempt fourth = granted(RULE);
        second.failed();
        fourth.failed();
        assertThat(blocked()).as("one is still undecided").isFalse();
        assertThat(throttle.attempt(ADDRESS, RULE)).isInstanceOf(Decision.Undecided.class);
    }

    @Test
    void anAttemptThatNobodyDecidesCountsAsFailed() {
        Rule soon = new Rule(3, Duration.ofMinutes(10), Duration.ofMinutes(5), Duration.ofSeconds(10));
        Attempt first = granted(soon);
        granted(soon);
        granted(soon);
        clock.advance(Duration.ofSeconds(10).minusNanos(1));
        assertThat(throttle.attempt(ADDRESS, soon)).isInstanceOf(Decision.Undecided.class);
        clock.advance(Duration.ofNanos(1));
        assertThat(throttle.attempt(ADDRESS, soon)).isInstanceOf(Decision.Blocked.class);
        first.withdraw();
        assertThat(throttle.blocked(ADDRESS, soon))
                .as("too late to lift the block")
                .isTrue();
    }

    @Test
    void whatIsWithdrawnLeavesTheOthersCounted() {
        fails(2);
        granted(RULE).withdraw();
        fails(1);
        assertThat(blocked()).isTrue();
    }

    @Test
    void wallClockJumpsDoNotMatter() {
        fails(3);
        clock.jumpWallClock(Duration.ofDays(400));
        assertThat(blocked()).isTrue();
        clock.jumpWallClock(Duration.ofDays(-800));
        clock.advance(Duration.ofMinutes(5));
        assertThat(blocked()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10_000})
    void neverBlocksByMaxValue(int times) {
        Rule never = new Rule(Integer.MAX_VALUE, Duration.ofMinutes(10), Duration.ofMinutes(5));
        for (int i = 0; i < times; i++) {
            fail(ADDRESS, never);
        }
        assertThat(throttle.blocked(ADDRESS, never)).isFalse();
    }

    /** An attacker with many addresses fills the memory up to the bound, and no further. */
    @Test
    void remembersABoundedNumberOfAddresses() {
        Rule one = new Rule(1, Duration.ofMinutes(10), Duration.ofMinutes(5));
        int addresses = 150_000;
        IntStream.range(0, addresses).forEach(i -> fail("ipv6:" + i, one));
        long remembered = IntStream.range(0, addresses)
                .filter(i -> throttle.blocked("ipv6:" + i, one))
                .count();
        assertThat(remembered).isBetween(50_000L, 100_000L);
    }

    @Test
    void countsEveryOneOfManyFailuresAtTheSameTime() throws Exception {
        int threads = 16;
        int each = 100;
        Rule rule = new Rule(threads * each, Duration.ofMinutes(10), Duration.ofMinutes(5));
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            Callable<Void> failing = () -> {
                for (int i = 0; i < each; i++) {
                    fail(ADDRESS, rule);
                }
                return null;
            };
            List<Callable<Void>> tasks = java.util.Collections.nCopies(threads - 1, failing);
            for (var done : executor.invokeAll(tasks)) {
                done.get();
            }
            for (int i = 1; i < each; i++) {
                fail(ADDRESS, rule);
            }
            assertThat(throttle.blocked(ADDRESS, rule))
                    .as("one short of the rule")
                    .isFalse();
            fail(ADDRESS, rule);
            assertThat(throttle.blocked(ADDRESS, rule)).isTrue();
        } finally {
            executor.shutdownNow();
        }
    }
}
