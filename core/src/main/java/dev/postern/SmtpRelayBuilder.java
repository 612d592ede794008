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
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Configures a relay. Setting a value again replaces it, except for methods that add. {@link #upstream}, {@link
 * #upstreams} and {@link #delivery} replace one another. The builder can be changed and started again; a started relay
 * is not affected. Not thread-safe.
 */
public final class SmtpRelayBuilder {

    final List<Endpoint> endpoints = new ArrayList<>();
    final List<IpNetwork> proxies = new ArrayList<>();
    String hostName = "";
    String productName = "Postern";

    @Nullable
    TlsSettings tls;

    AuthSettings auth = AuthSettings.defaults();
    SessionLimits sessions = SessionLimits.defaults();
    TimeLimits times = TimeLimits.defaults();
    MessageRules messages = MessageRules.defaults();
    ContentStorage storage = ContentStorage.defaults();
    Policies policies = Policies.defaults();
    QuotaPlan quota = QuotaPlan.unlimited();
    Stores stores = Stores.defaults();

    @Nullable
    Function<UpstreamConnector, UpstreamDelivery> upstreams;

    @Nullable
    UpstreamDelivery delivery;

    boolean verifyUpstreams;
    RelayListener listener = RelayListener.none();
    RelayClock clock = RelayClock.system();

    SmtpRelayBuilder() {}

    /**
     * Adds a listener that begins without TLS and offers STARTTLS when there is {@link #tls TLS} (RFC 6409, port 587).
     *
     * @param host an address or name of this machine, for instance {@code 127.0.0.1} or {@code 0.0.0.0}
     * @param port 0 to 65535, 0 for any free one
     * @return this builder
     * @throws IllegalArgumentException when host is blank or contains a blank, port is out of bounds, or there is
     *     already a listener at this host and port
     */
    public SmtpRelayBuilder listen(String host, int port) {
        return listen(host, port, false);
    }

    /**
     * Adds a listener with TLS from the first octet (RFC 8314 section 3.3, port 465). Needs {@link #tls}.
     *
     * @param host an address or name of this machine
     * @param port 0 to 65535, 0 for any free one
     * @return this builder
     * @throws IllegalArgumentException when host is blank or contains a blank, port is out of bounds, or there is
     *     already a listener at this host and port
     */
    public SmtpRelayBuilder listenTls(String host, int port) {
        return listen(host, port, true);
    }

    private SmtpRelayBuilder listen(String host, int port, boolean implicitTls) {
        Hosts.require(host);
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
        if (port != 0
                && endpoints.stream()
                        .anyMatch(one -> one.port() == port && one.host().equals(host))) {
            throw new IllegalArgumentException(
                    "port " + port + " of " + host + " has a listener already: leave one out");
        }
        endpoints.add(new Endpoint(host, port, implicitTls));
        return this;
    }

    /**
     * Adds networks of proxies. Their connections must begin with a PROXY header, version 1 or 2, sent in clear even
     * before implicit TLS. The header's client address then applies everywhere. Default: none.
     *
     * @param cidr networks or single addresses, for instance {@code 10.0.0.5/32}
     * @return this builder
     * @throws IllegalArgumentException when one is not a network
     */
    public SmtpRelayBuilder proxyProtocol(String... cidr) {
        for (String network : Objects.requireNonNull(cidr, "cidr")) {
            proxies.add(IpNetwork.parse(Objects.requireNonNull(network, "cidr")));
        }
        return this;
    }

    /**
     * Sets the name that the relay greets with and writes into Received: fields. Default: this machine's name, or
     * {@code localhost}.
     *
     * @param name a domain; converted to A-labels (RFC 5890 section 2.3.2.1) if it is not US-ASCII
     * @return this builder
     * @throws IllegalArgumentException when the name is not a domain, or IDNA cannot encode it
     */
    public SmtpRelayBuilder hostName(String name) {
        hostName = Hosts.inAscii(Objects.requireNonNull(name, "hostName"))
                .filter(MailAddress::isDomain)
                .orElseThrow(() -> new IllegalArgumentException("hostName must be a domain name, not " + name));
        return this;
    }

    /**
     * Sets the product's name in the greeting. Default: Postern.
     *
     * @param name 1 to 64 printable US-ASCII characters without blanks
     * @return this builder
     * @throws IllegalArgumentException when the name is anything else
     */
    public SmtpRelayBuilder productName(String name) {
        if (!Objects.requireNonNull(name, "productName").matches("[!-~]{1,64}")) {
            throw new IllegalArgumentException("productName must be 1 to 64 printable ASCII characters, no blanks");
        }
        productName = name;
        return this;
    }

    /**
     * Offers TLS, which AUTH then requires. Default: no TLS.
     *
     * @param settings for instance {@code TlsSettings.pem(certificateChain, privateKey)}
     * @return this builder
     */
    public SmtpRelayBuilder tls(TlsSettings settings) {
        tls = Objects.requireNonNull(settings, "tls");
        return this;
    }

    /**
     * Sets who may send. Required: by default no one may send, and the relay does not start.
     *
     * @param settings for instance {@code AuthSettings.passwords(authenticator)}
     * @return this builder
     */
    public SmtpRelayBuilder auth(AuthSettings settings) {
        auth = Objects.requireNonNull(settings, "auth");
        return this;
    }

    /**
     * Sets the limits on sessions and on what each may do.
     *
     * @param limits for instance {@code SessionLimits.defaults().withPerUser(3)}
     * @return this builder
     */
    public SmtpRelayBuilder sessions(SessionLimits limits) {
        sessions = Objects.requireNonNull(limits, "sessions");
        return this;
    }

    /**
     * Sets how long a client, a plug-in and the reply to a message may take.
     *
     * @param limits for instance {@code TimeLimits.defaults().withInactivity(Duration.ofMinutes(5))}
     * @return this builder
     */
    public SmtpRelayBuilder times(TimeLimits limits) {
        times = Objects.requireNonNull(limits, "times");
        return this;
    }

    /**
     * Sets the limits on messages, and the checks and fix-ups applied to them.
     *
     * @param rules for instance {@code MessageRules.defaults().withMaxRecipients(100)}
     * @return this builder
     */
    public SmtpRelayBuilder messages(MessageRules rules) {
        messages = Objects.requireNonNull(rules, "messages");
        return this;
    }

    /**
     * Sets how much content is held in memory, and where the rest is stored.
     *
     * @param storage for instance {@code ContentStorage.defaults().withDirectory(Path.of("/var/tmp"))}
     * @return this builder
     */
    public SmtpRelayBuilder storage(ContentStorage storage) {
        this.storage = Objects.requireNonNull(storage, "storage");
        return this;
    }

    /**
     * Sets the host's own rules. Default: accept everything.
     *
     * @param policies for instance {@code Policies.defaults().withEnvelope(policy)}
     * @return this builder
     */
    public SmtpRelayBuilder policies(Policies policies) {
        this.policies = Objects.requireNonNull(policies, "policies");
        return this;
    }

    /**
     * Sets the quota for identities that have none of their own. Default: unlimited.
     *
     * @param plan how much an account may send in a period
     * @return this builder
     */
    public SmtpRelayBuilder quota(QuotaPlan plan) {
        quota = Objects.requireNonNull(plan, "quota");
        return this;
    }

    /**
     * Sets where quota, sessions and failed logins are counted. Default: in this process.
     *
     * @param stores for instance {@code Stores.of(quota, sessions, logins)}
     * @return this builder
     */
    public SmtpRelayBuilder stores(Stores stores) {
        this.stores = Objects.requireNonNull(stores, "stores");
        return this;
    }

    /**
     * Sets the upstreams in order of preference: the next one is tried when the one before accepts nothing.
     *
     * @param upstream at least one
     * @return this builder
     * @throws IllegalArgumentException when there are none
     */
    public SmtpRelayBuilder upstream(Upstream... upstream) {
        if (Objects.requireNonNull(upstream, "upstream").length == 0) {
            throw new IllegalArgumentException("upstream must name at least one");
        }
        for (Upstream each : upstream) {
            Objects.requireNonNull(each, "upstream");
        }
        List<Upstream> inOrder = List.of(upstream);
        return upstreams(connect ->
                UpstreamDelivery.inOrder(inOrder.stream().map(connect::to).toList()));
    }

    /**
     * Sets how messages are routed to several upstreams: by weight, identity, domain or a rule of the host's own.
     * {@link UpstreamDelivery} has methods for all of these.
     *
     * @param composition creates the delivery from connected upstreams; called once by each {@link #start}
     * @return this builder
     */
    public SmtpRelayBuilder upstreams(Function<UpstreamConnector, UpstreamDelivery> composition) {
        upstreams = Objects.requireNonNull(composition, "upstreams");
        delivery = null;
        return this;
    }

    /**
     * Sets a host's own delivery. The relay closes it when it has stopped.
     *
     * @param delivery the delivery
     * @return this builder
     */
    public SmtpRelayBuilder delivery(UpstreamDelivery delivery) {
        this.delivery = Objects.requireNonNull(delivery, "delivery");
        upstreams = null;
        return this;
    }

    /**
     * Checks at the start that every upstream can be reached, presents the right certificate and accepts the login. If
     * one does not, the relay does not start. Default: not checked; {@link SmtpRelay#verify()} checks at any time.
     *
     * @return this builder
     */
    public SmtpRelayBuilder verifyUpstreamsAtStart() {
        verifyUpstreams = true;
        return this;
    }

    /**
     * Sets the listener for the relay's events. Default: none.
     *
     * @param listener the listener
     * @return this builder
     */
    public SmtpRelayBuilder listener(RelayListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Sets the relay's clock, for tests. Default: the machine's.
     *
     * @param clock a clock
     * @return this builder
     */
    public SmtpRelayBuilder clock(RelayClock clock) {
        this.clock = Objects.requireNonNull(clock, "clock");
        return this;
    }

    /**
     * Starts a relay with the current settings.
     *
     * @return a listening relay
     * @throws IllegalStateException when settings are missing or conflict; the message says which
     * @throws RelayStartException when it cannot listen at an address, or an upstream is not ready for messages and
     *     {@link #verifyUpstreamsAtStart} was called
     */
    public SmtpRelay start() {
        check();
        return Assembly.start(this);
    }

    private void check() {
        boolean logins = auth.logins();
        require(!endpoints.isEmpty(), "no listener: call listen(host, port)");
        require(
                tls != null || endpoints.stream().noneMatch(Endpoint::implicitTls),
                "listenTls needs key material: call tls(settings)");
        require(
                upstreams != null || delivery != null,
                "messages need a way to go: call one of upstream(...), upstreams(...) and delivery(...)");
        require(
                delivery == null || !verifyUpstreams,
                "verifyUpstreamsAtStart() cannot verify the host's own delivery(...): call upstream(...) or"
                        + " upstreams(...)");
        require(
                logins || !auth.trusted().isEmpty(),
                "nobody may send: call auth(AuthSettings.passwords(authenticator)), or give auth(...) withTrusted(cidr,"
                        + " identity)");
        require(
                !logins || tls != null || auth.plaintext(),
                "AUTH without TLS must be allowed: call tls(settings), or give auth(...) withPlaintext()");
        require(
                auth.certificates().isEmpty() || tls != null && tls.clientCertificates() != ClientCertificates.NONE,
                "withCertificates(...) needs certificates: give tls(...) withClientCertificates(mode)");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** The relay's name: the one that was set, else this machine's. */
    String hostName() {
        if (!hostName.isEmpty()) {
            return hostName;
        }
        try {
            return Hosts.inAscii(InetAddress.getLocalHost().getHostName())
                    .filter(MailAddress::isDomain)
                    .orElse("localhost");
        } catch (UnknownHostException e) {
            return "localhost"; // a machine that does not know its name
        }
    }
}
