package dev.postern;

import dev.postern.internal.connection.SmtpListener.Endpoint;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.settings.TimeLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * An SMTP submission relay inside of an application. Clients submit mail over SMTP; the relay enforces its limits, hands
 * each message to an upstream, and tells the client what the upstream said. Safe for use by several threads. Once started,
 * it keeps its settings, but for those of {@link #update}.
 */
public final class SmtpRelay implements AutoCloseable {

    private final Assembly assembly;
    private final List<InetSocketAddress> addresses;

    private SmtpRelay(Assembly assembly, List<InetSocketAddress> addresses) {
        this.assembly = assembly;
        this.addresses = List.copyOf(addresses);
    }

    /**
     * Starts to configure a relay.
     *
     * @return a builder with every limit at its default
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns where the relay listens, with the real ports.
     *
     * @return addresses in the order of the builder's listen calls
     */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /**
     * Returns the port of the first listener.
     *
     * @return the real port, also when 0 was asked for
     */
    public int port() {
        return addresses.get(0).getPort();
    }

    /**
     * Returns how many connections there are.
     *
     * @return connections, authenticated or not
     */
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

    /**
     * Tells how far the relay has come.
     *
     * @return the state at this moment
     */
    public RelayState state() {
        return assembly.state();
    }

    /**
     * Tells whether the relay does its work, and what stands in its way. Asks shared stores that were lost whether they
     * answer again, for a second of the relay's clock at most; connects to no upstream, which {@link #verify()} does.
     *
     * @return the health at this moment, also of a relay that is closed
     */
    public RelayHealth health() {
        return assembly.health();
    }

    /**
     * Tells what the relay holds at this moment, and what it has counted since it began. Costs little: may be asked several
     * times a second.
     *
     * @return the figures
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
        return assembly.sessions();
    }

    /**
     * Ends a session with {@link dev.postern.spi.StandardReply#SESSION_ENDED}: at once, or when the message has been
     * answered whose content has begun to come. Does not wait for it.
     *
     * @param sessionId as {@link SessionInfo#id()} tells it
     * @return false when there is no such session
     */
    public boolean disconnect(String sessionId) {
        return assembly.disconnect(sessionId);
    }

    /**
     * Cuts a session without a word. A message that the upstream has complete may be delivered all the same, though its
     * client hears of no reply.
     *
     * @param sessionId as {@link SessionInfo#id()} tells it
     * @return false when there is no such session
     */
    public boolean disconnectNow(String sessionId) {
        return assembly.disconnectNow(sessionId);
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
        return assembly.revoke(Scope.USER, CanonicalName.ofUser(user));
    }

    /**
     * Ends each session of an account's users, as {@link #revoke} does of one.
     *
     * @param account the account, in any spelling that {@link dev.postern.spi.CanonicalName#ofAccount} takes for the same
     * @return what it has brought about
     */
    public RevokeResult revokeAccount(String account) {
        return assembly.revoke(Scope.ACCOUNT, CanonicalName.ofAccount(account));
    }

    /**
     * Replaces limits and rules for sessions that begin later; those that are there keep what they were greeted with. What
     * differs is logged.
     *
     * @param limits in place of those of {@link Builder#sessions}
     * @param rules in place of those of {@link Builder#messages}
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
        return usage(account, assembly.quotas.planOf(account));
    }

    /**
     * Tells how much an account has used of a plan.
     *
     * @param account the account, in any case
     * @param plan its plan, as its authenticator gives it
     * @return used, reserved, limit and end of the current period; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account, QuotaPlan plan) {
        return assembly.quotas.usage(account, plan);
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
     * and what is left after the grace is cut. Returns when everything is closed; a second call does nothing.
     *
     * @param grace how long messages in flight may take
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

    /**
     * Configures a relay. A setting that is given again takes the place of the one before, but for those that add; so does
     * each of {@link #upstream}, {@link #upstreams} and {@link #delivery}. May be changed and started again; a relay that was
     * started keeps what it was started with. Not safe for use by several threads.
     */
    public static final class Builder {

        private final Blueprint told = new Blueprint();

        private Builder() {}

        /**
         * Adds a listener that begins in clear and offers STARTTLS when there is {@link #tls TLS} (RFC 6409, port 587).
         *
         * @param host an address or name of this machine, for instance {@code 127.0.0.1} or {@code 0.0.0.0}
         * @param port 0 to 65535, 0 for any free one
         * @return this builder
         * @throws IllegalArgumentException when host is blank or port out of its bounds
         */
        public Builder listen(String host, int port) {
            return listen(host, port, false);
        }

        /**
         * Adds a listener with TLS from the first octet (RFC 8314 section 3.3, port 465). Needs {@link #tls}.
         *
         * @param host an address or name of this machine
         * @param port 0 to 65535, 0 for any free one
         * @return this builder
         * @throws IllegalArgumentException when host is blank or port out of its bounds
         */
        public Builder listenTls(String host, int port) {
            return listen(host, port, true);
        }

        private Builder listen(String host, int port, boolean implicitTls) {
            if (host.isBlank()) {
                throw new IllegalArgumentException("host must not be blank");
            }
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
            }
            told.endpoints.add(new Endpoint(host, port, implicitTls));
            return this;
        }

        /**
         * Adds networks of proxies, whose connections must begin with a PROXY header, version 1 or 2, in clear also
         * before implicit TLS. The client's address is then the one that the header tells, everywhere. Default: none.
         *
         * @param cidr at least one, for instance {@code 10.0.0.5/32}
         * @return this builder
         * @throws IllegalArgumentException when one is no network
         */
        public Builder proxyProtocol(String... cidr) {
            for (String network : cidr) {
                told.proxies.add(IpNetwork.parse(network));
            }
            return this;
        }

        /**
         * Sets the name that the relay greets with and writes into Received: fields. Default: this machine's name, or
         * {@code localhost}.
         *
         * @param name a domain
         * @return this builder
         * @throws IllegalArgumentException when the name is no domain
         */
        public Builder hostName(String name) {
            if (!MailAddress.isDomain(name)) {
                throw new IllegalArgumentException("hostName must be a domain name, not " + name);
            }
            told.hostName = name;
            return this;
        }

        /**
         * Sets the product's name in the greeting. Default: Postern.
         *
         * @param name one to 64 printable US-ASCII characters without blanks
         * @return this builder
         * @throws IllegalArgumentException when the name is none
         */
        public Builder productName(String name) {
            if (!name.matches("[!-~]{1,64}")) {
                throw new IllegalArgumentException("productName must be 1 to 64 printable ASCII characters, no blanks");
            }
            told.productName = name;
            return this;
        }

        /**
         * Offers TLS; AUTH then needs it. Default: no TLS.
         *
         * @param settings for instance {@code TlsSettings.pem(certificateChain, privateKey)}
         * @return this builder
         */
        public Builder tls(TlsSettings settings) {
            told.tls = Objects.requireNonNull(settings, "tls");
            return this;
        }

        /**
         * Sets who may send. Default: nobody, and the relay does not start.
         *
         * @param settings for instance {@code AuthSettings.passwords(authenticator)}
         * @return this builder
         */
        public Builder auth(AuthSettings settings) {
            told.auth = Objects.requireNonNull(settings, "auth");
            return this;
        }

        /**
         * Sets how many sessions there may be, and what one may do.
         *
         * @param limits for instance {@code SessionLimits.defaults().withPerUser(3)}
         * @return this builder
         */
        public Builder sessions(SessionLimits limits) {
            told.sessions = Objects.requireNonNull(limits, "sessions");
            return this;
        }

        /**
         * Sets how long a client, a plug-in and the reply to a message may take.
         *
         * @param limits for instance {@code TimeLimits.defaults().withInactivity(Duration.ofMinutes(5))}
         * @return this builder
         */
        public Builder times(TimeLimits limits) {
            told.times = Objects.requireNonNull(limits, "times");
            return this;
        }

        /**
         * Sets what a message may be, and what is checked and mended in it.
         *
         * @param rules for instance {@code MessageRules.defaults().withMaxRecipients(100)}
         * @return this builder
         */
        public Builder messages(MessageRules rules) {
            told.messages = Objects.requireNonNull(rules, "messages");
            return this;
        }

        /**
         * Sets how much content is held in memory, and where the rest goes.
         *
         * @param newStorage for instance {@code ContentStorage.defaults().withDirectory(Path.of("/var/tmp"))}
         * @return this builder
         */
        public Builder storage(ContentStorage newStorage) {
            told.storage = Objects.requireNonNull(newStorage, "storage");
            return this;
        }

        /**
         * Sets the host's own rules. Default: they accept all.
         *
         * @param newPolicies for instance {@code Policies.defaults().withEnvelope(policy)}
         * @return this builder
         */
        public Builder policies(Policies newPolicies) {
            told.policies = Objects.requireNonNull(newPolicies, "policies");
            return this;
        }

        /**
         * Sets the quota of identities that have none of their own. Default: unlimited.
         *
         * @param plan how much an account may send in a period
         * @return this builder
         */
        public Builder quota(QuotaPlan plan) {
            told.quota = Objects.requireNonNull(plan, "quota");
            return this;
        }

        /**
         * Sets where quota, sessions and failed logins are counted. Default: in this process.
         *
         * @param newStores for instance {@code Stores.of(quota, sessions, logins)}
         * @return this builder
         */
        public Builder stores(Stores newStores) {
            told.stores = Objects.requireNonNull(newStores, "stores");
            return this;
        }

        /**
         * Sets the upstreams in order of preference: the next one is tried when the one before cannot be reached.
         *
         * @param upstream at least one
         * @return this builder
         * @throws IllegalArgumentException when there is none
         */
        public Builder upstream(Upstream... upstream) {
            if (upstream.length == 0) {
                throw new IllegalArgumentException("upstream must name at least one");
            }
            List<Upstream> inOrder = List.of(upstream);
            return upstreams(connect ->
                    UpstreamDelivery.inOrder(inOrder.stream().map(connect::to).toList()));
        }

        /**
         * Sets how messages find their way to several upstreams: by weight, by identity, by domain or by a rule of the
         * host's own, all of which {@link UpstreamDelivery} has methods for.
         *
         * @param composition makes the delivery; called once by each {@link #start}, with what connects to upstreams
         * @return this builder
         */
        public Builder upstreams(Function<UpstreamConnector, UpstreamDelivery> composition) {
            told.upstreams = Objects.requireNonNull(composition, "upstreams");
            told.delivery = null;
            return this;
        }

        /**
         * Sets a delivery of the host's own. The relay closes it when it has stopped.
         *
         * @param newDelivery the host's
         * @return this builder
         */
        public Builder delivery(UpstreamDelivery newDelivery) {
            told.delivery = Objects.requireNonNull(newDelivery, "delivery");
            told.upstreams = null;
            return this;
        }

        /**
         * Checks at the start that every upstream can be reached, shows the right certificate and takes the login; a relay
         * of which one does not is not started. Default: not checked; {@link SmtpRelay#verify} checks at any time.
         *
         * @return this builder
         */
        public Builder verifyUpstreamsAtStart() {
            told.verifyUpstreams = true;
            return this;
        }

        /**
         * Sets who is told what happens. Default: nobody.
         *
         * @param newListener the host's
         * @return this builder
         */
        public Builder listener(RelayListener newListener) {
            told.listener = Objects.requireNonNull(newListener, "listener");
            return this;
        }

        /**
         * Sets the relay's clock, for tests. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            told.clock = Objects.requireNonNull(newClock, "clock");
            return this;
        }

        /**
         * Starts a relay with what is set now.
         *
         * @return a relay that listens
         * @throws IllegalStateException when settings are missing or do not go together; the message says which
         * @throws RelayStartException when it cannot listen at an address, or an upstream is not ready for messages and
         *     {@link #verifyUpstreamsAtStart} was called
         */
        public SmtpRelay start() {
            told.check();
            return Assembly.start(told, SmtpRelay::new);
        }
    }
}
