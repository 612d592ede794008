package dev.postern.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
import dev.postern.stores.FailedLogin;
import dev.postern.stores.Ledgers;
import dev.postern.stores.Opened;
import dev.postern.stores.Pause;
import dev.postern.testkit.TestClock;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
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

    @AutoClose
    private final Opened open = new Opened();

    private final TestClock clock = new TestClock();

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
        return node.quota().reserve(QuotaRequest.of(id, ACME, TEN, units));
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

    // leases

    @Test
    void whatIsGivenBackAtTheEndIsNotHeldAgainByABeatThatWasUnderWay() {
        Redis connection =
                Redis.connect(new Redis.Settings(RedisURI.create(server.uri()), false, 0, Duration.ofSeconds(20)));
        open.add(connection);
        RedisLedgers ledgers = new RedisLedgers(connection, LEASE, clock);
        Ledgers.Key ann = new Ledgers.Key("session-user", "ann");
        assertThat(ledgers.hold(new Ledgers.Terms(ann, 0, Long.MAX_VALUE, 1), "s", 1)
                        .granted())
                .isTrue();
        ledgers.giveBack();
        ledgers.renew();
        assertThat(ledgers.standing(ann).held()).isZero();
    }

    // quota

    /** Lettuce's own message shows the whole address. */
    @Test
    void anAddressThatIsNoneIsNotRepeated() {
        for (String wrong : List.of("", "http://localhost", "redis://:secret word@localhost")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RedisStores.builder(wrong))
                    .withMessageStartingWith("uri must be redis://")
                    .withMessageNotContaining("secret")
                    .withNoCause();
        }
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

    /** Lua counts in doubles, and Redis answers with 64 bits: what is above them was said to be less than nothing. */
    @Test
    void anAccountThatIsGivenAllTheUnitsThereAreHasUsedThem() {
        RedisStores node = node();
        for (int i = 0; i < 2; i++) {
            assertThat(adjusted(node, Long.MAX_VALUE)).isGreaterThan(Long.MAX_VALUE - 2000);
            assertThat(node.quota().usage(ACME, TEN).used()).isGreaterThan(Long.MAX_VALUE - 2000);
            assertThat(reserve(node, "m1", 1)).isInstanceOf(QuotaDecision.Exceeded.class);
        }
        assertThat(adjusted(node, -Long.MAX_VALUE)).isZero();
        granted(node, "m1", 10);
    }

    private static long adjusted(RedisStores node, long units) {
        return node.quota()
                .adjust(new QuotaAdjustment(ACME, TEN, QuotaAdjustment.Kind.ADD, units, "test"))
                .used();
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
    void whatExpiresWhileItIsSettledReturns() {
        RedisStores node = node();
        Reservation late = granted(node, "m1", 4);
        Reservation other = granted(node, "m2", 3);
        endLeases("quota-recipients:acme", "m1", "m2");
        node.quota().release(late);
        node.quota().commit(other);
        assertUsage(node, 0, 0);
        granted(node, "m3", 10);
    }

    @Test
    void noKeyStaysForEver() {
        RedisStores node = node();
        granted(node, "m1", 4);
        granted(node, "m2", 6);
        assertEveryKeyEnds(3);
        assertThat(node.quota().reserve(QuotaRequest.of("m3", "nobody", QuotaPlan.perMonth(1), 2)))
                .isInstanceOf(QuotaDecision.Exceeded.class);
        node.quota().adjust(new QuotaAdjustment("other", TEN, QuotaAdjustment.Kind.SET, 3, "a test"));
        assertEveryKeyEnds(5);
        assertThat(node.sessions().acquire(new Claim(Scope.USER, "ann", 1, "s")))
                .isPresent();
        assertThat(redis.ttl("postern:{session-user:ann}")) // a node that dies leaves it, and ann may never come again
                .isLessThanOrEqualTo(Duration.ofDays(1).toSeconds());
        LoginThrottle.Rule rule = new LoginThrottle.Rule(2, Duration.ofMinutes(10), Duration.ofMinutes(5));
        FailedLogin.of(node.throttle(), "192.0.2.1", rule);
        assertEveryKeyEnds(9);
        assertThat(node.throttle().attempt("192.0.2.1", rule)).isInstanceOf(LoginThrottle.Decision.Granted.class);
        assertEveryKeyEnds(10); // of attempts that are not decided
    }

    private static void assertEveryKeyEnds(int keys) {
        assertThat(redis.keys("*"))
                .hasSize(keys)
                .allSatisfy(key -> assertThat(redis.ttl(key)).isPositive());
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
        RedisStores running = node(); // before the keys go: the paused one's heart may beat while this one connects
        Claim claim = new Claim(Scope.USER, "ann", 1, "s");
        Permit first = paused.sessions().acquire(claim).orElseThrow();
        redis.del(
                "postern:{session-user:ann}", "postern:{session-user:ann}:leases", "postern:{session-user:ann}:units");
        Permit other = running.sessions().acquire(claim).orElseThrow();
        while (!"2".equals(redis.hget("postern:{session-user:ann}", "held"))) {
            Pause.brief(); // until the paused one's heart beats
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
        FailedLogin.of(one, "192.0.2.1", rule);
        String failures = "postern:{login:192.0.2.1}:failures";
        redis.zincrby(failures, -600_000, redis.zrange(failures, 0, 0).get(0)); // out of the window
        FailedLogin.of(other, "192.0.2.1", rule);
        FailedLogin.of(one, "192.0.2.1", rule);
        assertThat(other.blocked("192.0.2.1", rule)).isFalse();
        FailedLogin.of(other, "192.0.2.1", rule);
        assertThat(one.blocked("192.0.2.1", rule)).isTrue();
        assertThat(one.blocked("192.0.2.2", rule)).isFalse();
        FailedLogin.of(one, "192.0.2.1", rule); // does not extend it
        assertThat(redis.pttl("postern:{login:192.0.2.1}:blocked")).isBetween(240_000L, 300_000L);
        redis.del("postern:{login:192.0.2.1}:blocked");
        assertThat(one.blocked("192.0.2.1", rule)).isFalse();
        FailedLogin.of(other, "192.0.2.1", rule);
        FailedLogin.of(other, "192.0.2.1", rule);
        assertThat(one.blocked("192.0.2.1", rule)).isFalse();
    }
}
