package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.Identity;
import dev.postern.spi.InMemoryAuthenticator;
import dev.postern.spi.MailAddress;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamTimeouts;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Turns the options into a relay's configuration, and says which options do not go together. For one thread. */
final class RelaySetup {

    private static final ListenAddress DEFAULT_ADDRESS = new ListenAddress("127.0.0.1", 2525);
    private static final Duration CONNECTION_WAIT = Duration.ofSeconds(30);
    private static final String ADD_TLS =
            "--tls-self-signed, or --tls-keystore FILE with --tls-keystore-password-file FILE";

    private final Options options;
    private final List<ListenAddress> plain;
    private final Map<String, User> users = new HashMap<>();
    private final @Nullable SSLContext tls;

    RelaySetup(Options options) {
        this.options = options;
        boolean nowhere = options.listen.isEmpty() && options.listenTls.isEmpty();
        plain = nowhere ? List.of(DEFAULT_ADDRESS) : options.listen;
        checkAddresses();
        collectUsers();
        tls = tls();
    }

    /** Returns where the relay begins in clear. */
    List<ListenAddress> plain() {
        return plain;
    }

    boolean hasTls() {
        return tls != null;
    }

    /** Tells whether nobody was named, and the demo user can log in. */
    boolean isDemo() {
        return options.users.isEmpty();
    }

    /** Makes a builder that is ready to start, delivering to this one when there is no upstream. */
    SmtpRelay.Builder builder(UpstreamDelivery embedded) {
        SmtpRelay.Builder builder = SmtpRelay.builder();
        plain.forEach(address -> builder.listen(address.host(), address.port()));
        options.listenTls.forEach(address -> builder.listenTls(address.host(), address.port()));
        if (tls != null) {
            builder.tls(tls);
        }
        configureUsers(builder);
        if (options.upstreams.isEmpty()) {
            builder.delivery(embedded);
        } else {
            builder.upstream(upstreams());
        }
        configureLimits(builder);
        return builder;
    }

    private void checkAddresses() {
        if (isDemo()) {
            for (ListenAddress address : options.allAddresses()) {
                // everybody knows the demo user's password
                require(
                        address.isLoopback(),
                        "--listen " + address + " can be reached from elsewhere: add --user NAME:SECRET");
            }
        }
    }

    private void collectUsers() {
        for (User user : isDemo() ? List.of(User.DEMO) : options.users) {
            require(users.put(user.name(), user) == null, "--user: " + user.name() + " is given twice; give it once");
        }
    }

    private @Nullable SSLContext tls() {
        Path keystore = options.tlsKeystore;
        Path passwordFile = options.tlsKeystorePasswordFile;
        require(
                keystore == null || passwordFile != null,
                "--tls-keystore needs its password: add --tls-keystore-password-file FILE");
        require(passwordFile == null || keystore != null, "--tls-keystore-password-file: add --tls-keystore FILE");
        require(
                keystore == null || !options.tlsSelfSigned,
                "--tls-self-signed and --tls-keystore do not go together: leave one out");
        require(
                options.tlsProvider == null || keystore != null || options.tlsSelfSigned,
                "--tls-provider needs key material: add " + ADD_TLS);
        Provider provider = TlsMaterial.provider(options.tlsProvider);
        if (keystore != null && passwordFile != null) {
            return TlsMaterial.ofKeystore(keystore, passwordFile, provider);
        }
        require(
                options.tlsSelfSigned || options.listenTls.isEmpty(),
                "--listen-tls needs key material: add " + ADD_TLS);
        return options.tlsSelfSigned ? TlsMaterial.selfSigned(provider) : null;
    }

    private void configureUsers(SmtpRelay.Builder builder) {
        checkDisabledAccounts();
        // without TLS, the demo user's well-known password is shown to this machine only
        boolean plaintextAuth = options.allowPlaintextAuth || isDemo() && tls == null;
        require(
                tls != null || plaintextAuth || !options.trusted.isEmpty(),
                "--user: a password needs TLS: add " + ADD_TLS + ", or --allow-plaintext-auth");
        if (plaintextAuth) {
            builder.allowPlaintextAuth();
        }
        if (tls != null || plaintextAuth) {
            builder.authenticator(authenticator());
        }
        for (TrustedClients clients : options.trusted) {
            clients.addTo(builder, trustedIdentity(clients.userName()));
        }
        builder.senderDomains(SenderDomains.ofIdentityExcept(unvalidatedDomains()));
    }

    private Authenticator authenticator() {
        InMemoryAuthenticator.Builder authenticator = Authenticator.inMemory();
        users.values().forEach(user -> authenticator.user(user.identity(), user.secret()));
        options.disabledAccounts.forEach(authenticator::relayDisabled);
        return authenticator.build();
    }

    private void checkDisabledAccounts() {
        Set<String> accounts =
                users.values().stream().map(user -> user.identity().account()).collect(Collectors.toSet());
        for (String account : options.disabledAccounts) {
            require(
                    accounts.contains(CanonicalName.ofAccount(account)),
                    "--disabled-account: no user has the account '" + account + "'; write one of "
                            + new TreeSet<>(accounts));
        }
    }

    private Identity trustedIdentity(String name) {
        User user = users.get(CanonicalName.ofUser(name));
        if (user == null) {
            throw new WrongArgumentException("--trust: there is no user '" + name + "'; name one of "
                    + new TreeSet<>(users.keySet()) + " or add --user " + name + ":SECRET");
        }
        return user.identity();
    }

    private Set<String> unvalidatedDomains() {
        Set<String> owned = users.values().stream()
                .flatMap(user -> user.identity().domains().stream())
                .collect(Collectors.toSet());
        for (String domain : options.unvalidatedDomains) {
            require(
                    MailAddress.isDomain(domain) && owned.contains(MailAddress.foldDomain(domain)),
                    "--unvalidated-domain: no user has the domain '" + domain + "'; write one of "
                            + new TreeSet<>(owned));
        }
        return Set.copyOf(options.unvalidatedDomains);
    }

    private Upstream[] upstreams() {
        return options.upstreams.stream()
                .map(uri -> uri.upstream(options.allowPlaintextUpstreamAuth))
                .map(this::withTimeout)
                .map(this::withConnections)
                .toArray(Upstream[]::new);
    }

    private Upstream withTimeout(Upstream upstream) {
        Duration timeout = options.upstreamTimeout;
        try {
            return timeout == null ? upstream : upstream.timeouts(UpstreamTimeouts.each(timeout));
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException("--upstream-timeout: write 1ms to 24h, for instance 30s");
        }
    }

    private Upstream withConnections(Upstream upstream) {
        Integer connections = options.upstreamConnections;
        require(connections == null || connections > 0, "--upstream-connections: write 1 or more, for instance 10");
        return connections == null ? upstream : upstream.connections(0, connections, CONNECTION_WAIT);
    }

    private void configureLimits(SmtpRelay.Builder builder) {
        Set<String> given = new HashSet<>();
        RelayLimits limits = new RelayLimits();
        for (Limit limit : options.limits) {
            require(given.add(limit.name()), "--limit: " + limit.name() + " is given twice; give it once");
            limit.setting().accept(limits);
        }
        limits.applyTo(builder);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new WrongArgumentException(otherwise);
        }
    }
}
