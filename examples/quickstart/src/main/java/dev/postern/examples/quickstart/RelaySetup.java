package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.console.Console;
import dev.postern.management.Management;
import dev.postern.management.ManagementAccess;
import dev.postern.management.ManagementServer;
import dev.postern.micrometer.PosternMetrics;
import dev.postern.micrometer.SpoolMetrics;
import dev.postern.passwords.UsersFile;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.Identity;
import dev.postern.spi.InMemoryAuthenticator;
import dev.postern.spi.MailAddress;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamTimeouts;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns the options into a relay's configuration, and says which options do not go together. For one thread. */
final class RelaySetup {

    private static final ListenAddress DEFAULT_ADDRESS = new ListenAddress("127.0.0.1", 2525);
    private static final String ADD_TLS =
            "--tls-self-signed, --tls-certificate FILE with --tls-key FILE, or --tls-keystore FILE with"
                    + " --tls-keystore-password-file FILE";

    private static final int MAILS = 500;
    private static final long MAIL_OCTETS = 64L << 20;

    private final Options options;
    private final List<ListenAddress> plain;
    /** Who may log in, by name. */
    private final Map<String, Identity> identities = new HashMap<>();

    private final @Nullable UsersFile usersFile;
    private final @Nullable TlsSettings tls;
    private final ManagementAccess managementAccess;
    private final UpstreamTimeouts timeouts;
    private final PoolSettings pool;
    private final Console console;
    private final SpoolSetup spool;
    private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    RelaySetup(Options options) {
        this.options = options;
        boolean nowhere = options.listen.isEmpty() && options.listenTls.isEmpty();
        plain = nowhere ? List.of(DEFAULT_ADDRESS) : options.listen;
        checkAddresses();
        usersFile = usersFile();
        collectUsers(usersFile);
        tls = tls();
        managementAccess = managementAccess();
        timeouts = timeouts(options.upstreamTimeout);
        pool = pool(options.upstreamConnections);
        spool = new SpoolSetup(options, limits());
        // what goes to an upstream is for its recipients alone
        console = options.upstreams.isEmpty() ? Console.create().withMails(MAILS, MAIL_OCTETS) : Console.create();
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
        return options.users.isEmpty() && options.usersFile == null;
    }

    /** Makes a builder that is ready to start, delivering to this one when there is no upstream. */
    SmtpRelayBuilder builder(UpstreamDelivery embedded) {
        SmtpRelayBuilder builder = SmtpRelay.builder();
        plain.forEach(address -> builder.listen(address.host(), address.port()));
        options.listenTls.forEach(address -> builder.listenTls(address.host(), address.port()));
        if (tls != null) {
            builder.tls(tls);
        }
        RelayLimits limits = limits();
        limits.auth = withUsers(limits.auth);
        if (spool.isWanted()) {
            limits.messages = limits.messages.withDsn(); // whether the upstream has it or not
        }
        limits.applyTo(builder);
        Policies policies = Policies.defaults().withSenderDomains(SenderDomains.ofIdentityExcept(unvalidatedDomains()));
        builder.policies(spool.isWanted() ? policies.withEnvelope(spool.capacity()) : policies);
        RelayListener listener = options.management == null
                ? RelayListener.none() // nobody would see them
                : RelayListener.all(PosternMetrics.bind(metrics), console);
        builder.listener(listener);
        if (options.upstreams.isEmpty()) {
            require(options.upstreamPasswordFiles.isEmpty(), "--upstream-password-file: add --upstream URI");
            if (spool.isWanted()) {
                builder.upstreams(connect -> spool.before(embedded, listener));
            } else {
                builder.delivery(embedded);
            }
        } else {
            Upstream[] inOrder = upstreams();
            builder.upstreams(connect -> spool.before(
                    UpstreamDelivery.inOrder(
                            Arrays.stream(inOrder).map(connect::to).toList()),
                    listener));
        }
        return builder;
    }

    /** Serves HTTP for a relay that was started; null when nobody wants that. */
    @Nullable
    ManagementServer manage(SmtpRelay relay) throws IOException {
        ListenAddress address = options.management;
        if (address == null) {
            return null;
        }
        Management management = Management.of(relay, managementAccess)
                .withMetrics(metrics::scrape)
                .withPages(console.pages(relay));
        if (spool.spool().isPresent()) {
            SpoolMetrics.of(spool.spool().get()).bindTo(metrics);
            management = management.withSpool(spool.spool().get());
        }
        return ManagementServer.start(address.host(), address.port(), management);
    }

    private ManagementAccess managementAccess() {
        ListenAddress address = options.management;
        Path file = options.managementTokenFile;
        require(file == null || address != null, "--management-token-file: add --management HOST:PORT");
        require(
                address == null || address.isLoopback() || file != null,
                "--management " + address + " can be reached from elsewhere: add --management-token-file FILE");
        try {
            return file == null
                    ? ManagementAccess.loopback()
                    : ManagementAccess.token(TextFile.secret("--management-token-file", file));
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException("--management-token-file: " + file + ": " + e.getMessage());
        }
    }

    private void checkAddresses() {
        List<ListenAddress> taken = new ArrayList<>();
        for (ListenAddress address : all()) {
            for (ListenAddress other : taken) {
                require(
                        !address.equals(other) || address.port() == 0,
                        address + " is given twice by --listen, --listen-tls or --management; give it once");
                require(
                        !address.includes(other) && !other.includes(address),
                        "--listen, --listen-tls, --management: " + address + " and " + other
                                + " are in each other's way, for one of them is every address; leave one out");
            }
            taken.add(address);
        }
        if (isDemo()) {
            for (ListenAddress address : options.allAddresses()) {
                // everybody knows the demo user's password
                require(
                        address.isLoopback(),
                        "--listen " + address
                                + " can be reached from elsewhere: add --user NAME:SECRET or --users FILE");
            }
        }
    }

    private List<ListenAddress> all() {
        List<ListenAddress> all = new ArrayList<>(plain);
        all.addAll(options.listenTls);
        if (options.management != null) {
            all.add(options.management);
        }
        return all;
    }

    private @Nullable UsersFile usersFile() {
        Path file = options.usersFile;
        require(file == null || options.users.isEmpty(), "--user and --users do not go together: leave one out");
        try {
            return file == null ? null : UsersFile.of(file).withoutRelay(options.disabledAccounts);
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException("--users: " + e.getMessage());
        }
    }

    private void collectUsers(@Nullable UsersFile file) {
        if (file != null) {
            file.identities().forEach(identity -> identities.put(identity.user(), identity));
            return;
        }
        for (User user : isDemo() ? List.of(User.DEMO) : options.users) {
            require(
                    identities.put(user.name(), user.identity()) == null,
                    "--user: " + user.name() + " is given twice; give it once");
        }
    }

    private @Nullable TlsSettings tls() {
        Path certificate = options.tlsCertificate;
        Path keystore = options.tlsKeystore;
        requireTogether();
        requireOneOf("--tls-certificate", certificate != null, "--tls-keystore", keystore != null);
        requireOneOf("--tls-certificate", certificate != null, "--tls-self-signed", options.tlsSelfSigned);
        requireOneOf("--tls-self-signed", options.tlsSelfSigned, "--tls-keystore", keystore != null);
        require(
                options.tlsProvider == null || keystore != null || options.tlsSelfSigned,
                "--tls-provider needs key material: add --tls-self-signed, or --tls-keystore FILE with"
                        + " --tls-keystore-password-file FILE");
        if (certificate != null && options.tlsKey != null) {
            return TlsMaterial.ofPem(certificate, options.tlsKey, options.tlsKeyPasswordFile);
        }
        Provider provider = TlsMaterial.provider(options.tlsProvider);
        if (keystore != null && options.tlsKeystorePasswordFile != null) {
            return TlsSettings.of(TlsMaterial.ofKeystore(keystore, options.tlsKeystorePasswordFile, provider));
        }
        require(
                options.tlsSelfSigned || options.listenTls.isEmpty(),
                "--listen-tls needs key material: add " + ADD_TLS);
        return options.tlsSelfSigned ? TlsSettings.of(TlsMaterial.selfSigned(provider)) : null;
    }

    private void requireTogether() {
        Path passwordFile = options.tlsKeystorePasswordFile;
        require(
                options.tlsKeystore == null || passwordFile != null,
                "--tls-keystore needs its password: add --tls-keystore-password-file FILE");
        require(
                passwordFile == null || options.tlsKeystore != null,
                "--tls-keystore-password-file: add --tls-keystore FILE");
        require(options.tlsCertificate == null || options.tlsKey != null, "--tls-certificate: add --tls-key FILE");
        require(options.tlsKey == null || options.tlsCertificate != null, "--tls-key: add --tls-certificate FILE");
        require(
                options.tlsKeyPasswordFile == null || options.tlsKey != null,
                "--tls-key-password-file: add --tls-key FILE and --tls-certificate FILE");
    }

    private static void requireOneOf(String one, boolean given, String other, boolean otherGiven) {
        require(!given || !otherGiven, one + " and " + other + " do not go together: leave one out");
    }

    private AuthSettings withUsers(AuthSettings auth) {
        checkDisabledAccounts();
        // without TLS, the demo user's well-known password is shown to this machine only
        boolean plaintextAuth = options.allowPlaintextAuth || isDemo() && tls == null;
        require(
                tls != null || plaintextAuth || !options.trusted.isEmpty(),
                "--user: a password needs TLS: add " + ADD_TLS + ", or --allow-plaintext-auth");
        AuthSettings all = plaintextAuth ? auth.withPlaintext() : auth;
        if (tls != null || plaintextAuth) {
            all = all.withPasswords(authenticator());
            if (usersFile != null && usersFile.allHaveScramKeys()) {
                all = all.withScram(usersFile);
            }
        }
        for (TrustedClients clients : options.trusted) {
            all = clients.addTo(all, trustedIdentity(clients.userName()));
        }
        return all;
    }

    private Authenticator authenticator() {
        if (usersFile != null) {
            return usersFile;
        }
        InMemoryAuthenticator.Builder authenticator = Authenticator.inMemory();
        List<User> users = isDemo() ? List.of(User.DEMO) : options.users;
        users.forEach(user -> authenticator.user(user.identity(), user.secret()));
        options.disabledAccounts.forEach(authenticator::relayDisabled);
        return authenticator.build();
    }

    private void checkDisabledAccounts() {
        Set<String> accounts =
                identities.values().stream().map(Identity::account).collect(Collectors.toSet());
        for (String account : options.disabledAccounts) {
            require(
                    accounts.contains(CanonicalName.ofAccount(account)),
                    "--disabled-account: no user has the account '" + account + "'; write one of "
                            + new TreeSet<>(accounts));
        }
    }

    private Identity trustedIdentity(String name) {
        Identity identity = identities.get(CanonicalName.ofUser(name));
        if (identity == null) {
            throw new WrongArgumentException("--trust: there is no user '" + name + "'; name one of "
                    + new TreeSet<>(identities.keySet()) + " or add --user " + name + ":SECRET");
        }
        return identity;
    }

    private Set<String> unvalidatedDomains() {
        Set<String> owned = identities.values().stream()
                .flatMap(identity -> identity.domains().stream())
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
        return withPasswords().stream()
                .map(uri -> uri.upstream(options.allowPlaintextUpstreamAuth))
                .map(upstream -> upstream.timeouts(timeouts).pool(pool))
                .toArray(Upstream[]::new);
    }

    /** Gives each upstream whose user has no password the next file's. */
    private List<UpstreamUri> withPasswords() {
        Iterator<Path> files = options.upstreamPasswordFiles.iterator();
        List<UpstreamUri> all = new ArrayList<>();
        for (UpstreamUri uri : options.upstreams) {
            boolean needs = uri.needsPassword();
            require(
                    !needs || files.hasNext(),
                    "--upstream: the user for " + uri + " has no password: add --upstream-password-file FILE");
            all.add(needs ? withPassword(uri, files.next()) : uri);
        }
        require(
                !files.hasNext(),
                "--upstream-password-file: there are more than --upstream URIs with a user and no password");
        return all;
    }

    private static UpstreamUri withPassword(UpstreamUri uri, Path file) {
        String password = TextFile.secret("--upstream-password-file", file);
        require(
                !password.isEmpty() && password.lines().count() == 1 && password.indexOf('\0') < 0,
                "--upstream-password-file: " + file + " must have one line, the password");
        return uri.withPassword(password);
    }

    private static UpstreamTimeouts timeouts(@Nullable Duration timeout) {
        try {
            return timeout == null ? UpstreamTimeouts.defaults() : UpstreamTimeouts.each(timeout);
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException("--upstream-timeout: write 1ms to 24h, for instance 30s");
        }
    }

    private static PoolSettings pool(@Nullable Integer connections) {
        require(connections == null || connections > 0, "--upstream-connections: write 1 or more, for instance 10");
        return connections == null
                ? PoolSettings.defaults()
                : PoolSettings.defaults().withConnections(0, connections);
    }

    private RelayLimits limits() {
        Set<String> given = new HashSet<>();
        RelayLimits limits = new RelayLimits();
        for (Limit limit : options.limits) {
            require(given.add(limit.name()), "--limit: " + limit.name() + " is given twice; give it once");
            limit.setting().accept(limits);
        }
        return limits;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new WrongArgumentException(otherwise);
        }
    }
}
