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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a builder was told; a relay is assembled from it. */
final class Blueprint {

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

    void check() {
        boolean logins = auth.passwords().isPresent() || auth.tokens().isPresent();
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
            String name = InetAddress.getLocalHost().getHostName();
            return MailAddress.isDomain(name) ? name : "localhost";
        } catch (UnknownHostException e) {
            return "localhost"; // a machine that does not know its name
        }
    }
}
