package dev.postern.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.testkit.TestClock;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the stores do beyond the contracts, several nodes, leases, the server's clock. */
class StoresTest {

    private static final String ACME = "acme";
    private static final QuotaPlan TEN = QuotaPlan.perMonth(10);
    private static final Duration LEASE = Duration.ofSeconds(30);

    private static RedisServer server;
    private static RedisClient client;
    private static RedisCommands<String, String> redis;

    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
    private final TestClock clock = new TestClock();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    @BeforeAll
    static void startServer() {
        server = new RedisServer();
        client = RedisClient.create(server.uri());
        redis = client.connect().sync();
    }

    @AfterAll
    static void stopServer() {
        client.shutdown();
        server.close();
    }

    @BeforeEach
    void empty() {
        redis.flushall();
        redis.scriptFlush(); // so that each test shows that a server need not have seen the scripts
    }

    private RedisStores node() {
        return node(LEASE);
    }

    private RedisStores node(Duration lease) {
        RedisStores node = RedisStores.builder(server.uri())
                .lease(lease)
                .timeout(Duration.ofSeconds(20))
                .clock(clock)
                .start();
        open.add(node);
        return node;
    }

    private static QuotaDecision reserve(RedisStores node, String id, long units) {
        return node.quota().reserve(new QuotaRequest(id, ACME, TEN, units));
    }

    private static Reservation granted(RedisStores node, String id, long units) {
        QuotaDecision decision = reserve(node, id, units);
        assertThat(decision).isInstanceOf(QuotaDecision.Granted.class);
        return ((QuotaDecision.Granted) decision).reservation();
    }

    private static void assertUsage(RedisStores node, long used, long reserved) {
        QuotaUsage usage = node.quota().usage(ACME, TEN);
        assertThat(List.of(usage.used(), usage.reserved(), usage.limit())).containsExactly(used, reserved, 10L);
    }

    /** Ends the leases of some ids, as time does. */
    private static void endLeases(String ledger, String... ids) {
        for (String id : ids) {
            assertThat(redis.zadd("postern:{" + ledger + "}:leases", 1, id)).isZero();
        }
    }

    // quota

    @Test
    void twoNodesShareAQuota() {
        RedisStores one = node();
        RedisStores other = node();
        assertUsage(one, 0, 0);
        Reservation first = granted(one, "m1", 6);
        assertThat(reserve(other, "m2", 5)).isInstanceOf(QuotaDecision.Exceeded.class);
        Reservation second = granted(other, "m2", 3);
        assertThat(granted(other, "m2", 1).units()).isEqualTo(4);
        assertUsage(other, 0, 10);
        one.quota().commit(first.withUnits(5));
        other.quota().release(second);
        assertUsage(one, 5, 0);
        one.quota().commit(first.withUnits(5));
        other.quota().release(second);
        assertUsage(other, 5, 0);
    }

    @Test
    void neverGrantsOneTooMany() throws Exception {
        List<RedisStores> nodes = List.of(node(), node());
        QuotaPlan plan = QuotaPlan.perDay(300);
        AtomicLong units = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        open.add(threads::shutdownNow);
        List<Future<?>> work = new ArrayList<>();
        for (int thread = 0; thread < 16; thread++) {
            String name = "t" + thread + "-";
            RedisQuotaStore store = nodes.get(thread % 2).quota();
            int size = thread < 8 ? 1 : 3;
            work.add(threads.submit(() -> {
                for (int message = 0; ; message++) {
                    QuotaDecision decision = store.reserve(new QuotaRequest(name + message, ACME, plan, size));
                    if (!(decision instanceof QuotaDecision.Granted granted)) {
                        return null;
                    }
                    if (message % 5 == 4) {
                        store.release(granted.reservation());
                    } else {
                        store.commit(granted.reservation());
                        units.addAndGet(size);
                    }
                }
            }));
        }
        for (Future<?> thread : work) {
            thread.get();
        }
        QuotaUsage usage = nodes.get(0).quota().usage(ACME, plan);
        assertThat(usage.used()).isEqualTo(units.get()).isBetween(298L, 300L); // at the end one of 3 may not fit
        assertThat(usage.reserved()).isZero();
    }

    @Test
    void whatADeadNodeHeldReturnsAndItsReturnFreesNothing() throws Exception {
        RedisStores dead = node();
        RedisStores other = node();
        Reservation inFlight = granted(dead, "m1", 4);
        Reservation abandoned = granted(dead, "m2", 3);
        assertThat(dead.quota().holds(inFlight)).isTrue();
        endLeases("quota-recipients:acme", "m1", "m2");
        assertUsage(other, 0, 0); // nobody needs the units yet, but they are not shown any more
        clock.advance(LEASE);
        granted(other, "m3", 10);
        assertUsage(other, 0, 10);

        assertThat(dead.quota().holds(inFlight)).isFalse();
        assertThat(reserve(dead, "m4", 1)).isInstanceOf(QuotaDecision.Exceeded.class);
        dead.quota().release(abandoned);
        assertUsage(other, 0, 10);
        dead.quota().commit(inFlight);
        assertUsage(other, 0, 10);
    }

    @Test
    void whatAClosedNodeHeldReturnsAtOnce() {
        RedisStores one = node();
        RedisStores other = node();
        granted(one, "m1", 10);
        one.close();
        clock.advance(LEASE);
        granted(other, "m2", 10);
        assertUsage(other, 0, 10);
    }

    @Test
    void aNewPeriodBeginsByTheServersClock() throws Exception {
        RedisStores node = node();
        Reservation before = granted(node, "m1", 4);
        node.quota().commit(granted(node, "m2", 3));
        assertUsage(node, 3, 4);
        redis.hincrby("postern:{quota-recipients:acme}", "period", -4_000_000_000L);
        assertUsage(node, 0, 0);
        granted(node, "m3", 10);
        node.quota().commit(before); // counts for its own period, which nobody asks for any more
        assertUsage(node, 0, 10);
    }

    @Test
    void adjustsAndCountsEachUnitByItself() {
        RedisStores node = node();
        QuotaPlan octets = TEN.counting(QuotaPlan.Unit.OCTETS);
        granted(node, "m1", 4);
        assertThat(node.quota().usage(ACME, octets).reserved()).isZero();
        node.quota().adjust(new QuotaAdjustment(ACME, TEN, QuotaAdjustment.Kind.ADD, 6, "a test"));
        assertUsage(node, 6, 4);
        assertThat(reserve(node, "m2", 1)).isInstanceOf(QuotaDecision.Exceeded.class);
        assertThat(node.quota()
                        .reserve(new QuotaRequest("m2", ACME, TEN.withLimit(11), 1))) // a larger plan in mid-period
                .isInstanceOf(QuotaDecision.Granted.class);
        QuotaUsage usage = node.quota().adjust(new QuotaAdjustment(ACME, TEN, QuotaAdjustment.Kind.SET, 0, "a test"));
        assertThat(usage.used()).isZero();
        assertUsage(node, 0, 5);
    }

    // sessions

    @Test
    void twoNodesShareThePlacesOfAUser() throws Exception {
        RedisStores dead = node();
        RedisStores other = node();
        Claim claim = new Claim(Scope.USER, "ann", 2, "s");
        Permit first = dead.sessions().acquire(claim).orElseThrow();
        Permit second = other.sessions().acquire(claim).orElseThrow();
        assertThat(other.sessions().acquire(claim)).isEmpty();
        assertThat(other.sessions().acquire(new Claim(Scope.ACCOUNT, "ann", 2, "s")))
                .isPresent();
        second.close();
        second.close();
        second = other.sessions().acquire(claim).orElseThrow();

        List<String> places = redis.zrange("postern:{session-user:ann}:leases", 0, -1);
        endLeases("session-user:ann", places.toArray(String[]::new));
        clock.advance(LEASE);
        Permit third = other.sessions().acquire(claim).orElseThrow();
        Permit fourth = other.sessions().acquire(claim).orElseThrow();
        assertThat(other.sessions().acquire(claim)).isEmpty();
        first.close(); // what went to others is not given back
        second.close();
        assertThat(other.sessions().acquire(claim)).isEmpty();
        third.close();
        fourth.close();
        assertThat(redis.keys("postern:{session-user:ann}")).isEmpty();
    }

    @Test
    void aProcessThatReturnsTakesItsPlacesAgain() throws Exception {
        RedisStores paused = node(Duration.ofSeconds(1));
        Claim claim = new Claim(Scope.USER, "ann", 1, "s");
        Permit first = paused.sessions().acquire(claim).orElseThrow();
        redis.del(
                "postern:{session-user:ann}", "postern:{session-user:ann}:leases", "postern:{session-user:ann}:units");
        Permit other = node().sessions().acquire(claim).orElseThrow();
        while (!"2".equals(redis.hget("postern:{session-user:ann}", "held"))) {
            Thread.onSpinWait(); // until the paused one's heart beats
        }
        other.close();
        assertThat(node().sessions().acquire(claim)).isEmpty();
        first.close();
        assertThat(node().sessions().acquire(claim)).isPresent();
    }

    // failed logins

    @Test
    void blocksAnAddressOnEveryNode() throws Exception {
        LoginThrottle one = node().throttle();
        LoginThrottle other = node().throttle();
        LoginThrottle.Rule rule = new LoginThrottle.Rule(3, Duration.ofMinutes(10), Duration.ofMinutes(5));
        one.failed("192.0.2.1", rule);
        String failures = "postern:{login:192.0.2.1}:failures";
        redis.zincrby(failures, -600_000, redis.zrange(failures, 0, 0).get(0)); // out of the window
        other.failed("192.0.2.1", rule);
        one.failed("192.0.2.1", rule);
        assertThat(other.blocked("192.0.2.1", rule)).isFalse();
        other.failed("192.0.2.1", rule);
        assertThat(one.blocked("192.0.2.1", rule)).isTrue();
        assertThat(one.blocked("192.0.2.2", rule)).isFalse();
        one.failed("192.0.2.1", rule); // does not extend it
        assertThat(redis.pttl("postern:{login:192.0.2.1}:blocked")).isBetween(240_000L, 300_000L);
        redis.del("postern:{login:192.0.2.1}:blocked");
        assertThat(one.blocked("192.0.2.1", rule)).isFalse();
        other.failed("192.0.2.1", rule);
        other.failed("192.0.2.1", rule);
        assertThat(one.blocked("192.0.2.1", rule)).isFalse();
    }

    @Test
    void failedLoginsAtTheSameTimeAllCount() throws Exception {
        List<RedisStores> nodes = List.of(node(), node());
        LoginThrottle.Rule rule = new LoginThrottle.Rule(16, Duration.ofMinutes(10), Duration.ofMinutes(5));
        ExecutorService threads = Executors.newFixedThreadPool(15);
        open.add(threads::shutdownNow);
        List<Callable<Object>> failures = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            RedisLoginThrottle throttle = nodes.get(i % 2).throttle();
            failures.add(Executors.callable(() -> throttle.failed("192.0.2.1", rule)));
        }
        for (Future<Object> failure : threads.invokeAll(failures)) {
            failure.get();
        }
        assertThat(nodes.get(0).throttle().blocked("192.0.2.1", rule)).isFalse();
        nodes.get(0).throttle().failed("192.0.2.1", rule);
        assertThat(nodes.get(1).throttle().blocked("192.0.2.1", rule)).isTrue();
    }
}
