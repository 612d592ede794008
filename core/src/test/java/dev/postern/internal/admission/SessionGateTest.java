package dev.postern.internal.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.admission.SessionGate.SessionPermit;
import dev.postern.internal.plugin.Guarded;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import dev.postern.testkit.TestClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionGateTest {

    private static final int NONE = Integer.MAX_VALUE;
    private static final Identity ALICE = Identity.of("alice").withAccount("acme");
    private static final Identity ANNA = Identity.of("anna").withAccount("acme");

    private final TestClock clock = new TestClock();

    private SessionGate gate(SessionLimits limits) {
        return gate(limits, SessionGate.inProcessRegistry(), SessionPolicy.acceptAll());
    }

    private SessionGate gate(SessionLimits limits, SessionRegistry registry, SessionPolicy policy) {
        return new SessionGate(
                limits, Guarded.inline("SessionRegistry", registry), Guarded.inline("SessionPolicy", policy), clock);
    }

    private static SessionLimits limits(int perUser, int perAccount, int perAddress, int connections) {
        return SessionLimits.defaults()
                .withPerUser(perUser)
                .withPerAccount(perAccount)
                .withPerAddress(perAddress)
                .withConnections(connections)
                .withLifetime(TimeLimits.UNLIMITED)
                .withLoginWait(Duration.ZERO);
    }

    private static SessionPermit enter(SessionGate gate) {
        return gate.enter(() -> false);
    }

    private static Verdict connected(SessionPermit permit, ClientInfo client) {
        Verdict admission = permit.admit(client);
        return admission instanceof Verdict.Proceed ? permit.connected(client) : admission;
    }

    @Test
    void refusesOneConnectionOverTheRelaysLimitAndLetsTheNextInWhenOneHasGone() {
        SessionGate gate = gate(limits(NONE, NONE, NONE, 2));
        SessionPermit one = enter(gate);
        SessionPermit two = enter(gate);
        SessionPermit three = enter(gate);
        assertThat(connected(one, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        assertThat(connected(two, client("192.0.2.2"))).isEqualTo(Verdict.proceed());
        assertThat(connected(three, client("192.0.2.3"))).isEqualTo(Verdict.refuse(StandardReply.SERVER_BUSY));
        assertThat(gate.connections()).as("whoever is refused takes no place").isEqualTo(2);
        three.close();
        three.close();
        one.close();
        assertThat(gate.connections()).isEqualTo(1);
        assertThat(connected(enter(gate), client("192.0.2.3"))).isEqualTo(Verdict.proceed());
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, false",
        "192.0.2.1, 192.0.2.2, true",
        "2001:db8::1, 2001:db8::2, false",
        "2001:db8:0:1::1, 2001:db8:0:2::1, true",
    })
    void countsConnectionsByAddressOrPrefix(String one, String other, boolean proceeds) {
        SessionGate gate = gate(limits(NONE, NONE, 1, NONE));
        SessionPermit first = enter(gate);
        assertThat(connected(first, client(one))).isEqualTo(Verdict.proceed());
        Verdict second = connected(enter(gate), client(other));
        assertThat(second).isEqualTo(proceeds ? Verdict.proceed() : Verdict.refuse(StandardReply.IP_SESSIONS_EXCEEDED));
        first.close();
        assertThat(connected(enter(gate), client(one))).isEqualTo(Verdict.proceed());
    }

    @Test
    void aRefusedConnectionHoldsNoPlace() {
        SessionGate gate = gate(limits(NONE, NONE, 1, NONE));
        SessionPermit first = enter(gate);
        assertThat(connected(first, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        SessionPermit second = enter(gate);
        assertHungUp(connected(second, client("192.0.2.1")));
        second.close();
        assertHungUp(connected(enter(gate), client("192.0.2.1")));
    }

    @Test
    void limitsTheUserBeforeTheAccount() {
        SessionGate gate = gate(limits(1, 2, NONE, NONE));
        SessionPermit one = enter(gate);
        assertThat(one.loggedIn(ALICE, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        assertThat(enter(gate).loggedIn(ALICE, client("192.0.2.1")))
                .isEqualTo(Verdict.refuse(StandardReply.USER_SESSIONS_EXCEEDED));
        assertThat(enter(gate).loggedIn(ANNA, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        Identity axel = Identity.of("axel").withAccount("acme");
        assertThat(enter(gate).loggedIn(axel, client("192.0.2.1")))
                .isEqualTo(Verdict.refuse(StandardReply.ACCOUNT_SESSIONS_EXCEEDED));
        one.close();
        assertThat(enter(gate).loggedIn(axel, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
    }

    @Test
    void aLoginThatTheAccountsLimitRefusesHoldsNoPlaceOfTheUser() {
        SessionGate gate = gate(limits(1, 1, NONE, NONE));
        SessionPermit anna = enter(gate);
        assertThat(anna.loggedIn(ANNA, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        SessionPermit alice = enter(gate);
        assertThat(alice.loggedIn(ALICE, client("192.0.2.1")))
                .isEqualTo(Verdict.refuse(StandardReply.ACCOUNT_SESSIONS_EXCEEDED));
        anna.close();
        assertThat(enter(gate).loggedIn(ALICE, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
    }

    @Test
    void releasingALoginGivesItsPlacesBack() {
        SessionGate gate = gate(limits(1, 1, NONE, NONE));
        SessionPermit one = enter(gate);
        assertThat(one.loggedIn(ALICE, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        one.releaseLogin();
        SessionPermit two = enter(gate);
        assertThat(two.loggedIn(ALICE, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        one.close(); // what was given back once is not given back again
        assertThat(enter(gate).loggedIn(ALICE, client("192.0.2.1"))).isInstanceOf(Verdict.Refuse.class);
    }

    @Test
    void theSessionsEndEndsTheWaitForAPlace() {
        SessionGate gate = gate(
                limits(1, 1, NONE, NONE).withLifetime(Duration.ofMinutes(1)).withLoginWait(Duration.ofMinutes(4)));
        assertThat(enter(gate).loggedIn(ALICE, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        SessionPermit second = enter(gate);
        assertThat(clock.<Verdict>advanceUntil(
                        Duration.ofSeconds(10), () -> second.loggedIn(ALICE, client("192.0.2.1"))))
                .isEqualTo(Verdict.refuse(StandardReply.USER_SESSIONS_EXCEEDED));
        assertThat(second.age()).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(3));
    }

    @Test
    void anIdentitysOwnLimitsCount() {
        SessionGate gate = gate(limits(1, 1, NONE, NONE));
        Identity more = ALICE.withLimits(IdentityLimits.none()
                .withSessionsPerUser(2)
                .withSessionsPerAccount(NONE)
                .withMessagesPerSession(1));
        SessionPermit one = enter(gate);
        assertThat(one.loggedIn(more, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        assertThat(enter(gate).loggedIn(more, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        assertThat(enter(gate).loggedIn(more, client("192.0.2.1")))
                .isEqualTo(Verdict.refuse(StandardReply.USER_SESSIONS_EXCEEDED));
        assertThat(one.nextMessage()).isEqualTo(Verdict.proceed());
        one.messageAccepted();
        assertThat(one.nextMessage()).isEqualTo(Verdict.refuse(StandardReply.TOO_MANY_MESSAGES));
        one.releaseLogin();
        assertThat(one.nextMessage()).as("the relay's limit again").isEqualTo(Verdict.proceed());
        assertThat(one.messages()).isEqualTo(1);
    }

    @Test
    void tellsAgeAndEnd() {
        SessionGate gate = gate(limits(NONE, NONE, NONE, NONE).withLifetime(Duration.ofMinutes(30)));
        SessionPermit permit = enter(gate);
        long opened = clock.nanoTime();
        clock.advance(Duration.ofMinutes(7));
        assertThat(permit.age()).isEqualTo(Duration.ofMinutes(7));
        assertThat(permit.end()).hasValue(opened + Duration.ofMinutes(30).toNanos());
        assertThat(enter(gate(limits(1, 1, 1, 1))).end()).isEmpty();
    }

    @Test
    void aRegistryThatBreaksRefusesTemporarily() {
        SessionRegistry broken = claim -> {
            throw new IllegalStateException("broken");
        };
        SessionPermit permit = enter(gate(limits(1, 1, 1, 1), broken, SessionPolicy.acceptAll()));
        assertThat(connected(permit, client("192.0.2.1")))
                .isEqualTo(Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED));
        assertThat(permit.loggedIn(ALICE, client("192.0.2.1")))
                .isEqualTo(Verdict.refuse(StandardReply.AUTH_UNAVAILABLE));
    }

    @Test
    void permitsThatThrowKeepNeitherTheOthersNorTheConnection() {
        ConcurrentLinkedQueue<Scope> released = new ConcurrentLinkedQueue<>();
        SessionRegistry registry = claim -> Optional.of(() -> {
            released.add(claim.scope());
            throw new IllegalStateException("a host that breaks the rules");
        });
        SessionGate gate = gate(limits(1, 1, 1, 1), registry, SessionPolicy.acceptAll());
        SessionPermit permit = enter(gate);
        assertThat(connected(permit, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        assertThat(permit.loggedIn(ALICE, client("192.0.2.1"))).isEqualTo(Verdict.proceed());
        permit.close();
        assertThat(released).containsExactlyInAnyOrder(Scope.USER, Scope.ACCOUNT, Scope.ADDRESS);
        assertThat(gate.connections()).isZero();
    }

    @Test
    void theHostsPolicyIsAskedAfterOurLimits() {
        Verdict mine = Verdict.refuse(StandardReply.SHUTTING_DOWN);
        SessionGate gate = gate(limits(1, 1, NONE, 1), SessionGate.inProcessRegistry(), client -> mine);
        SessionPermit first = enter(gate);
        assertThat(connected(first, client("192.0.2.1"))).isEqualTo(mine);
        assertThat(connected(enter(gate), client("192.0.2.1"))).isEqualTo(Verdict.refuse(StandardReply.SERVER_BUSY));
    }

    @Test
    void aPolicyThatBreaksRefusesWith421() {
        SessionGate gate = gate(limits(1, 1, 1, 1), SessionGate.inProcessRegistry(), client -> {
            throw new IllegalStateException("broken");
        });
        assertThat(connected(enter(gate), client("192.0.2.1"))).isEqualTo(Verdict.refuse(StandardReply.INTERNAL_ERROR));
    }

    @Test
    void theRegistryNeverGrantsOneTooManyAndForgetsNothing() throws Exception {
        SessionRegistry registry = SessionGate.inProcessRegistry();
        Claim claim = new Claim(Scope.USER, "alice", 7, "s");
        ExecutorService executor = Executors.newFixedThreadPool(16);
        try {
            for (int round = 0; round < 20; round++) {
                ConcurrentLinkedQueue<Permit> permits = new ConcurrentLinkedQueue<>();
                List<Callable<Boolean>> tasks = IntStream.range(0, 64)
                        .<Callable<Boolean>>mapToObj(i ->
                                () -> registry.acquire(claim).map(permits::add).isPresent())
                        .toList();
                executor.invokeAll(tasks);
                assertThat(permits).hasSize(7);
                List<Callable<Boolean>> closes = permits.stream()
                        .<Callable<Boolean>>map(permit -> () -> {
                            permit.close();
                            permit.close();
                            return true;
                        })
                        .toList();
                executor.invokeAll(closes);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static ClientInfo client(String address) {
        try {
            InetSocketAddress remote = new InetSocketAddress(InetAddress.getByName(address), 4711);
            return ClientInfo.of("s-1", remote, remote);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertHungUp(Verdict verdict) {
        assertThat(verdict.refusal())
                .hasValueSatisfying(reply -> assertThat(reply.closes()).isTrue());
    }
}
