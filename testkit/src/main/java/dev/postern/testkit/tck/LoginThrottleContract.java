package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.LoginThrottle.Attempt;
import dev.postern.spi.LoginThrottle.Decision;
import dev.postern.spi.LoginThrottle.Rule;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a {@link LoginThrottle}: no failed login is forgotten within the window, no more attempts run at once
 * than the rule has failures left, and no block lasts longer or shorter than the rule says. Extend it, create the
 * throttle in {@link #newThrottle}, return its time in {@link #time}, and run it with JUnit. The contract moves a
 * {@link TestClock}, or else waits: about 20 ticks in all.
 */
@ExtendWith(ContractDeadline.class)
public abstract class LoginThrottleContract {

    private static final int THREADS = 8;

    private final String address = Tck.unique("192.0.2.1-x"); // a letter, whatever comes behind
    private final List<LoginThrottle> opened = new ArrayList<>();
    private LoginThrottle throttle;

    /** For subclasses, which test an implementation. */
    protected LoginThrottleContract() {}

    /**
     * Creates the throttle under test; called once before each test.
     *
     * @return a throttle; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract LoginThrottle newThrottle() throws Exception;

    /**
     * Returns the throttles' time.
     *
     * @return the time of the running test's throttles
     */
    protected abstract ContractTime time();

    /**
     * Opens a throttle's counts a second time, like another node.
     *
     * @param first a throttle of this test
     * @return a throttle that shares its counts, closed after the test; empty, as by default, for one that counts only
     *     in its process
     * @throws Exception fails the test
     */
    protected Optional<LoginThrottle> anotherNode(LoginThrottle first) throws Exception {
        return Optional.empty();
    }

    /**
     * Creates the throttle.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openThrottle() throws Exception {
        throttle = opened(newThrottle());
    }

    /**
     * Closes the test's throttles.
     *
     * @throws Exception when one cannot be closed
     */
    @AfterEach
    public final void closeThrottles() throws Exception {
        for (LoginThrottle one : opened) {
            Tck.close(one);
        }
    }

    /** An address is blocked with the rule's last failure, and not before. */
    @Test
    public final void required_failed_blocksWithTheOneThatFillsTheRule() {
        Rule rule = rule(3);
        assertBlocked(false, "before the first failure", rule);
        fail(2, rule);
        assertBlocked(false, "after 2 failures of 3", rule);
        fail(1, rule);
        assertBlocked(true, "after 3 failures of 3", rule);
    }

    /** A rule of one failure blocks with the first. */
    @Test
    public final void required_failed_blocksAtOnceByARuleOfOne() {
        fail(1, rule(1));
        assertBlocked(true, "after the only failure", rule(1));
    }

    /** The rule has room for its number of failures, including undecided attempts; withdrawing one makes room. */
    @Test
    public final void required_attempt_undecidedOnesFillTheRule() {
        Rule rule = rule(2);
        Attempt first = begin(rule);
        Attempt second = begin(rule);
        assertUndecided("while 2 attempts of 2 are not decided", rule);
        assertBlocked(false, "while 2 attempts of 2 are not decided", rule);
        first.withdraw();
        Attempt third = begin(rule);
        assertUndecided("when one was given back and another begun", rule);
        second.failed();
        assertBlocked(false, "after 1 failure of 2", rule);
        assertUndecided("after 1 failure, while the other is not decided", rule);
        third.failed();
        assertBlocked(true, "after 2 failures of 2", rule);
    }

    /** Right logins do not count, however many there are. */
    @Test
    public final void required_attempt_givenBackCountsNothing() {
        Rule rule = rule(2);
        for (int i = 0; i < 10; i++) {
            begin(rule).withdraw();
        }
        fail(1, rule);
        assertBlocked(false, "after 10 attempts that were given back, and 1 failure of 2", rule);
        fail(1, rule);
        assertBlocked(true, "after 2 failures of 2", rule);
    }

    /** An attempt is ended once: a failed one cannot be withdrawn, and a withdrawn one cannot fail. */
    @Test
    public final void required_attempt_isEndedOnce() {
        Rule rule = rule(2);
        Attempt given = begin(rule);
        given.withdraw();
        given.failed();
        Attempt failed = begin(rule);
        failed.failed();
        failed.failed();
        failed.withdraw();
        assertBlocked(false, "after 1 failure of 2", rule);
        fail(1, rule);
        assertBlocked(true, "after 2 failures of 2", rule);
    }

    /** While an address is blocked, no attempt is granted. */
    @Test
    public final void required_attempt_isNotGrantedDuringTheBlock() {
        Rule rule = rule(2);
        fail(2, rule);
        for (int i = 0; i < 3; i++) {
            assertThat(throttle.attempt(address, rule))
                    .as("an attempt during the block")
                    .isInstanceOf(Decision.Blocked.class);
        }
    }

    /**
     * An attempt that is never ended, because its process died, eventually counts as failed, and blocks no longer than
     * others.
     */
    @Test
    public final void required_attempt_countsAsFailedWhenNobodyEndsIt() {
        Duration tick = time().tick();
        Rule rule = new Rule(2, tick.multipliedBy(20), tick.multipliedBy(2), tick);
        begin(rule);
        begin(rule);
        assertUndecided("at once", rule);
        time().pass(tick);
        assertThat(throttle.attempt(address, rule))
                .as("an attempt when those before are not decided in time")
                .isInstanceOf(Decision.Blocked.class);
        time().pass(rule.block());
        fail(1, rule);
        assertBlocked(false, "after the block, after 1 failure of 2", rule);
    }

    /** Asking whether an address is blocked neither counts as a failure nor clears one. */
    @Test
    public final void required_blocked_changesNothing() {
        Rule rule = rule(3);
        fail(2, rule);
        for (int i = 0; i < 10; i++) {
            assertBlocked(false, "asked " + i + " times", rule);
        }
        fail(1, rule);
        assertBlocked(true, "after the third failure", rule);
    }

    /** Addresses are counted separately, however similar they look to a database. */
    @Test
    public final void required_failed_tellsAddressesApart() {
        Rule rule = rule(1);
        fail(1, rule);
        for (String other : List.of(
                address.toUpperCase(Locale.ROOT),
                address + " ",
                address + "%",
                address.substring(0, address.length() - 1) + "_",
                address + ":a",
                "ipv6:" + address + "/64")) {
            assertThat(throttle.blocked(other, rule))
                    .as("\"%s\" is blocked", other)
                    .isFalse();
        }
        assertBlocked(true, "the address itself", rule);
    }

    /** Undecided attempts from one address do not use up the room of others, and end separately. */
    @Test
    public final void required_attempt_tellsAddressesApart() {
        Rule rule = rule(2);
        String other = Tck.unique("192.0.2.2");
        begin(rule);
        Attempt last = begin(rule);
        assertUndecided("while 2 attempts of 2 are not decided", rule);
        Attempt others = granted(throttle.attempt(other, rule));
        others.failed();
        assertUndecided("when another address has failed", rule);
        granted(throttle.attempt(other, rule)).withdraw();
        assertUndecided("when another address was right", rule);
        last.failed();
        assertThat(throttle.blocked(other, rule))
                .as("another address is blocked")
                .isFalse();
        granted(throttle.attempt(other, rule)).withdraw();
    }

    /** Each call is judged by its own rule, because a relay may get another one. */
    @Test
    public final void required_rule_isTheOneThatIsGiven() {
        fail(2, rule(5));
        assertBlocked(false, "after 2 failures of 5", rule(5));
        fail(1, rule(3));
        assertBlocked(true, "after 3 failures, by a rule of 3", rule(3));
    }

    /** The block lasts as long as the rule says. */
    @Test
    public final void required_block_endsInTime() {
        Rule rule = rule(2);
        fail(2, rule);
        time().clock().ifPresent(clock -> {
            clock.advance(rule.block().minusNanos(1));
            assertBlocked(true, "a moment before the block's end", rule);
            clock.advance(Duration.ofNanos(1));
        });
        if (time().clock().isEmpty()) {
            assertBlocked(true, "at the block's beginning", rule);
            time().pass(rule.block());
        }
        assertBlocked(false, "at the block's end", rule);
    }

    /** Failures while an address is blocked do not make the block longer. */
    @Test
    public final void required_block_doesNotExtendItself() {
        Rule rule = rule(2);
        fail(2, rule);
        time().pass(time().tick());
        fail(5, rule);
        assertBlocked(true, "in the middle of the block", rule);
        time().pass(time().tick());
        assertBlocked(false, "at the block's end", rule);
    }

    /** After the block the count starts again: failures before and during it are forgotten. */
    @Test
    public final void required_block_countsAnewAfterIt() {
        Rule rule = rule(3);
        fail(5, rule);
        time().pass(rule.block());
        fail(2, rule);
        assertBlocked(false, "after 2 failures of 3", rule);
        fail(1, rule);
        assertBlocked(true, "after 3 failures of 3", rule);
    }

    /** Failures count together when they lie within one window, wherever it begins. */
    @Test
    public final void required_window_slides() {
        Rule rule = rule(3);
        fail(1, rule);
        time().pass(time().tick().multipliedBy(3));
        fail(1, rule);
        time().pass(time().tick().multipliedBy(2)); // the first has left the window of four ticks
        fail(1, rule);
        assertBlocked(false, "after 3 failures, 2 of them within the window", rule);
        fail(1, rule);
        assertBlocked(true, "after 3 failures within the window, which is no calendar's", rule);
    }

    /** A failure older than the window does not count. */
    @Test
    public final void required_window_forgetsWhatIsOlder() {
        Rule rule = rule(2);
        fail(1, rule);
        time().pass(rule.window().plusMillis(1));
        fail(1, rule);
        assertBlocked(false, "after 2 failures with the window between them", rule);
    }

    /** A jump of the wall clock neither ends a block nor begins one. */
    @Test
    public final void optional_clock_jumpsOfTheWallClockDoNotMatter() {
        TestClock clock = Tck.orSkip(time().clock(), "time(), with a clock that the contract may move");
        Rule rule = rule(2);
        fail(2, rule);
        clock.jumpWallClock(Duration.ofDays(400));
        assertBlocked(true, "when the wall clock was put forward", rule);
        clock.jumpWallClock(Duration.ofDays(-800));
        assertBlocked(true, "when the wall clock was put back", rule);
        clock.advance(rule.block());
        assertBlocked(false, "at the block's end", rule);
    }

    /** A rule of {@link Integer#MAX_VALUE} failures never blocks. */
    @Test
    public final void required_rule_ofTheLargestNumberNeverBlocks() {
        Rule never = rule(Integer.MAX_VALUE);
        fail(100, never);
        assertBlocked(false, "after 100 failures", never);
    }

    /** The longest times that a rule may have do not overflow. */
    @Test
    public final void required_rule_ofTheLongestTimesHolds() {
        Rule year = new Rule(2, Duration.ofDays(365), Duration.ofDays(365));
        fail(1, year);
        assertBlocked(false, "after 1 failure of 2", year);
        time().pass(time().tick());
        fail(1, year);
        assertBlocked(true, "after 2 failures of 2", year);
        time().pass(time().tick());
        assertBlocked(true, "a tick later", year);
    }

    /** Of many concurrent failures, none is lost or counted twice. */
    @Test
    public final void required_concurrency_countsEachFailureOnce() {
        int each = 5;
        Rule rule = new Rule(THREADS * each + 1, Duration.ofDays(1), Duration.ofDays(1));
        Tck.together(THREADS, thread -> () -> {
            fail(each, rule);
            return true;
        });
        assertBlocked(false, "one short of the rule", rule);
        fail(1, rule);
        assertBlocked(true, "with the one that fills the rule", rule);
    }

    /** Of concurrent attempts, exactly as many are granted as the rule has room for. */
    @Test
    public final void required_concurrency_neverMoreThanTheRuleAllows() {
        int each = 5;
        int room = THREADS + 3; // so that threads which look at the same moment are too many
        Rule rule = new Rule(room + 1, Duration.ofDays(1), Duration.ofDays(1));
        fail(1, rule);
        long granted = Tck.together(THREADS, thread -> () -> {
                    long mine = 0;
                    for (int i = 0; i < each; i++) {
                        mine += throttle.attempt(address, rule) instanceof Decision.Granted ? 1 : 0;
                    }
                    return mine;
                })
                .stream()
                .mapToLong(Long::longValue)
                .sum();
        assertThat(granted)
                .as("attempts granted of %d, with %d failures left", THREADS * each, room)
                .isEqualTo(room);
    }

    /**
     * Nodes share the failures and the block.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_nodes_countTogether() throws Exception {
        LoginThrottle other = opened(Tck.orSkip(anotherNode(throttle), "anotherNode()"));
        Rule rule = new Rule(2, Duration.ofDays(1), Duration.ofDays(1));
        Attempt here = begin(rule);
        Attempt there = granted(other.attempt(address, rule));
        assertUndecided("while an attempt on each of two nodes is not decided", rule);
        here.failed();
        there.failed();
        assertBlocked(true, "after a failure on each of two nodes", rule);
        assertThat(other.blocked(address, rule)).as("on the other node").isTrue();
    }

    /** A call that was interrupted because it took too long does not affect later calls. */
    @Test
    public final void required_interrupt_breaksNoLaterCall() {
        Rule rule = rule(2);
        Tck.interrupted(() -> throttle.attempt(Tck.unique("192.0.2.2-x"), rule));
        Tck.interrupted(() -> throttle.blocked(Tck.unique("192.0.2.2-x"), rule));
        fail(2, rule);
        assertBlocked(true, "after 2 failures of 2", rule);
    }

    /** Null causes an exception. */
    @Test
    public final void required_null_isAnException() {
        assertThrows("blocked(null, rule)", () -> throttle.blocked(Tck.missing(), rule(2)));
        assertThrows("attempt(null, rule)", () -> throttle.attempt(Tck.missing(), rule(2)));
    }

    /**
     * A closed throttle throws, so that the relay refuses logins instead of leaving them uncounted; it can be closed
     * again.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_close_noAnswerAfterIt() throws Exception {
        if (!(throttle instanceof AutoCloseable)) {
            Tck.skip("the throttle is not AutoCloseable");
        }
        Tck.close(throttle);
        Tck.close(throttle);
        assertThrows("blocked after close", () -> throttle.blocked(address, rule(1)));
        assertThrows("attempt after close", () -> throttle.attempt(address, rule(1)));
    }

    /** An attacker with very many addresses cannot fill the memory. */
    @Test
    public final void untested_memory_isBounded() {
        Tck.skip("it would take millions of addresses; bound their number, and test that with a bound of your own");
    }

    private static void assertThrows(String call, ThrowingCallable made) {
        assertThat(Tck.throwsException(made)).as("%s throws", call).isTrue();
    }

    private LoginThrottle opened(LoginThrottle one) {
        opened.add(one);
        return one;
    }

    private Rule rule(int failures) {
        return new Rule(failures, time().tick().multipliedBy(4), time().tick().multipliedBy(2));
    }

    private void fail(int times, Rule rule) {
        for (int i = 0; i < times; i++) {
            if (throttle.attempt(address, rule) instanceof Decision.Granted granted) {
                granted.attempt().failed();
            }
        }
    }

    private Attempt begin(Rule rule) {
        return granted(throttle.attempt(address, rule));
    }

    private static Attempt granted(Decision decision) {
        assertThat(decision).as("an attempt that the rule has room for").isInstanceOf(Decision.Granted.class);
        return ((Decision.Granted) decision).attempt();
    }

    private void assertUndecided(String when, Rule rule) {
        assertThat(throttle.attempt(address, rule)).as("an attempt %s", when).isInstanceOf(Decision.Undecided.class);
    }

    private void assertBlocked(boolean expected, String when, Rule rule) {
        assertThat(throttle.blocked(address, rule)).as("blocked %s", when).isEqualTo(expected);
    }
}
