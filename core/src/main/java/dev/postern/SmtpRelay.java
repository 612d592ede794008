package dev.postern;

import dev.postern.internal.auth.AuthGate.TrustedNetwork;
import dev.postern.internal.connection.SmtpListener.Endpoint;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageSigner;
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
import java.nio.file.Path;
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
        return assembly.verify();
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
        Duration commandTimeout = Duration.ofMinutes(2);
        int minContentRate = 500;

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
        int maxRecipients = 50;
        long maxMessageSize = 20L << 20;
        int maxMessagesPerSession = 20;
        int maxSessionsPerUser = 10;
        int maxSessionsPerAccount = 50;
        int maxConnectionsPerAddress = 50;
        int ipv6PrefixLength = 64;
        int maxConnections = 1000;
        int maxErrors = 20;
        Optional<Duration> inactivityTimeout = Optional.of(Duration.ofMinutes(2));
        Optional<Duration> sessionLifetime = Optional.of(Duration.ofMinutes(30));
        Duration sessionWait = Duration.ofSeconds(5);
        Duration pluginTimeout = Duration.ofSeconds(2);
        Duration deliveryTimeout = Duration.ofMinutes(9);
        int memoryPerMessage = 256 << 10;
        // in a small heap, messages that are held in memory must leave room for everything else
        long memoryBudget = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 4);
        Path temporaryDirectory = Path.of(System.getProperty("java.io.tmpdir", "."));
        boolean strictLineEndings;
        boolean addReceived = true;
        boolean addDate = true;
        boolean addMessageId = true;
        boolean removeBcc = true;
        boolean checkMime = true;
        boolean checkAttachments = true;
        boolean checkFrom = true;
        boolean refuseImitation;
        EnvelopePolicy senderAlignment = EnvelopePolicy.acceptAll();

        @Nullable
        MessageSigner signer;

        boolean dsn;

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

        /**
         * Offers DSN (RFC 3461) to clients. Only for upstreams that offer it too. Default: not offered.
         *
         * @return this builder
         */
        public Builder offerDsn() {
            dsn = once("offerDsn", true);
            return this;
        }

        // limits

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

        /**
         * Limits the recipients of a message. Default: 50.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxRecipients(int max) {
            maxRecipients = once("maxRecipients", Limits.atLeast("maxRecipients", 1, max));
            return this;
        }

        /**
         * Limits a message's size. Default: 20,971,520 octets (20 MiB).
         *
         * @param octets as RFC 1870 section 3 counts them, 1 or more
         * @return this builder
         * @throws IllegalArgumentException when octets is under 1
         */
        public Builder maxMessageSize(long octets) {
            maxMessageSize = once("maxMessageSize", Limits.atLeast("maxMessageSize", 1L, octets));
            return this;
        }

        /**
         * Limits the accepted messages of a session. Default: 20.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxMessagesPerSession(int max) {
            maxMessagesPerSession = once("maxMessagesPerSession", Limits.atLeast("maxMessagesPerSession", 1, max));
            return this;
        }

        /**
         * Limits the authenticated sessions of a user. Default: 10.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxSessionsPerUser(int max) {
            maxSessionsPerUser = once("maxSessionsPerUser", Limits.atLeast("maxSessionsPerUser", 1, max));
            return this;
        }

        /**
         * Limits the authenticated sessions of an account. Default: 50.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxSessionsPerAccount(int max) {
            maxSessionsPerAccount = once("maxSessionsPerAccount", Limits.atLeast("maxSessionsPerAccount", 1, max));
            return this;
        }

        /**
         * Sets how long a login over the limit of its user or account waits for a place before it is refused. Default: 5 s,
         * because few clients try a login again. Up to 100 logins of a user, and of an account, wait in turn; more are
         * refused at once. A client whose own time-out is shorter gives up; it must not be over 4 min, for a client waits
         * five for a reply (RFC 5321 section 4.5.3.2).
         *
         * @param limit 0 to 4 min; 0 refuses at once
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder sessionWait(Duration limit) {
            sessionWait = once("sessionWait", Limits.time("sessionWait", limit, Duration.ZERO, Duration.ofMinutes(4)));
            return this;
        }

        /**
         * Limits the connections of a client address. Default: 50.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxSessionsPerAddress(int max) {
            maxConnectionsPerAddress = once("maxSessionsPerAddress", Limits.atLeast("maxSessionsPerAddress", 1, max));
            return this;
        }

        /**
         * Sets how many bits of an IPv6 address count as one client. Default: 64.
         *
         * @param bits 1 to 128
         * @return this builder
         * @throws IllegalArgumentException when bits is out of its bounds
         */
        public Builder ipv6PrefixLength(int bits) {
            if (bits > 128) {
                throw new IllegalArgumentException("ipv6PrefixLength must be 1 to 128, not " + bits);
            }
            ipv6PrefixLength = once("ipv6PrefixLength", Limits.atLeast("ipv6PrefixLength", 1, bits));
            return this;
        }

        /**
         * Limits the connections of the relay, all listeners together. Default: 1000.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxConnections(int max) {
            maxConnections = once("maxConnections", Limits.atLeast("maxConnections", 1, max));
            return this;
        }

        /**
         * Limits the commands of a session that are refused with 5xx. Default: 20.
         *
         * @param max 1 or more
         * @return this builder
         * @throws IllegalArgumentException when max is under 1
         */
        public Builder maxErrors(int max) {
            maxErrors = once("maxErrors", Limits.atLeast("maxErrors", 1, max));
            return this;
        }

        /**
         * Limits how long a client may be silent. Default: 2 min.
         *
         * @param limit positive, a day at most; empty for without limit
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder inactivityTimeout(Optional<Duration> limit) {
            inactivityTimeout = once("inactivityTimeout", limit.map(time -> Limits.time("inactivityTimeout", time)));
            return this;
        }

        /**
         * Limits how long a client may be silent.
         *
         * @param limit positive, a day at most
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder inactivityTimeout(Duration limit) {
            return inactivityTimeout(Optional.of(limit));
        }

        /**
         * Limits how long a command line may take from its first octet to its last. Default: 2 min.
         *
         * @param limit positive, a day at most
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder commandTimeout(Duration limit) {
            commandTimeout = once("commandTimeout", Limits.time("commandTimeout", limit));
            return this;
        }

        /**
         * Sets how fast content must come, once it has taken as long as a client may be silent. Default: 500 octets a
         * second.
         *
         * @param octetsPerSecond 1 or more
         * @return this builder
         * @throws IllegalArgumentException when octetsPerSecond is under 1
         */
        public Builder minContentRate(int octetsPerSecond) {
            minContentRate = once("minContentRate", Limits.atLeast("minContentRate", 1, octetsPerSecond));
            return this;
        }

        /**
         * Limits how long a session may last. Default: 30 min.
         *
         * @param limit positive, a day at most; empty for without limit
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder sessionLifetime(Optional<Duration> limit) {
            sessionLifetime = once("sessionLifetime", limit.map(time -> Limits.time("sessionLifetime", time)));
            return this;
        }

        /**
         * Limits how long a session may last.
         *
         * @param limit positive, a day at most
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder sessionLifetime(Duration limit) {
            return sessionLifetime(Optional.of(limit));
        }

        /**
         * Limits how long a client waits for the reply to its content, whatever the relay does meanwhile: checks, waits for a
         * turn and for a connection, one upstream after the other. An upstream is asked only while a second of it is left.
         * Default: 9 min, for a client waits ten (RFC 5321 section 4.5.3.2.6), and sends again what was answered later.
         * A delivery of the host's finds the end of it in {@link dev.postern.spi.Submission#replyDue()}.
         *
         * @param limit 10 s to a day
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder deliveryTimeout(Duration limit) {
            deliveryTimeout = once("deliveryTimeout", Limits.time("deliveryTimeout", limit, Duration.ofSeconds(10)));
            return this;
        }

        /**
         * Sets how long a host's plug-in may take before it counts as failed; deliveries bound their own time. Default:
         * 2 s.
         *
         * @param limit positive, a day at most
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder pluginTimeout(Duration limit) {
            pluginTimeout = once("pluginTimeout", Limits.time("pluginTimeout", limit));
            return this;
        }

        /**
         * Sets how much content is held in memory; the rest is in temporary files. Default: 262,144 octets,
         * and 67,108,864 or a quarter of the heap, whichever is less.
         *
         * @param perMessage octets of one message, 0 or more
         * @param allMessages octets of all messages, 0 or more
         * @return this builder
         * @throws IllegalArgumentException when one is negative
         */
        public Builder memory(int perMessage, long allMessages) {
            Limits.atLeast("perMessage", 0, perMessage);
            memoryBudget = once("memory", Limits.atLeast("allMessages", 0L, allMessages));
            memoryPerMessage = perMessage;
            return this;
        }

        /**
         * Sets where content goes that memory does not hold, in a directory of its own, mode 0700. Default: {@code
         * java.io.tmpdir}.
         *
         * @param directory an existing directory
         * @return this builder
         */
        public Builder temporaryDirectory(Path directory) {
            temporaryDirectory = once("temporaryDirectory", Objects.requireNonNull(directory, "temporaryDirectory"));
            return this;
        }

        // content

        /**
         * Refuses a lone LF in content. Default: it becomes CRLF.
         *
         * @return this builder
         */
        public Builder strictLineEndings() {
            strictLineEndings = once("strictLineEndings", true);
            return this;
        }

        /**
         * Switches the fix-ups of RFC 6409 section 8. Default: all on.
         *
         * @param received adds a Received: field
         * @param date adds Date: where it is missing
         * @param messageId adds Message-ID: where it is missing
         * @param bcc removes Bcc: fields
         * @return this builder
         */
        public Builder fixUps(boolean received, boolean date, boolean messageId, boolean bcc) {
            addReceived = once("fixUps", received);
            addDate = date;
            addMessageId = messageId;
            removeBcc = bcc;
            return this;
        }

        /**
         * Switches the content checks. Default: all on.
         *
         * @param mime MIME structure
         * @param attachments attachments against their file names
         * @param from the From: rules
         * @return this builder
         */
        public Builder contentChecks(boolean mime, boolean attachments, boolean from) {
            checkMime = once("contentChecks", mime);
            checkAttachments = attachments;
            checkFrom = from;
            return this;
        }

        /**
         * Refuses a From: field whose display name or comment shows an address of a domain that is not the identity's,
         * also in encoded words, with {@link dev.postern.spi.StandardReply#FROM_DOMAIN_MISMATCH}. Default: passes, for
         * honest mail has such names, as {@code "bob@example.net via Forum" <forum@example.org>}.
         *
         * @return this builder
         */
        public Builder refuseImitatedAuthors() {
            refuseImitation = once("refuseImitatedAuthors", true);
            return this;
        }

        /**
         * Sets who signs messages after checks and fix-ups, for instance with DKIM. Default: nobody.
         *
         * @param newSigner the host's
         * @return this builder
         */
        public Builder signer(MessageSigner newSigner) {
            signer = once("signer", Objects.requireNonNull(newSigner, "signer"));
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
