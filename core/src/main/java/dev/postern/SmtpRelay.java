package dev.postern;

import dev.postern.internal.quota.QuotaGate;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.UpstreamHealth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An SMTP submission relay inside of an application. Clients submit mail over SMTP; the relay enforces its limits, hands
 * each message to an upstream, and tells the client what the upstream said. Safe for use by several threads. Once started,
 * it keeps its settings, but for those of {@link #update}.
 */
public final class SmtpRelay implements AutoCloseable {

    private final Assembly assembly;
    private final List<InetSocketAddress> addresses;

    SmtpRelay(Assembly assembly, List<InetSocketAddress> addresses) {
        this.assembly = assembly;
        this.addresses = List.copyOf(addresses);
    }

    /**
     * Starts to configure a relay.
     *
     * @return a builder with every limit at its default
     */
    public static SmtpRelayBuilder builder() {
        return new SmtpRelayBuilder();
    }

    /**
     * Makes the quota store that a relay has by default, for one of the host's to wrap: {@code
     * Stores.defaults().withQuota(new MyStore(SmtpRelay.inMemoryQuota(RelayClock.system())))}. It counts in this process, and
     * forgets when that ends; a reservation that nobody settles comes back after an hour. Safe for use by several threads.
     *
     * @param clock the relay's, by which periods begin and end
     * @return a store with counts of its own
     */
    public static QuotaStore inMemoryQuota(RelayClock clock) {
        return QuotaGate.inProcessStore(Objects.requireNonNull(clock, "clock"));
    }

    /** {@return where the relay listens, with the real ports, in the order of the builder's listen calls} */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** {@return the real port of the first listener, also when 0 was asked for} */
    public int port() {
        return addresses.get(0).getPort();
    }

    /** {@return how many connections there are, authenticated or not} */
    public int connections() {
        return assembly.sessions.connections();
    }

    /**
     * Checks each upstream on a connection of its own: name, connection, TLS with the right certificate, greeting and
     * login, but no message. For a health check; it takes as long as the slowest upstream, its time-outs at most.
     *
     * @return what was found, for each upstream in the order in which they were connected; none for a delivery of the
     *     host's own
     * @throws IllegalStateException when the relay is closed, or the thread is interrupted
     */
    public List<UpstreamHealth> verify() {
        return assembly.verify(TimeLimits.UNLIMITED);
    }

    /**
     * Checks each upstream as {@link #verify()} does, and waits no longer than this. What has not answered by then has failed
     * at {@link UpstreamHealth.Step#CONNECT}, and its check ends by itself within the upstream's own time-outs.
     *
     * @param longest how long, positive, by the relay's clock
     * @return what was found, as {@link #verify()} returns it
     * @throws IllegalArgumentException when the time is not positive
     * @throws IllegalStateException when the relay is closed, or the thread is interrupted
     */
    public List<UpstreamHealth> verify(Duration longest) {
        if (longest.isNegative() || longest.isZero()) {
            throw new IllegalArgumentException("longest must be positive, not " + longest);
        }
        return assembly.verify(longest);
    }

    /** {@return how far the relay has come} */
    public RelayState state() {
        return assembly.state();
    }

    /**
     * {@return whether the relay does its work now, and what stands in its way; also for a closed relay} Asks shared
     * stores that were lost whether they answer again, for a second of the relay's clock at most; connects to no
     * upstream, which {@link #verify()} does.
     */
    public RelayHealth health() {
        return assembly.health();
    }

    /**
     * {@return what the relay holds at this moment, and what it has counted since it began} Costs little: may be asked
     * several times a second.
     */
    public RelayFigures figures() {
        return assembly.figures();
    }

    /**
     * Lists the sessions. Each is as it is when it is looked at; none is held up, and those that begin or end meanwhile may
     * be missing.
     *
     * @return each session, in no order; at most a few more than there may be connections
     */
    public List<SessionInfo> sessions() {
        return assembly.listener.sessions();
    }

    /**
     * Ends a session with {@link dev.postern.spi.StandardReply#SESSION_ENDED}: at once, or when the message has been
     * answered whose content has begun to come. Does not wait for it.
     *
     * @param sessionId as {@link SessionInfo#id()} tells it
     * @return false when there is no such session
     */
    public boolean disconnect(String sessionId) {
        return assembly.disconnect(Objects.requireNonNull(sessionId, "sessionId"));
    }

    /**
     * Cuts a session without a word. A message that the upstream has complete may be delivered all the same, though its
     * client hears of no reply.
     *
     * @param sessionId as {@link SessionInfo#id()} tells it
     * @return false when there is no such session
     */
    public boolean disconnectNow(String sessionId) {
        return assembly.disconnectNow(Objects.requireNonNull(sessionId, "sessionId"));
    }

    /**
     * Ends each session of a user, as {@link #disconnect} does, in this relay and in those that share its {@link
     * dev.postern.spi.SessionRegistry}; they hear of it about a second later. A login that its authenticator is just
     * asked about is refused with {@link dev.postern.spi.StandardReply#SESSION_ENDED}. Whether the user may log in again is
     * for the authenticator to say: take the user's right away there first.
     *
     * @param user the user, in any spelling that {@link dev.postern.spi.CanonicalName#ofUser} takes for the same
     * @return what it has brought about; waits for the shared registry, no longer than a plug-in may take
     */
    public RevokeResult revoke(String user) {
        return assembly.revoke(Scope.USER, CanonicalName.ofUser(Objects.requireNonNull(user, "user")));
    }

    /**
     * Ends each session of an account's users, as {@link #revoke} does of one.
     *
     * @param account the account, in any spelling that {@link dev.postern.spi.CanonicalName#ofAccount} takes for the same
     * @return what it has brought about
     */
    public RevokeResult revokeAccount(String account) {
        return assembly.revoke(Scope.ACCOUNT, CanonicalName.ofAccount(Objects.requireNonNull(account, "account")));
    }

    /**
     * Replaces limits and rules for sessions that begin later; those that are there keep what they were greeted with. What
     * differs is logged.
     *
     * @param limits in place of those of {@link SmtpRelayBuilder#sessions}
     * @param rules in place of those of {@link SmtpRelayBuilder#messages}
     */
    public void update(SessionLimits limits, MessageRules rules) {
        assembly.update(Objects.requireNonNull(limits, "limits"), Objects.requireNonNull(rules, "rules"));
    }

    /**
     * Lets no new connection in: each gets {@link dev.postern.spi.StandardReply#SERVER_BUSY} in place of the greeting.
     * Sessions that are there go on. Drains a node behind a load balancer, whose check {@link #health()} answers.
     *
     * @param reason for the log and {@link #health()}; replaces the one before
     */
    public void pause(String reason) {
        assembly.pause(Objects.requireNonNull(reason, "reason"));
    }

    /** Lets connections in again after {@link #pause}. Does nothing to a relay that was not paused, or that stops. */
    public void resume() {
        assembly.resume();
    }

    /**
     * Tells how much an account has used of its quota, in all relays that share the quota store.
     *
     * @param account the account, in any case
     * @return used, reserved, limit and end of the current period, by the plan that the account's last message here was
     *     counted by, else the default plan; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account) {
        return usage(account, assembly.quotas.planOf(Objects.requireNonNull(account, "account")));
    }

    /**
     * Tells how much an account has used of a plan.
     *
     * @param account the account, in any case
     * @param plan its plan, as its authenticator gives it
     * @return used, reserved, limit and end of the current period; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account, QuotaPlan plan) {
        return assembly.quotas.usage(Objects.requireNonNull(account, "account"), Objects.requireNonNull(plan, "plan"));
    }

    /**
     * Changes what counts as used of an account's quota, for instance back to 0. The listener is told, for the audit.
     *
     * @param adjustment what to change, and who does it
     * @return the usage right after; empty when the store does not answer or cannot adjust, which the log explains
     */
    public Optional<QuotaUsage> adjustUsage(QuotaAdjustment adjustment) {
        return assembly.quotas.adjust(adjustment);
    }

    /**
     * Stops the relay: nobody is accepted any more, idle sessions get SHUTTING_DOWN, messages in flight are finished,
     * and what is left after the grace is cut. Returns when everything is closed; a second call does nothing. An interrupted
     * thread grants no grace.
     *
     * <p>Not for a listener or a plug-in on the thread that a session calls it on: that session would wait for itself until
     * the grace is over, and be cut without a reply. It has another thread do so.
     *
     * @param grace how long messages in flight may take, 0 or more
     * @throws IllegalArgumentException when the grace is negative
     */
    public void stop(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative, but is " + grace);
        }
        assembly.stop(grace);
    }

    /** Stops the relay with a grace of 30 seconds. */
    @Override
    public void close() {
        stop(Duration.ofSeconds(30));
    }
}
