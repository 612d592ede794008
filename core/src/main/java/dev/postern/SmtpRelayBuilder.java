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
 * Configures a relay. A setting that is given again takes the place of the one before, but for those that add; so does
 * each of {@link #upstream}, {@link #upstreams} and {@link #delivery}. May be changed and started again; a relay that was
 * started keeps what it was started with. Not safe for use by several threads.
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
     * Adds a listener that begins in clear and offers STARTTLS when there is {@link #tls TLS} (RFC 6409, port 587).
     *
     * @param host an address or name of this machine, for instance {@code 127.0.0.1} or {@code 0.0.0.0}
     * @param port 0 to 65535, 0 for any free one
     * @return this builder
     * @throws IllegalArgumentException when host is blank or has a blank in it, port is out of its bounds, or there is a
     *     listener at this host and port
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
     * @throws IllegalArgumentException when host is blank or has a blank in it, port is out of its bounds, or there is a
     *     listener at this host and port
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
     * Adds networks of proxies, whose connections must begin with a PROXY header, version 1 or 2, in clear also
     * before implicit TLS. The client's address is then the one that the header tells, everywhere. Default: none.
     *
     * @param cidr networks, or addresses that stand for themselves alone, for instance {@code 10.0.0.5/32}
     * @return this builder
     * @throws IllegalArgumentException when one is no network
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
     * @param name a domain; one beyond US-ASCII is said in A-labels (RFC 5890 section 2.3.2.1)
     * @return this builder
     * @throws IllegalArgumentException when the name is no domain, or one that IDNA cannot encode
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
     * @param name one to 64 printable US-ASCII characters without blanks
     * @return this builder
     * @throws IllegalArgumentException when the name is none
     */
    public SmtpRelayBuilder productName(String name) {
        if (!Objects.requireNonNull(name, "productName").matches("[!-~]{1,64}")) {
            throw new IllegalArgumentException("productName must be 1 to 64 printable ASCII characters, no blanks");
        }
        productName = name;
        return this;
    }

    /**
     * Offers TLS; AUTH then needs it. Default: no TLS.
     *
     * @param settings for instance {@code TlsSettings.pem(certificateChain, privateKey)}
     * @return this builder
     */
    public SmtpRelayBuilder tls(TlsSettings settings) {
        tls = Objects.requireNonNull(settings, "tls");
        return this;
    }

    /**
     * Sets who may send. Default: nobody, and the relay does not start.
     *
     * @param settings for instance {@code AuthSettings.passwords(authenticator)}
     * @return this builder
     */
    public SmtpRelayBuilder auth(AuthSettings settings) {
        auth = Objects.requireNonNull(settings, "auth");
        return this;
    }

    /**
     * Sets how many sessions there may be, and what one may do.
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
     * Sets what a message may be, and what is checked and mended in it.
     *
     * @param rules for instance {@code MessageRules.defaults().withMaxRecipients(100)}
     * @return this builder
     */
    public SmtpRelayBuilder messages(MessageRules rules) {
        messages = Objects.requireNonNull(rules, "messages");
        return this;
    }

    /**
     * Sets how much content is held in memory, and where the rest goes.
     *
     * @param storage for instance {@code ContentStorage.defaults().withDirectory(Path.of("/var/tmp"))}
     * @return this builder
     */
    public SmtpRelayBuilder storage(ContentStorage storage) {
        this.storage = Objects.requireNonNull(storage, "storage");
        return this;
    }

    /**
     * Sets the host's own rules. Default: they accept all.
     *
     * @param policies for instance {@code Policies.defaults().withEnvelope(policy)}
     * @return this builder
     */
    public SmtpRelayBuilder policies(Policies policies) {
        this.policies = Objects.requireNonNull(policies, "policies");
        return this;
    }

    /**
     * Sets the quota of identities that have none of their own. Default: unlimited.
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
     * Sets the upstreams in order of preference: the next one is tried when the one before cannot be reached.
     *
     * @param upstream at least one
     * @return this builder
     * @throws IllegalArgumentException when there is none
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
     * Sets how messages find their way to several upstreams: by weight, by identity, by domain or by a rule of the
     * host's own, all of which {@link UpstreamDelivery} has methods for.
     *
     * @param composition makes the delivery; called once by each {@link #start}, with what connects to upstreams
     * @return this builder
     */
    public SmtpRelayBuilder upstreams(Function<UpstreamConnector, UpstreamDelivery> composition) {
        upstreams = Objects.requireNonNull(composition, "upstreams");
        delivery = null;
        return this;
    }

    /**
     * Sets a delivery of the host's own. The relay closes it when it has stopped.
     *
     * @param delivery the host's
     * @return this builder
     */
    public SmtpRelayBuilder delivery(UpstreamDelivery delivery) {
        this.delivery = Objects.requireNonNull(delivery, "delivery");
        upstreams = null;
        return this;
    }

    /**
     * Checks at the start that every upstream can be reached, shows the right certificate and takes the login; a relay
     * of which one does not is not started. Default: not checked; {@link SmtpRelay#verify()} checks at any time.
     *
     * @return this builder
     */
    public SmtpRelayBuilder verifyUpstreamsAtStart() {
        verifyUpstreams = true;
        return this;
    }

    /**
     * Sets who is told what happens. Default: nobody.
     *
     * @param listener the host's
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
     * Starts a relay with what is set now.
     *
     * @return a relay that listens
     * @throws IllegalStateException when settings are missing or do not go together; the message says which
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

    /** The name of the relay, which is that of this machine if it has no other. */
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
