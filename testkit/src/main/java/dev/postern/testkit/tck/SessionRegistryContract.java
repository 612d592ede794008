package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Revocation;
import dev.postern.spi.SessionRegistry.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a {@link SessionRegistry}: it never grants a permit too many, and never loses one. Extend it, create
 * the registry in {@link #newRegistry}, and run it with JUnit. For a registry shared by several nodes, override the
 * other hooks too.
 */
@ExtendWith(ContractDeadline.class)
public abstract class SessionRegistryContract {

    private static final int THREADS = 8;
    private static final Duration DAY = Duration.ofDays(1);

    /** A registry may defer what an interrupted thread gives back until its next heartbeat. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private final String key = Tck.unique("ann@example.org");
    private final AtomicInteger sessions = new AtomicInteger();
    private final List<SessionRegistry> opened = new ArrayList<>();
    private SessionRegistry registry;

    /** For subclasses, which test an implementation. */
    protected SessionRegistryContract() {}

    /**
     * Creates the registry under test; called once before each test.
     *
     * @return a registry; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract SessionRegistry newRegistry() throws Exception;

    /**
     * Opens a registry's counts a second time, like another node.
     *
     * @param first a registry of this test
     * @return a registry that shares its counts, closed after the test; empty, as by default, for one that counts only
     *     in its process
     * @throws Exception fails the test
     */
    protected Optional<SessionRegistry> anotherNode(SessionRegistry first) throws Exception {
        return Optional.empty();
    }

    /**
     * Creates a registry that takes back the permits of a dead node.
     *
     * @return a registry, closed after the test, and how long after a node's last heartbeat its permits are free;
     *     empty, as by default, for one that counts only in its process, whose counts die with it
     * @throws Exception fails the test
     */
    protected Optional<Expiring<SessionRegistry>> newExpiringRegistry() throws Exception {
        return Optional.empty();
    }

    /**
     * Ends a node as if it crashed: none of its permits is closed, and its heartbeat stops.
     *
     * @param node a registry of this test
     * @return true when done; false, as by default, when it is not possible
     * @throws Exception fails the test
     */
    protected boolean crash(SessionRegistry node) throws Exception {
        return false;
    }

    /**
     * Returns the registries' time.
     *
     * @return the time of the running test's registries; empty, as by default, if they need none
     */
    protected Optional<ContractTime> time() {
        return Optional.empty();
    }

    /**
     * Creates the registry.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openRegistry() throws Exception {
        registry = opened(newRegistry());
    }

    /**
     * Closes the test's registries.
     *
     * @throws Exception when one cannot be closed
     */
    @AfterEach
    public final void closeRegistries() throws Exception {
        for (SessionRegistry one : opened) {
            Tck.close(one);
        }
    }

    /** There are exactly as many permits as the claim says. */
    @Test
    public final void required_acquire_grantsTheLimitAndNotOneMore() {
        for (Scope scope : Scope.values()) {
            for (int i = 0; i < 3; i++) {
                taken(registry, claim(scope, key, 3));
            }
            assertRefused("a fourth session of 3, " + scope, claim(scope, key, 3));
        }
    }

    /** A refused claim takes nothing. */
    @Test
    public final void required_acquire_refusedClaimTakesNothing() {
        Permit held = taken(registry, claim(Scope.USER, key, 1));
        for (int i = 0; i < 3; i++) {
            assertRefused("while the place is taken", claim(Scope.USER, key, 1));
        }
        held.close();
        taken(registry, claim(Scope.USER, key, 1));
    }

    /** A user, an account and an address of the same name are counted separately. */
    @Test
    public final void required_acquire_tellsScopesApart() {
        for (Scope scope : Scope.values()) {
            taken(registry, claim(scope, key, 1));
        }
    }

    /** A session holds a permit for its user, its account and its address; each is given back separately. */
    @Test
    public final void required_acquire_aSessionHoldsAPlaceOfEachScope() {
        String session = Tck.unique("session");
        Permit ofAddress = taken(registry, new Claim(Scope.ADDRESS, key, 1, session));
        taken(registry, new Claim(Scope.ACCOUNT, key, 1, session));
        taken(registry, new Claim(Scope.USER, key, 1, session));
        ofAddress.close();
        taken(registry, claim(Scope.ADDRESS, key, 1));
        for (Scope scope : List.of(Scope.ACCOUNT, Scope.USER)) {
            assertRefused("of " + scope + " when the place of the address was given back", claim(scope, key, 1));
        }
    }

    /** Keys have separate permits, however similar they look to a database. */
    @Test
    public final void required_acquire_tellsKeysApart() {
        taken(registry, claim(Scope.USER, key, 1));
        for (String other : List.of(
                key.toUpperCase(Locale.ROOT),
                key + " ",
                key + "%",
                key.substring(0, key.length() - 1) + "_",
                key + ":USER",
                key + "'; --",
                key + "\u00e9",
                key + "e\u0301")) {
            taken(registry, claim(Scope.USER, other, 1));
            assertRefused("\"" + other + "\" again", claim(Scope.USER, other, 1));
        }
    }

    /** All sessions of a key share one count; each claim is checked against its own limit. */
    @Test
    public final void required_acquire_countsAKeyOnceWhateverTheLimit() {
        taken(registry, claim(Scope.ACCOUNT, key, 5));
        taken(registry, claim(Scope.ACCOUNT, key, 5));
        assertRefused("limit 1", claim(Scope.ACCOUNT, key, 1));
        assertRefused("limit 2", claim(Scope.ACCOUNT, key, 2));
        taken(registry, claim(Scope.ACCOUNT, key, 3));
    }

    /** The largest possible limit works. */
    @Test
    public final void required_acquire_isNotFooledByAnOverflow() {
        for (int i = 0; i < 3; i++) {
            taken(registry, claim(Scope.ADDRESS, key, Integer.MAX_VALUE));
        }
        assertRefused("limit 3", claim(Scope.ADDRESS, key, 3));
    }

    /** Closing a permit gives it back; closing it again gives nothing more. */
    @Test
    public final void required_close_givesThePlaceBackOnce() {
        Permit first = taken(registry, claim(Scope.USER, key, 2));
        taken(registry, claim(Scope.USER, key, 2));
        first.close();
        first.close();
        taken(registry, claim(Scope.USER, key, 2));
        assertRefused("a permit was closed twice", claim(Scope.USER, key, 2));
        first.close();
        assertRefused("a permit was closed once more, when its place was another's", claim(Scope.USER, key, 2));
    }

    /** A permit may be closed by a thread other than the one that took it, and by several at once. */
    @Test
    public final void required_close_byAnyThread() {
        Permit held = taken(registry, claim(Scope.USER, key, 2));
        taken(registry, claim(Scope.USER, key, 2));
        Tck.together(THREADS, thread -> () -> {
            held.close();
            return true;
        });
        taken(registry, claim(Scope.USER, key, 2));
        assertRefused("a permit was closed by several threads", claim(Scope.USER, key, 2));
    }

    /**
     * An interrupted thread gives its permit back, perhaps a moment later than another; an interrupted call does not
     * affect later ones.
     */
    @Test
    public final void required_interrupt_losesNoPlace() {
        Permit held = taken(registry, claim(Scope.USER, key, 1));
        assertThat(Tck.interrupted(held::close))
                .as("what closing a permit throws on an interrupted thread")
                .isNull();
        for (long end = System.nanoTime() + SOON.toNanos();
                registry.acquire(claim(Scope.USER, key, 1)).isEmpty(); ) {
            assertThat(System.nanoTime() - end)
                    .as("the place has not come back within %s", SOON)
                    .isNegative();
            LockSupport.parkNanos(10_000_000); // for another thread to give it back
        }
        Tck.interrupted(() -> registry.acquire(claim(Scope.USER, Tck.unique("bob@example.org"), 1)));
        assertRefused("the place is taken", claim(Scope.USER, key, 1));
        taken(registry, claim(Scope.USER, key, 2));
    }

    /** Of many concurrent claims, exactly as many are granted as there are permits. */
    @Test
    public final void required_concurrency_grantsTheLimitExactly() {
        for (int round = 0; round < 10; round++) {
            String roundsKey = Tck.unique("bob@example.org");
            List<Boolean> granted = Tck.together(
                    THREADS,
                    thread -> () ->
                            registry.acquire(claim(Scope.USER, roundsKey, 3)).isPresent());
            assertThat(granted.stream().filter(Boolean::booleanValue).count())
                    .as("places granted to %s at once, of 3", THREADS)
                    .isEqualTo(3);
        }
    }

    /** However sessions come and go, no more permits are held than there are, and in the end all are free. */
    @Test
    public final void required_concurrency_losesNoPlace() {
        AtomicInteger holding = new AtomicInteger();
        List<Integer> most = Tck.together(THREADS, thread -> () -> {
            int seen = 0;
            for (int session = 0; session < 50; session++) {
                Optional<Permit> permit = registry.acquire(claim(Scope.USER, key, 3));
                if (permit.isPresent()) {
                    seen = Math.max(seen, holding.incrementAndGet());
                    holding.decrementAndGet();
                    permit.get().close();
                }
            }
            return seen;
        });
        assertThat(most).as("sessions that held a place of 3 at once").allMatch(seen -> seen <= 3);
        for (int i = 0; i < 3; i++) {
            taken(registry, claim(Scope.USER, key, 3));
        }
    }

    /**
     * Nodes share the permits.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_nodes_shareThePlaces() throws Exception {
        SessionRegistry other = node(registry);
        Permit first = taken(registry, claim(Scope.ACCOUNT, key, 2));
        taken(other, claim(Scope.ACCOUNT, key, 2));
        assertRefused("both places are taken", claim(Scope.ACCOUNT, key, 2));
        assertThat(other.acquire(claim(Scope.ACCOUNT, key, 2)))
                .as("on the other node")
                .isEmpty();
        first.close();
        taken(other, claim(Scope.ACCOUNT, key, 2));
    }

    /**
     * The permits of a dead node become free in time.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_crash_thePlacesOfADeadNodeComeBack() throws Exception {
        Expiring<SessionRegistry> expiring = Tck.orSkip(newExpiringRegistry(), "newExpiringRegistry()");
        SessionRegistry dying = opened(expiring.plugin());
        SessionRegistry other = node(dying);
        taken(dying, claim(Scope.USER, key, 1));
        assertThat(other.acquire(claim(Scope.USER, key, 1)))
                .as("while the node lives")
                .isEmpty();
        if (!crash(dying)) {
            Tck.skip("nothing to try it with: override crash()");
        }
        Tck.orSkip(time(), "time()").pass(expiring.life());
        taken(other, claim(Scope.USER, key, 1));
    }

    /**
     * A live session keeps its permit, however long it lasts.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_crash_aLivingSessionKeepsItsPlace() throws Exception {
        Expiring<SessionRegistry> expiring = Tck.orSkip(newExpiringRegistry(), "newExpiringRegistry()");
        registry = opened(expiring.plugin());
        ContractTime time = Tck.orSkip(time(), "time()");
        Permit held = taken(registry, claim(Scope.USER, key, 1));
        for (int i = 0; i < 8; i++) { // in steps, for a sign of life to be given between them
            time.pass(expiring.life().dividedBy(4));
            assertRefused("after " + (i + 1) + " quarters of the life", claim(Scope.USER, key, 1));
        }
        held.close();
        taken(registry, claim(Scope.USER, key, 1));
    }

    /** A revocation is listed once, in its scope and octet for octet; an address cannot be revoked. */
    @Test
    public final void required_revoke_whatIsTakenIsTold() {
        assertThat(Tck.throwsException(() -> registry.revoke(Scope.ADDRESS, key)) || !registry.revoke(Scope.USER, key))
                .as("revoking an address throws, or nothing can be revoked")
                .isTrue();
        for (Scope scope : List.of(Scope.USER, Scope.ACCOUNT)) {
            String name = Tck.unique("Ren\u00e9 'the 100%_' " + scope);
            boolean first = registry.revoke(scope, name);
            boolean taken = first && registry.revoke(scope, name);
            List<Revocation> told = about(registry, name, DAY);
            if (!taken) {
                assertThat(told).as("told of what was not taken").isEmpty();
                continue;
            }
            assertThat(told).as("told of %s %s", scope, name).hasSize(1);
            assertThat(told.get(0).scope()).as("scope").isEqualTo(scope);
            assertThat(about(registry, name.toUpperCase(Locale.ROOT), DAY))
                    .as("in capitals")
                    .isEmpty();
        }
    }

    /**
     * Every node learns what one has revoked.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_revoke_allNodesAreTold() throws Exception {
        SessionRegistry other = node(registry);
        revoke(registry, Scope.ACCOUNT, key);
        assertThat(about(other, key, DAY)).as("on the other node").hasSize(1);
    }

    /**
     * A query for a shorter time lists only revocations as recent; revoking again renews the age.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_revoke_hasAnAge() throws Exception {
        ContractTime time = Tck.orSkip(time(), "time()");
        Duration tick = time.tick().multipliedBy(4);
        revoke(registry, Scope.USER, key);
        assertThat(about(registry, key, tick)).as("at once").hasSize(1);
        time.pass(tick);
        Duration age = about(registry, key, DAY).get(0).age();
        assertThat(age).as("age after %s", tick).isGreaterThan(tick.minus(time.tick()));
        time.pass(tick);
        assertThat(about(registry, key, tick)).as("of the last %s", tick).isEmpty();
        revoke(registry, Scope.USER, key);
        assertThat(about(registry, key, tick)).as("revoked again").hasSize(1);
    }

    private static void revoke(SessionRegistry node, Scope scope, String name) {
        if (!node.revoke(scope, name)) {
            Tck.skip("the registry passes no revocations on");
        }
    }

    private static List<Revocation> about(SessionRegistry node, String name, Duration within) {
        return node.revoked(within).stream()
                .filter(revocation -> revocation.key().equals(name))
                .toList();
    }

    /** Null causes an exception. */
    @Test
    public final void required_null_isAnException() {
        assertThat(Tck.throwsException(() -> registry.acquire(Tck.missing())))
                .as("acquire(null) throws")
                .isTrue();
    }

    /**
     * Closing a permit does not throw, even if the registry was closed before it.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_close_aPermitOfAClosedRegistryDoesNotThrow() throws Exception {
        if (!(registry instanceof AutoCloseable)) {
            Tck.skip("the registry is not AutoCloseable");
        }
        Permit held = taken(registry, claim(Scope.USER, key, 1));
        Tck.close(registry);
        Tck.close(registry);
        assertThatCode(held::close).as("closing a permit").doesNotThrowAnyException();
        assertThat(Tck.throwsException(() -> registry.acquire(claim(Scope.USER, key, 1))))
                .as("acquire after close throws")
                .isTrue();
    }

    /** Each call ends well within the relay's plug-in time-out, even when the database or its network is slow. */
    @Test
    public final void untested_everyCall_endsWithinThePluginTimeout() {
        Tck.skip("it would measure time; bound the waits of the registry's own client, and measure it under load");
    }

    private SessionRegistry node(SessionRegistry first) throws Exception {
        return opened(Tck.orSkip(anotherNode(first), "anotherNode()"));
    }

    private SessionRegistry opened(SessionRegistry one) {
        opened.add(one);
        return one;
    }

    private Claim claim(Scope scope, String name, int max) {
        return new Claim(scope, name, max, Tck.unique("session-" + sessions.incrementAndGet()));
    }

    private static Permit taken(SessionRegistry from, Claim claim) {
        Optional<Permit> permit = Objects.requireNonNull(from.acquire(claim), "acquire answered null");
        assertThat(permit).as("a place for %s", claim).isPresent();
        return permit.orElseThrow();
    }

    private void assertRefused(String what, Claim claim) {
        assertThat(registry.acquire(claim)).as(what).isEmpty();
    }
}
