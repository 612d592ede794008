package dev.postern.internal.admission;

import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.time.WaitQueues;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayClock;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Decides who may have a session, for how long and for how many messages. */
public final class SessionGate {

    /** So many logins of a user, or of an account, may wait for a permit. */
    private static final int MAX_WAITING = 100;

    /** What a login waits in: for a permit of a user, or of an account. */
    private record Queue(Scope scope, String name) {}

    /** A permit of a login, and where others wait for it. */
    private record LoginPermit(Queue queue, Permit permit) {}

    private final SessionLimits limits;
    private final Guarded<SessionRegistry> registry;
    private final Guarded<SessionPolicy> policy;
    private final RelayClock clock;
    private final Shared shared;

    /** What stays when the limits change. */
    private static final class Shared {
        private final WaitQueues<Queue> queues;
        private final AtomicInteger connections = new AtomicInteger();
        private final AtomicInteger authenticated = new AtomicInteger();
        private volatile boolean paused;

        private Shared(RelayClock clock) {
            queues = new WaitQueues<>(clock, MAX_WAITING);
        }
    }

    public SessionGate(
            SessionLimits limits, Guarded<SessionRegistry> registry, Guarded<SessionPolicy> policy, RelayClock clock) {
        this(limits, registry, policy, clock, new Shared(clock));
    }

    private SessionGate(
            SessionLimits limits,
            Guarded<SessionRegistry> registry,
            Guarded<SessionPolicy> policy,
            RelayClock clock,
            Shared shared) {
        this.limits = limits;
        this.registry = registry;
        this.policy = policy;
        this.clock = clock;
        this.shared = shared;
    }

    /** Makes a gate with other limits, which counts together with this one. */
    public SessionGate withLimits(SessionLimits newLimits) {
        return new SessionGate(newLimits, registry, policy, clock, shared);
    }

    /** Lets nobody in any more, in this gate and in those that count together with it, or somebody again. */
    public void pause(boolean paused) {
        shared.paused = paused;
    }

    /** The default registry, of this process. */
    public static SessionRegistry inProcessRegistry() {
        return new InProcessSessionRegistry();
    }

    /** Counts in this process, in place of refusing, while the host's registry does not answer. */
    public static SessionRegistry degrading(Guarded<SessionRegistry> shared) {
        return new DegradingSessionRegistry(shared);
    }

    /** For a permit that was given too late: its session was refused, or counted here. */
    static void giveBack(SessionRegistry registry, Optional<Permit> late) {
        late.ifPresent(Permit::close);
    }

    /** {@return how many connections there are, without those that are refused, from when that is known} */
    public int connections() {
        return shared.connections.get();
    }

    public int authenticated() {
        return shared.authenticated.get();
    }

    /** How many messages a session may have without a login that has a limit of its own. */
    public int maxMessages() {
        return limits.messages();
    }

    /**
     * Takes a connection in; {@code gone} tells whether its client has closed it, and is asked by the session's
     * thread.
     */
    public SessionPermit enter(BooleanSupplier gone) {
        return new SessionPermit(shared.connections.incrementAndGet(), gone);
    }

    /** What one session holds. Used by one thread at a time. */
    public final class SessionPermit implements AutoCloseable {

        private static final long NEVER = Long.MIN_VALUE;

        private final int number;
        private final long opened = clock.nanoTime();
        private final long openedMillis = clock.now().toEpochMilli();
        private volatile long lastCommand = NEVER;
        private final BooleanSupplier gone;
        private final List<LoginPermit> loginPermits = new ArrayList<>(2);
        private @Nullable Permit addressPermit;
        private boolean counted = true; // among the connections
        private int maxMessages = limits.messages();
        private volatile int messages; // written by the session's thread alone
        private int errors;
        private boolean loggedIn;
        private boolean closed;

        private SessionPermit(int number, BooleanSupplier gone) {
            this.number = number;
            this.gone = gone;
        }

        /** Judges a new connection by how many there are: before a TLS handshake, in which a client may be silent. */
        public Verdict admit(ClientInfo client) {
            Verdict verdict = shared.paused || number > limits.connections()
                    ? Verdict.refuse(StandardReply.SERVER_BUSY)
                    : takeAddress(client);
            if (!(verdict instanceof Verdict.Proceed)) {
                giveConnectionBack(); // while it is told why, it takes no other's place
            }
            return verdict;
        }

        private Verdict takeAddress(ClientInfo client) {
            if (limits.perAddress() == Integer.MAX_VALUE) {
                return Verdict.proceed();
            }
            Claim claim = new Claim(
                    Scope.ADDRESS,
                    client.addressKey(limits.ipv6PrefixLength()),
                    limits.perAddress(),
                    client.sessionId());
            Optional<Optional<Permit>> answer = acquire(claim);
            if (answer.isEmpty()) {
                return Verdict.refuse(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            if (answer.get().isEmpty()) {
                return Verdict.refuse(StandardReply.IP_SESSIONS_EXCEEDED);
            }
            addressPermit = answer.get().get();
            return Verdict.proceed();
        }

        /** Judges a connection that was admitted by the host's policy, which may look at its TLS. */
        public Verdict connected(ClientInfo client) {
            return policy.call(rule -> rule.connected(client))
                    .orElseGet(() -> Verdict.refuse(StandardReply.INTERNAL_ERROR));
        }

        /**
         * Judges a login whose credentials are right: the user's limit first, then the account's. Waits for a permit of both.
         *
         * @return proceed, or the reply; then the session has no login
         */
        public Verdict loggedIn(Identity identity, ClientInfo client) {
            releaseLogin();
            int perUser = identity.limits().sessionsPerUser().orElse(limits.perUser());
            int perAccount = identity.limits().sessionsPerAccount().orElse(limits.perAccount());
            long waitEnd = clock.nanoTime() + limits.loginWait().toNanos();
            Verdict verdict = take(
                    new Claim(Scope.USER, identity.user(), perUser, client.sessionId()),
                    StandardReply.USER_SESSIONS_EXCEEDED,
                    waitEnd);
            if (verdict instanceof Verdict.Proceed) {
                verdict = take(
                        new Claim(Scope.ACCOUNT, identity.account(), perAccount, client.sessionId()),
                        StandardReply.ACCOUNT_SESSIONS_EXCEEDED,
                        waitEnd);
            }
            if (verdict instanceof Verdict.Proceed) {
                maxMessages = identity.limits().messagesPerSession().orElse(limits.messages());
                loggedIn = true;
                shared.authenticated.incrementAndGet();
            } else {
                releaseLogin();
            }
            return verdict;
        }

        /** Forgets the login, as STARTTLS does (RFC 3207 section 4.2). */
        public void releaseLogin() {
            if (loggedIn) {
                loggedIn = false;
                shared.authenticated.decrementAndGet();
            }
            maxMessages = limits.messages();
            giveLoginPermitsBack();
        }

        /** Every one, though the registry throws an Error at one of them: nobody would ever give back the others. */
        private void giveLoginPermitsBack() {
            if (!loginPermits.isEmpty()) {
                LoginPermit held = loginPermits.remove(0);
                try {
                    registry.settle(counts -> held.permit.close());
                } finally {
                    shared.queues.wake(held.queue);
                    giveLoginPermitsBack();
                }
            }
        }

        public Verdict nextMessage() {
            return messages < maxMessages ? Verdict.proceed() : Verdict.refuse(StandardReply.TOO_MANY_MESSAGES);
        }

        /** {@return how many messages the session may have, by the login's own limit if it has one} */
        public int maxMessages() {
            return maxMessages;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // others only read it
        public void messageAccepted() {
            messages++;
        }

        /** The relay's monotonic time. */
        public long nanoTime() {
            return clock.nanoTime();
        }

        public void commandCame() {
            lastCommand = clock.nanoTime();
        }

        /** Describes the session; for any thread. */
        public SessionInfo describe(ClientInfo client, SessionInfo.Phase phase, long octetsIn) {
            SessionInfo info = SessionInfo.of(client, Instant.ofEpochMilli(openedMillis), phase)
                    .withReceived(messages, octetsIn);
            long last = lastCommand;
            return last == NEVER
                    ? info
                    : info.withLastCommand(clock.now().minusNanos(Math.max(0, clock.nanoTime() - last)));
        }

        /** Counts a command that is refused with 5xx; false when it is one more than a session may have. */
        public boolean mayErr() {
            return errors++ < limits.errors();
        }

        /** Whether more was refused than a session may have: what a message is refused with is said all the same. */
        public boolean hasErredTooOften() {
            return errors > limits.errors();
        }

        public int messages() {
            return messages;
        }

        public Duration age() {
            return Duration.ofNanos(clock.nanoTime() - opened);
        }

        /** {@return when the session's time is over, as the relay's clock counts nanoseconds; empty without limit} */
        public OptionalLong end() {
            return limits.lifetime().equals(TimeLimits.UNLIMITED)
                    ? OptionalLong.empty()
                    : OptionalLong.of(opened + limits.lifetime().toNanos());
        }

        public boolean isOver() {
            OptionalLong end = end();
            return end.isPresent() && clock.nanoTime() - end.getAsLong() >= 0;
        }

        /** Gives everything back; a second time does nothing. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                try {
                    releaseLogin();
                } finally {
                    try {
                        giveAddressBack();
                    } finally {
                        giveConnectionBack();
                    }
                }
            }
        }

        private void giveConnectionBack() {
            if (counted) {
                counted = false;
                shared.connections.decrementAndGet();
            }
        }

        /** Nothing is asked where nothing is held: that would look as if the registry had answered. */
        private void giveAddressBack() {
            Permit held = addressPermit;
            if (held != null) {
                addressPermit = null;
                registry.settle(counts -> held.close());
            }
        }

        private Verdict take(Claim claim, StandardReply full, long waitEnd) {
            if (claim.max() == Integer.MAX_VALUE) {
                return Verdict.proceed();
            }
            Queue queue = new Queue(claim.scope(), claim.key());
            OptionalLong end = end();
            long deadline = end.isPresent() && end.getAsLong() - waitEnd < 0 ? end.getAsLong() : waitEnd;
            return shared.queues
                    .take(queue, () -> takePermit(claim, queue), deadline, gone)
                    .orElseGet(() -> Verdict.refuse(full));
        }

        /** Empty when all are taken. */
        private Optional<Verdict> takePermit(Claim claim, Queue queue) {
            Optional<Optional<Permit>> answer = acquire(claim);
            if (answer.isEmpty()) {
                return Optional.of(Verdict.refuse(StandardReply.AUTH_UNAVAILABLE));
            }
            answer.get().ifPresent(permit -> loginPermits.add(new LoginPermit(queue, permit)));
            return answer.get().map(permit -> Verdict.proceed());
        }

        private Optional<Optional<Permit>> acquire(Claim claim) {
            return registry.call(counts -> counts.acquire(claim), SessionGate::giveBack);
        }
    }
}
