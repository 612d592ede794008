package dev.postern;

import dev.postern.internal.auth.AuthGate.TrustedNetwork;
import dev.postern.internal.connection.SmtpListener.Endpoint;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.StoreFailure;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP submission relay inside of an application. Clients submit mail over SMTP; the relay enforces its limits, hands
 * each message to an upstream, and tells the client what the upstream said. Safe for use by several threads; cannot be
 * reconfigured once started.
 */
public final class SmtpRelay implements AutoCloseable {

    private static final Duration CLOSE_GRACE = Duration.ofSeconds(30);
    private static final Duration LONGEST_GRACE = Duration.ofDays(1); // what is longer has no nanoseconds to count

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
        return assembly.verify(Optional.empty());
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
        return assembly.verify(Optional.of(longest));
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
     * Tells how much an account has used of its quota, in all relays that share the quota store.
     *
     * @param account the account, in any case
     * @return used, reserved, limit and end of the current period, by the plan that the account's last message here was
     *     counted by, else the default plan; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account) {
        return usage(account, assembly.quotas.planOf(CanonicalName.ofAccount(account)));
    }

    /**
     * Tells how much an account has used of a plan.
     *
     * @param account the account, in any case
     * @param plan its plan, as its authenticator gives it
     * @return used, reserved, limit and end of the current period; empty when the store does not answer
     */
    public Optional<QuotaUsage> usage(String account, QuotaPlan plan) {
        return assembly.quotas.usage(CanonicalName.ofAccount(account), plan);
    }

    /**
     * Changes what counts as used of an account's quota, for instance back to 0. The listener is told, for the audit.
     *
     * @param adjustment what to change, and who does it
     * @return the usage right after; empty when the store does not answer or cannot adjust, which the log explains
     */
    public Optional<QuotaUsage> adjustUsage(QuotaAdjustment adjustment) {
        return assembly.quotas.adjust(new QuotaAdjustment(
                CanonicalName.ofAccount(adjustment.account()),
                adjustment.plan(),
                adjustment.kind(),
                adjustment.units(),
                adjustment.by()));
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
        assembly.stop(grace.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : grace);
    }

    /** Stops the relay with a grace of 30 seconds. */
    @Override
    public void close() {
        stop(CLOSE_GRACE);
    }

    /**
     * Configures a relay. Each setting may be given once, but for those that add. {@code MAX_VALUE} is without limit. Not
     * safe for use by several threads.
     */
    public static final class Builder {

        private final Set<String> given = new HashSet<>();
        final List<Endpoint> endpoints = new ArrayList<>();
        final List<TrustedNetwork> trusted = new ArrayList<>();
        String hostName = "";
        String productName = "Postern";
        final List<IpNetwork> proxies = new ArrayList<>();

        @Nullable
        Supplier<SSLContext> tls;

        ClientCertificates clientCertificates = ClientCertificates.NONE;

        boolean plaintextAuth;

        @Nullable
        Authenticator authenticator;

        @Nullable
        Authenticator tokenAuthenticator;

        @Nullable
        UpstreamDelivery delivery;

        @Nullable
        Function<UpstreamConnector, UpstreamDelivery> upstreams;

        boolean verifyUpstreams;

        @Nullable
        QuotaStore quotaStore;

        StoreFailure storeFailure = StoreFailure.REFUSE;
        QuotaPlan quota = QuotaPlan.unlimited();
        SenderDomains senderDomains = SenderDomains.ofIdentity();

        @Nullable
        SessionRegistry sessionRegistry;

        @Nullable
        LoginThrottle loginThrottle;

        LoginThrottle.Rule authFailures = new LoginThrottle.Rule(10, Duration.ofMinutes(10), Duration.ofMinutes(5));
        SessionPolicy sessionPolicy = SessionPolicy.acceptAll();
        EnvelopePolicy envelopePolicy = EnvelopePolicy.acceptAll();
        ContentPolicy contentPolicy = ContentPolicy.acceptAll();
        RelayListener listener = RelayListener.none();
        RelayClock clock = RelayClock.system();
        SessionLimits sessions = SessionLimits.defaults();
        TimeLimits times = TimeLimits.defaults();
        MessageRules messages = MessageRules.defaults();
        ContentStorage storage = ContentStorage.defaults();
        EnvelopePolicy senderAlignment = EnvelopePolicy.acceptAll();

        private Builder() {}

        // where to listen

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
            endpoints.add(new Endpoint(host, Limits.port("port", port), implicitTls));
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
            hostName = once("hostName", name);
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
            productName = once("productName", name);
            return this;
        }

        /**
         * Offers TLS 1.2 and 1.3 with this key material; AUTH then needs TLS. Default: no TLS.
         *
         * @param context with the server's key
         * @return this builder
         */
        public Builder tls(SSLContext context) {
            Objects.requireNonNull(context, "tls");
            return tls(() -> context);
        }

        /**
         * Offers TLS 1.2 and 1.3 with key material that may change while the relay runs: it is asked for at each
         * handshake, and running sessions keep theirs. Default: no TLS.
         *
         * @param contexts returns the current key material; quickly, on the session's thread. The same object as long as
         *     the keys are the same, for clients can resume a TLS session only within one
         * @return this builder
         */
        public Builder tls(Supplier<SSLContext> contexts) {
            tls = once("tls", Objects.requireNonNull(contexts, "tls"));
            return this;
        }

        /**
         * Asks clients for a certificate, which {@link dev.postern.spi.ClientInfo#tls()} then shows to the authenticator
         * and the policies. Default: not asked for.
         *
         * @param mode whether one is wanted or needed; trusted is what the key material trusts
         * @return this builder
         */
        public Builder clientCertificates(ClientCertificates mode) {
            clientCertificates = once("clientCertificates", Objects.requireNonNull(mode, "clientCertificates"));
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
                proxies.add(IpNetwork.parse(network));
            }
            return this;
        }

        // who may send

        /**
         * Sets who checks credentials; AUTH PLAIN and LOGIN are offered. Default: nobody, and only {@link #trust trusted}
         * clients can send.
         *
         * @param newAuthenticator the host's
         * @return this builder
         */
        public Builder authenticator(Authenticator newAuthenticator) {
            authenticator = once("authenticator", Objects.requireNonNull(newAuthenticator, "authenticator"));
            return this;
        }

        /**
         * Sets who checks OAuth 2.0 access tokens; AUTH OAUTHBEARER (RFC 7628) and XOAUTH2 are offered. The secret of its
         * credentials is the token, and their user name what the client says beside it, which with OAUTHBEARER may be
         * nothing: whose token it is, the token must say. Default: nobody, and tokens are not taken.
         *
         * @param newAuthenticator the host's; no password is ever shown to it
         * @return this builder
         */
        public Builder tokenAuthenticator(Authenticator newAuthenticator) {
            tokenAuthenticator =
                    once("tokenAuthenticator", Objects.requireNonNull(newAuthenticator, "tokenAuthenticator"));
            return this;
        }

        /**
         * Allows AUTH without TLS. Caution: whoever can listen on the network then has the passwords.
         *
         * @return this builder
         */
        public Builder allowPlaintextAuth() {
            plaintextAuth = once("allowPlaintextAuth", true);
            return this;
        }

        /**
         * Adds a network whose clients act for an identity without AUTH. Where several fit, the first one added counts.
         *
         * @param cidr for instance {@code 10.0.0.0/8} or {@code 2001:db8::/32}
         * @param identity who its clients act for
         * @return this builder
         * @throws IllegalArgumentException when cidr is no network
         */
        public Builder trust(String cidr, Identity identity) {
            trusted.add(TrustedNetwork.of(cidr, Objects.requireNonNull(identity, "identity")));
            return this;
        }

        /**
         * Blocks an address after failed logins. Default: 10 within 10 minutes block it for 5 minutes.
         *
         * @param failures 1 or more; {@link Integer#MAX_VALUE} never blocks
         * @param window positive
         * @param block positive
         * @return this builder
         * @throws IllegalArgumentException when one is out of its bounds
         */
        public Builder authFailures(int failures, Duration window, Duration block) {
            authFailures = once("authFailures", new LoginThrottle.Rule(failures, window, block));
            return this;
        }

        /**
         * Sets which domains an identity may send from. Default: those of the identity.
         *
         * @param domains the host's rule
         * @return this builder
         */
        public Builder senderDomains(SenderDomains domains) {
            senderDomains = once("senderDomains", Objects.requireNonNull(domains, "senderDomains"));
            return this;
        }

        /**
         * Refuses envelope senders outside of the identity's domains with {@link
         * dev.postern.spi.StandardReply#SENDER_NOT_ALLOWED}, before the {@link #envelopePolicy} is asked. Default: any
         * envelope sender, for senders of newsletters let a service's domain take their bounces.
         *
         * @param nullAllowed whether the null reverse-path is allowed, by which notifications are sent
         * @return this builder
         */
        public Builder alignEnvelopeSender(boolean nullAllowed) {
            senderAlignment = once("alignEnvelopeSender", EnvelopePolicy.senderInIdentityDomains(nullAllowed));
            return this;
        }

        // where messages go

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
            List<Upstream> inOrder = once("upstream", List.of(upstream));
            upstreams = connect ->
                    UpstreamDelivery.inOrder(inOrder.stream().map(connect::to).toList());
            return this;
        }

        /**
         * Sets how messages find their way to several upstreams, in place of {@link #upstream}: by weight, by identity, by
         * domain or by a rule of the host's own, all of which {@link UpstreamDelivery} has methods for.
         *
         * @param composition makes the delivery; called once, by {@link #start}, with what connects to upstreams
         * @return this builder
         */
        public Builder upstreams(Function<UpstreamConnector, UpstreamDelivery> composition) {
            upstreams = once("upstreams", Objects.requireNonNull(composition, "upstreams"));
            return this;
        }

        /**
         * Checks at the start that every upstream can be reached, shows the right certificate and takes the login; a relay
         * of which one does not is not started. Default: not checked; {@link SmtpRelay#verify} checks at any time.
         *
         * @return this builder
         */
        public Builder verifyUpstreamsAtStart() {
            verifyUpstreams = once("verifyUpstreamsAtStart", true);
            return this;
        }

        /**
         * Sets a delivery of the host's own, in place of {@link #upstream}. The relay closes it when it has stopped.
         *
         * @param newDelivery the host's
         * @return this builder
         */
        public Builder delivery(UpstreamDelivery newDelivery) {
            delivery = once("delivery", Objects.requireNonNull(newDelivery, "delivery"));
            return this;
        }

        // limits

        /**
         * Sets how many sessions there may be, and what one may do.
         *
         * @param limits for instance {@code SessionLimits.defaults().withPerUser(3)}
         * @return this builder
         */
        public Builder sessions(SessionLimits limits) {
            sessions = Objects.requireNonNull(limits, "sessions");
            return this;
        }

        /**
         * Sets what a message may be, and what is checked and mended in it.
         *
         * @param rules for instance {@code MessageRules.defaults().withMaxRecipients(100)}
         * @return this builder
         */
        public Builder messages(MessageRules rules) {
            messages = Objects.requireNonNull(rules, "messages");
            return this;
        }

        /**
         * Sets how long a client, a plug-in and the reply to a message may take.
         *
         * @param limits for instance {@code TimeLimits.defaults().withInactivity(Duration.ofMinutes(5))}
         * @return this builder
         */
        public Builder times(TimeLimits limits) {
            times = Objects.requireNonNull(limits, "times");
            return this;
        }

        /**
         * Sets how much content is held in memory, and where the rest goes.
         *
         * @param newStorage for instance {@code ContentStorage.defaults().withDirectory(Path.of("/var/tmp"))}
         * @return this builder
         */
        public Builder storage(ContentStorage newStorage) {
            storage = Objects.requireNonNull(newStorage, "storage");
            return this;
        }

        /**
         * Sets the quota of identities that have none of their own. Default: unlimited.
         *
         * @param plan how much an account may send in a period
         * @return this builder
         */
        public Builder quota(QuotaPlan plan) {
            quota = once("quota", Objects.requireNonNull(plan, "quota"));
            return this;
        }

        /**
         * Sets where quota is counted. Default: in this process.
         *
         * @param store the host's
         * @return this builder
         */
        public Builder quotaStore(QuotaStore store) {
            quotaStore = once("quotaStore", Objects.requireNonNull(store, "quotaStore"));
            return this;
        }

        /**
         * Sets what happens while a store of the host's (quota, sessions, failed logins) does not answer. Default: what
         * cannot be counted is refused temporarily.
         *
         * @param then what to do
         * @return this builder
         */
        public Builder onStoreFailure(StoreFailure then) {
            storeFailure = once("onStoreFailure", Objects.requireNonNull(then, "onStoreFailure"));
            return this;
        }

        // the host's own rules and eyes

        /**
         * Sets where sessions are counted. Default: in this process.
         *
         * @param registry the host's
         * @return this builder
         */
        public Builder sessionRegistry(SessionRegistry registry) {
            sessionRegistry = once("sessionRegistry", Objects.requireNonNull(registry, "sessionRegistry"));
            return this;
        }

        /**
         * Sets where failed logins are counted. Default: in this process.
         *
         * @param throttle the host's
         * @return this builder
         */
        public Builder loginThrottle(LoginThrottle throttle) {
            loginThrottle = once("loginThrottle", Objects.requireNonNull(throttle, "loginThrottle"));
            return this;
        }

        /**
         * Sets the host's rule about connections. Default: everyone.
         *
         * @param policy the host's
         * @return this builder
         */
        public Builder sessionPolicy(SessionPolicy policy) {
            sessionPolicy = once("sessionPolicy", Objects.requireNonNull(policy, "sessionPolicy"));
            return this;
        }

        /**
         * Sets the host's rule about senders and recipients. Default: all.
         *
         * @param policy the host's
         * @return this builder
         */
        public Builder envelopePolicy(EnvelopePolicy policy) {
            envelopePolicy = once("envelopePolicy", Objects.requireNonNull(policy, "envelopePolicy"));
            return this;
        }

        /**
         * Sets the host's rule about whole messages. Default: all.
         *
         * @param policy the host's
         * @return this builder
         */
        public Builder contentPolicy(ContentPolicy policy) {
            contentPolicy = once("contentPolicy", Objects.requireNonNull(policy, "contentPolicy"));
            return this;
        }

        /**
         * Sets who is told what happens. Default: nobody.
         *
         * @param newListener the host's
         * @return this builder
         */
        public Builder listener(RelayListener newListener) {
            listener = once("listener", Objects.requireNonNull(newListener, "listener"));
            return this;
        }

        /**
         * Sets the relay's clock, for tests. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            clock = once("clock", Objects.requireNonNull(newClock, "clock"));
            return this;
        }

        /**
         * Starts the relay.
         *
         * @return a relay that listens
         * @throws IllegalStateException when settings are missing or do not go together; the message says which
         * @throws RelayStartException when it cannot listen at an address, or an upstream is not ready for messages and
         *     {@link #verifyUpstreamsAtStart} was called
         */
        public SmtpRelay start() {
            check();
            return Assembly.start(this, SmtpRelay::new);
        }

        private void check() {
            require(!endpoints.isEmpty(), "no listener: call listen(host, port)");
            require(
                    tls != null || endpoints.stream().noneMatch(Endpoint::implicitTls),
                    "listenTls needs key material: call tls(context)");
            require(
                    Stream.of("upstream", "upstreams", "delivery")
                                    .filter(given::contains)
                                    .count()
                            == 1,
                    "messages need one way to go: call one of upstream(...), upstreams(...) and delivery(...)");
            require(
                    delivery == null || !verifyUpstreams,
                    "verifyUpstreamsAtStart() cannot verify the host's own delivery(...): call upstream(...) or"
                            + " upstreams(...)");
            require(
                    authenticator != null || tokenAuthenticator != null || !trusted.isEmpty(),
                    "nobody may send: call authenticator(...) or trust(cidr, identity)");
            require(
                    authenticator == null && tokenAuthenticator == null || tls != null || plaintextAuth,
                    "AUTH without TLS must be allowed: call tls(context), or allowPlaintextAuth()");
        }

        String hostNameOrDefault() {
            if (!hostName.isEmpty()) {
                return hostName;
            }
            try {
                String name = InetAddress.getLocalHost().getHostName();
                return MailAddress.isDomain(name) ? name : "localhost";
            } catch (UnknownHostException e) {
                return "localhost"; // a machine that does not know its name
            }
        }

        /** Takes a value that was checked; one that is wrong does not count as given. */
        private <T> T once(String parameter, T value) {
            if (!given.add(parameter)) {
                throw new IllegalStateException(parameter + " is set already");
            }
            return value;
        }

        private static void require(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalStateException(otherwise);
            }
        }
    }
}
