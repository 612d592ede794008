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
 * An SMTP submission relay inside an application. Clients submit mail over SMTP; the relay enforces its limits, passes
 * each message to an upstream, and reports the outcome to the client. Thread-safe. Settings cannot change after the
 * start, except by {@link #update}.
 */
public final class SmtpRelay implements AutoCloseable {

    private final Assembly assembly;
    private final List<InetSocketAddress> addresses;

    SmtpRelay(Assembly assembly, List<InetSocketAddress> addresses) {
        this.assembly = assembly;
        this.addresses = List.copyOf(addresses);
    }

    /**
     * Returns a builder with every limit at its default.
     *
     * @return a builder
     */
    public static SmtpRelayBuilder builder() {
        return new SmtpRelayBuilder();
    }

    /**
     * Creates the quota store that a relay uses by default, for a host's own store to wrap: {@code
     * Stores.defaults().withQuota(new MyStore(SmtpRelay.inMemoryQuota(RelayClock.system())))}. It counts in this
     * process, and counts are lost when the process ends. A reservation that is never committed or released expires
     * after an hour. Thread-safe.
     *
     * @param clock the relay's clock, which determines the periods
     * @return a new store
     */
    public static QuotaStore inMemoryQuota(RelayClock clock) {
        return QuotaGate.inProcessStore(Objects.requireNonNull(clock, "clock"));
    }

    /**
     * {@return the addresses that the relay listens at, with the actual ports, in the order of the builder's listen
     * calls}
     */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** {@return the actual port of the first listener, even when 0 was requested} */
    public int port() {
        return addresses.get(0).getPort();
    }

    /** {@return the number of connections, authenticated or not} */
    public int connections() {
        return assembly.sessions.connections();
    }

    /**
     * Checks each upstream on a connection of its own: name, connection, TLS with the right certificate, greeting and
     * login, but no message. For a health check. Takes as long as the slowest upstream, which its time-outs bound.
     *
     * @return the result for each upstream, in the order in which they were connected; empty for a host's own delivery
     * @throws IllegalStateException when the relay is closed, or the thread is interrupted
     */
    public List<UpstreamHealth> verify() {
        return assembly.verify(TimeLimits.UNLIMITED);
    }

    /**
     * Checks each upstream like {@link #verify()}, with a limit on the wait. An upstream that has not answered by then
     * has failed at {@link UpstreamHealth.Step#CONNECT}; its check ends by itself within its own time-outs.
     *
     * @param longest the longest wait, positive, by the relay's clock
     * @return the results, like {@link #verify()}
     * @throws IllegalArgumentException when the time is not positive
     * @throws IllegalStateException when the relay is closed, or the thread is interrupted
     */
    public List<UpstreamHealth> verify(Duration longest) {
        if (longest.isNegative() || longest.isZero()) {
            throw new IllegalArgumentException("longest must be positive, not " + longest);
        }
        return assembly.verify(longest);
    }

    /** {@return the relay's state} */
    public RelayState state() {
        return assembly.state();
    }

    /**
     * {@return the relay's health, even when it is closed} Checks whether lost shared stores answer again, for at most
     * a second of the relay's clock. Does not connect to upstreams; {@link #verify()} does.
     */
    public RelayHealth health() {
        return assembly.health();
    }

    /**
     * {@return what the relay holds now and has counted since it started} Cheap enough to call several times a second.
     */
    public RelayFigures figures() {
        return assembly.figures();
    }

    /**
     * Lists the sessions. Each is a snapshot; no session is blocked. Sessions that begin or end meanwhile may be
     * missing.
     *
     * @return the sessions, in no particular order; at most a few more than the connection limit
     */
    public List<SessionInfo> sessions() {
        return assembly.listener.sessions();
    }

    /**
     * Ends a session with {@link dev.postern.spi.StandardReply#SESSION_ENDED}: at once, or after the reply to a message
     * whose content has begun to arrive. Does not wait for the end.
     *
     * @param sessionId as returned by {@link SessionInfo#id()}
     * @return false when there is no such session
     */
    public boolean disconnect(String sessionId) {
        return assembly.disconnect(Objects.requireNonNull(sessionId, "sessionId"));
    }

    /**
     * Cuts a session without a reply. A message that has completely reached the upstream may still be delivered,
     * although the client gets no reply.
     *
     * @param sessionId as returned by {@link SessionInfo#id()}
     * @return false when there is no such session
     */
    public boolean disconnectNow(String sessionId) {
        return assembly.disconnectNow(Objects.requireNonNull(sessionId, "sessionId"));
    }

    /**
     * Ends all sessions of a user, like {@link #disconnect}, in this relay and in those that share its {@link
     * dev.postern.spi.SessionRegistry}, which learn of it about a second later. A login that is in progress is refused
     * with {@link dev.postern.spi.StandardReply#SESSION_ENDED}. The authenticator decides whether the user may log in
     * again, so withdraw the user's right there first. Waits for the shared registry, at most for the plug-in time-out.
     *
     * @param user the user, in any spelling with the same {@link dev.postern.spi.CanonicalName#ofUser}
     * @return the result
     */
    public RevokeResult revoke(String user) {
        return assembly.revoke(Scope.USER, CanonicalName.ofUser(Objects.requireNonNull(user, "user")));
    }

    /**
     * Ends all sessions of an account's users, like {@link #revoke}.
     *
     * @param account the account, in any spelling with the same {@link dev.postern.spi.CanonicalName#ofAccount}
     * @return the result
     */
    public RevokeResult revokeAccount(String account) {
        return assembly.revoke(Scope.ACCOUNT, CanonicalName.ofAccount(Objects.requireNonNull(account, "account")));
    }

    /**
     * Replaces limits and rules for new sessions; existing sessions keep theirs. Logs the changes.
     *
     * @param limits replace those of {@link SmtpRelayBuilder#sessions}
     * @param rules replace those of {@link SmtpRelayBuilder#messages}
     */
    public void update(SessionLimits limits, MessageRules rules) {
        assembly.update(Objects.requireNonNull(limits, "limits"), Objects.requireNonNull(rules, "rules"));
    }

    /**
     * Stops accepting new connections: each gets {@link dev.postern.spi.StandardReply#SERVER_BUSY} in place of the
     * greeting. Existing sessions go on. Use it to drain a node behind a load balancer, with {@link #health()} as the
     * balancer's check.
     *
     * @param reason for the log and {@link #health()}; replaces an earlier reason
     */
    public void pause(String reason) {
        assembly.pause(Objects.requireNonNull(reason, "reason"));
    }

    /** Accepts connections again after {@link #pause}. Does nothing if the relay is not paused, or is stopping. */
    public void resume() {
        assembly.resume();
    }

    /**
     * Returns an account's quota usage, across all relays that share the quota store.
     *
     * @param account the account, in any case
     * @return the usage in the current period, by the plan of the account's last message here, else by the default
     *     plan; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account) {
        return usage(account, assembly.quotas.planOf(Objects.requireNonNull(account, "account")));
    }

    /**
     * Returns an account's usage under a plan.
     *
     * @param account the account, in any case
     * @param plan the account's plan, as its authenticator returns it
     * @return the usage in the current period; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account, QuotaPlan plan) {
        return assembly.quotas.usage(Objects.requireNonNull(account, "account"), Objects.requireNonNull(plan, "plan"));
    }

    /**
     * Changes an account's used quota, for instance back to 0. Reported to the listener, for the audit.
     *
     * @param adjustment what to change, and who changes it
     * @return the usage right after; empty when the store does not answer or cannot adjust, which the log explains
     */
    public Optional<QuotaUsage> adjustUsage(QuotaAdjustment adjustment) {
        return assembly.quotas.adjust(adjustment);
    }

    /**
     * Stops the relay: it accepts no connections, idle sessions get SHUTTING_DOWN, messages in flight are finished, and
     * whatever is left after the grace period is cut. Returns when everything is closed; a second call does nothing. An
     * interrupted thread grants no grace period.
     *
     * <p>A listener or plug-in must not call this on a session's thread: the session would wait for itself until the
     * grace period is over, and be cut without a reply. Use another thread.
     *
     * @param grace how long messages in flight may take, 0 or more
     * @throws IllegalArgumentException when grace is negative
     */
    public void stop(Duration grace) {
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace must not be negative, but is " + grace);
        }
        assembly.stop(grace);
    }

    /** Stops the relay with a grace period of 30 seconds. */
    @Override
    public void close() {
        stop(Duration.ofSeconds(30));
    }
}
