package dev.postern.stores;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What nodes of one server share, beyond the contracts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SharingTests {

    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);
    private static final Duration SKEW = Duration.ofSeconds(30);

    private final StoreServer server;
    private final Opened open = new Opened();

    /** Completes the tests. */
    protected SharingTests(StoreServer server) {
        this.server = server;
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @AfterEach
    void closeNodes() throws Exception {
        open.close();
    }

    private SharedStores node() {
        return node(RelayClock.system());
    }

    private SharedStores node(RelayClock clock) {
        SharedStores node = server.node(
                StoreSettings.defaults().withTimeout(Duration.ofSeconds(20)).withClock(clock));
        open.add(node);
        return node;
    }

    private static String account() {
        return "acme-" + UUID.randomUUID();
    }

    private static QuotaDecision reserve(SharedStores node, String account, QuotaPlan plan, long units) {
        return node.quota().reserve(QuotaRequest.of(UUID.randomUUID().toString(), account, plan, units));
    }

    private static Reservation granted(SharedStores node, String account, QuotaPlan plan, long units) {
        QuotaDecision decision = reserve(node, account, plan, units);
        assertThat(decision).isInstanceOf(QuotaDecision.Granted.class);
        return ((QuotaDecision.Granted) decision).reservation();
    }

    private static void assertUsage(SharedStores node, String account, QuotaPlan plan, long used, long reserved) {
        QuotaUsage usage = node.quota().usage(account, plan);
        assertThat(List.of(usage.used(), usage.reserved(), usage.limit()))
                .containsExactly(used, reserved, plan.limit());
    }

    @Test
    void twoNodesShareAQuota() {
        SharedStores one = node();
        SharedStores other = node();
        String acme = account();
        assertUsage(one, acme, TEN, 0, 0);
        Reservation first = granted(one, acme, TEN, 6);
        assertThat(reserve(other, acme, TEN, 5)).isInstanceOf(QuotaDecision.Exceeded.class);
        Reservation second = granted(other, acme, TEN, 3);
        assertThat(other.quota().reserve(QuotaRequest.of(second.id(), acme, TEN, 1)))
                .isInstanceOfSatisfying(
                        QuotaDecision.Granted.class,
                        grown -> assertThat(grown.reservation().units()).isEqualTo(4));
        assertUsage(other, acme, TEN, 0, 10);
        for (int i = 0; i < 2; i++) { // a second time changes nothing
            one.quota().commit(first.withUnits(5));
            other.quota().release(second);
            assertUsage(one, acme, TEN, 5, 0);
            assertUsage(other, acme, TEN, 5, 0);
        }
    }

    @Test
    void neverGrantsOneTooMany() throws Exception {
        List<SharedStores> nodes = List.of(node(), node());
        String acme = account();
        QuotaPlan plan = QuotaPlan.perDay(300);
        AtomicLong units = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        open.add(threads::shutdownNow);
        List<Future<?>> work = new ArrayList<>();
        for (int thread = 0; thread < 16; thread++) {
            QuotaStore store = nodes.get(thread % 2).quota();
            int size = thread < 8 ? 1 : 3;
            work.add(threads.submit(() -> exhaust(store, acme, plan, size, units)));
        }
        for (Future<?> thread : work) {
            thread.get();
        }
        QuotaUsage usage = nodes.get(0).quota().usage(acme, plan);
        assertThat(usage.used()).isEqualTo(units.get()).isBetween(298L, 300L); // at the end one of 3 may not fit
        assertThat(usage.reserved()).isZero();
    }

    private static void exhaust(QuotaStore store, String account, QuotaPlan plan, int size, AtomicLong units) {
        String name = UUID.randomUUID() + "-";
        for (int message = 0; ; message++) {
            QuotaDecision decision = store.reserve(QuotaRequest.of(name + message, account, plan, size));
            if (!(decision instanceof QuotaDecision.Granted granted)) {
                return;
            }
            if (message % 5 == 4) {
                store.release(granted.reservation());
            } else {
                store.commit(granted.reservation());
                units.addAndGet(size);
            }
        }
    }

    @Test
    void whatAClosedNodeHeldReturnsAtOnce() {
        TestClock clock = new TestClock();
        SharedStores one = node(clock);
        SharedStores other = node(clock);
        String acme = account();
        granted(one, acme, TEN, 10);
        one.close();
        one.close(); // a second time does nothing
        clock.advance(StoreSettings.defaults().lease());
        granted(other, acme, TEN, 10);
        assertUsage(other, acme, TEN, 0, 10);
    }

    @Test
    void adjustsAndCountsEachUnitByItselfAndTakesALargerPlanInMidPeriod() {
        SharedStores node = node();
        String acme = account();
        granted(node, acme, TEN, 4);
        for (QuotaPlan.Unit unit : List.of(QuotaPlan.Unit.MESSAGES, QuotaPlan.Unit.OCTETS)) {
            assertUsage(node, acme, TEN.counting(unit), 0, 0);
            node.quota().commit(granted(node, acme, TEN.counting(unit), 9));
            assertUsage(node, acme, TEN.counting(unit), 9, 0);
        }
        node.quota().adjust(new QuotaAdjustment(acme, TEN, QuotaAdjustment.Kind.ADD, 6, "a test"));
        assertUsage(node, acme, TEN, 6, 4);
        assertThat(reserve(node, acme, TEN, 1)).isInstanceOf(QuotaDecision.Exceeded.class);
        granted(node, acme, TEN.withLimit(11), 1);
        assertUsage(node, acme, TEN.withLimit(11), 6, 5);
        assertThat(reserve(node, acme, TEN.withLimit(3), 1)).isInstanceOf(QuotaDecision.Exceeded.class);
        QuotaUsage usage = node.quota().adjust(new QuotaAdjustment(acme, TEN, QuotaAdjustment.Kind.SET, 0, "a test"));
        assertThat(usage.used()).isZero();
        assertUsage(node, acme, TEN, 0, 5);
    }

    @Test
    void failedLoginsAtTheSameTimeAllCount() throws Exception {
        List<SharedStores> nodes = List.of(node(), node());
        String address = account();
        LoginThrottle.Rule rule = new LoginThrottle.Rule(16, Duration.ofMinutes(10), Duration.ofMinutes(5));
        ExecutorService threads = Executors.newFixedThreadPool(15);
        open.add(threads::shutdownNow);
        List<Callable<Object>> failures = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            LoginThrottle throttle = nodes.get(i % 2).throttle();
            failures.add(Executors.callable(() -> FailedLogin.of(throttle, address, rule)));
        }
        for (Future<Object> failure : threads.invokeAll(failures)) {
            failure.get();
        }
        assertThat(nodes.get(0).throttle().blocked(address, rule)).isFalse();
        FailedLogin.of(nodes.get(0).throttle(), address, rule);
        assertThat(nodes.get(1).throttle().blocked(address, rule)).isTrue();
    }

    // nodes whose clocks are wrong; the server's is this machine's

    @Test
    void nodesWithWrongClocksCountInTheServersPeriod() {
        SharedStores slow = node(new TestClock(Instant.now().minus(SKEW)));
        SharedStores fast = node(new TestClock(Instant.now().plus(SKEW)));
        String acme = account();
        // a day that began a moment ago: for the slow one it is still the day before
        QuotaPlan young = dayThatBegan(Instant.now().minusSeconds(2));
        Instant begun = young.periodStart(Instant.now());
        for (SharedStores node : List.of(slow, fast, slow)) {
            Reservation reservation = granted(node, acme, young, 1);
            assertThat(reservation.periodStart()).isEqualTo(begun);
            node.quota().commit(reservation);
        }
        assertUsage(slow, acme, young, 3, 0);
        assertUsage(fast, acme, young, 3, 0);
        assertThat(slow.quota().usage(acme, young).periodEnd()).isEqualTo(young.periodEnd(begun));
        // one that ends in a moment: for the fast one it is over
        Instant before;
        Reservation old;
        QuotaPlan ending;
        do { // until the moment did not pass meanwhile
            before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            ending = dayThatBegan(before.plusSeconds(20));
            old = granted(node(new TestClock(Instant.now().plus(SKEW))), account(), ending, 1);
        } while (Instant.now().isAfter(before.plusSeconds(20)));
        assertThat(old.periodStart()).isEqualTo(ending.periodStart(before));
    }

    /** A plan whose day begins at a moment of today or tomorrow, by its zone. */
    private static QuotaPlan dayThatBegan(Instant moment) {
        int secondOfDay = Math.toIntExact(Math.floorMod(moment.getEpochSecond(), 86_400L));
        int offset = secondOfDay <= 43_200 ? -secondOfDay : 86_400 - secondOfDay;
        return QuotaPlan.perDay(10).in(ZoneOffset.ofTotalSeconds(offset));
    }

    @Test
    void nodesWithWrongClocksLoseNoLeaseAndEndNoneOfOthers() {
        SharedStores slow = node(new TestClock(Instant.now().minus(SKEW)));
        SharedStores fast = node(new TestClock(Instant.now().plus(SKEW)));
        String acme = account();
        Reservation ofSlow = granted(slow, acme, TEN, 5);
        Reservation ofFast = granted(fast, acme, TEN, 5);
        Claim claim = new Claim(Scope.USER, acme, 2, "s");
        Permit first = slow.sessions().acquire(claim).orElseThrow();
        Permit second = fast.sessions().acquire(claim).orElseThrow();
        for (SharedStores node : List.of(slow, fast)) {
            assertThat(reserve(node, acme, TEN, 1)).isInstanceOf(QuotaDecision.Exceeded.class);
            assertThat(node.sessions().acquire(claim)).isEmpty();
        }
        assertThat(slow.quota().holds(ofSlow)).isTrue();
        assertThat(fast.quota().holds(ofFast)).isTrue();
        slow.quota().commit(ofSlow);
        fast.quota().release(ofFast);
        assertUsage(slow, acme, TEN, 5, 0);
        first.close();
        assertThat(fast.sessions().acquire(claim)).isPresent();
        second.close();
    }

    @Test
    void anAddressIsBlockedByTheServersClock() {
        SharedStores slow = node(new TestClock(Instant.now().minus(SKEW)));
        SharedStores fast = node(new TestClock(Instant.now().plus(SKEW)));
        String address = account();
        LoginThrottle.Rule rule = new LoginThrottle.Rule(2, Duration.ofSeconds(25), Duration.ofMinutes(5));
        FailedLogin.of(slow.throttle(), address, rule);
        FailedLogin.of(
                fast.throttle(), address, rule); // by their own clocks the one is a minute before, out of the window
        assertThat(slow.throttle().blocked(address, rule)).isTrue();
        assertThat(fast.throttle().blocked(address, rule)).isTrue();
    }
}
