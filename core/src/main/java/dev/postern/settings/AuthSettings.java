package dev.postern.settings;

import dev.postern.spi.Authenticator;
import dev.postern.spi.CertificateAuthenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.IpNetwork;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.Reply;
import dev.postern.spi.ScramDirectory;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who may send, and how clients authenticate. Immutable. */
public final class AuthSettings {

    private static final AuthSettings DEFAULTS = new AuthSettings(new Fields());

    /** None of these characters is special in JSON. */
    private static final Pattern SCOPE = Pattern.compile("[!#-\\[\\]-~]+( [!#-\\[\\]-~]+)*");

    private static final int LONGEST_HELP = 500;
    private static final int SHORTEST_SECRET = 16;
    private static final int LONGEST_SECRET = 1024;

    private final Fields fields;

    private static final class Fields extends Values {
        private @Nullable Authenticator passwords;
        private @Nullable Authenticator tokens;
        private @Nullable TokenHelp tokenHelp;
        private @Nullable ScramDirectory scram;
        private byte[] scramSecret = new byte[0]; // one for each relay
        private ChannelBinding channelBinding = ChannelBinding.TLS_EXPORTER;
        private @Nullable CertificateAuthenticator certificates;
        private boolean plaintext;
        private List<TrustedNetwork> trusted = List.of();
        private LoginThrottle.Rule failures = new LoginThrottle.Rule(10, Duration.ofMinutes(10), Duration.ofMinutes(5));
    }

    /**
     * A network whose clients act for an identity without a login.
     *
     * @param network its addresses
     * @param identity the identity that they act for
     */
    public record TrustedNetwork(IpNetwork network, Identity identity) {}

    /**
     * What a client needs to know to get a valid token.
     *
     * @param scope the scopes, separated by spaces
     * @param openidConfiguration the URI of the issuer's metadata
     */
    public record TokenHelp(String scope, URI openidConfiguration) {}

    private AuthSettings(Fields fields) {
        this.fields = fields;
    }

    private AuthSettings with(Consumer<Fields> change) {
        return new AuthSettings(Values.copy(fields, change));
    }

    /** {@return settings under which no one may send yet} */
    public static AuthSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Returns settings under which clients log in by name and password; short for {@link #withPasswords}.
     *
     * @param authenticator the authenticator
     * @return the settings
     */
    public static AuthSettings passwords(Authenticator authenticator) {
        return DEFAULTS.withPasswords(authenticator);
    }

    /**
     * Sets the authenticator for names and passwords; the relay then offers AUTH PLAIN and LOGIN. Default: none.
     *
     * @param authenticator the authenticator
     * @return a copy
     */
    public AuthSettings withPasswords(Authenticator authenticator) {
        return with(copy -> copy.passwords = Objects.requireNonNull(authenticator, "passwords"));
    }

    /**
     * Sets the authenticator for OAuth 2.0 access tokens; the relay then offers AUTH OAUTHBEARER (RFC 7628) and
     * XOAUTH2. The credentials' secret is the token, and the user name is the one that the client sends with it. With
     * OAUTHBEARER that name may be empty, so the authenticator must learn from the token whose it is. Default: none,
     * and tokens are not accepted.
     *
     * @param authenticator the authenticator; it never gets a password
     * @return a copy
     */
    public AuthSettings withTokens(Authenticator authenticator) {
        return with(copy -> copy.tokens = Objects.requireNonNull(authenticator, "tokens"));
    }

    /**
     * Sets what a client is told when its token is refused, so that it can get a valid one (RFC 7628 section 3.2.2).
     * Default: only that the token is invalid.
     *
     * @param scope the scopes that a token needs, separated by spaces (RFC 6749 section 3.3); at most 500 characters
     * @param openidConfiguration the URI of the issuer's metadata, {@code
     *     https://.../.well-known/openid-configuration}; at most 500 characters
     * @return a copy
     * @throws IllegalArgumentException when scope has an invalid character, or either is empty or too long
     */
    public AuthSettings withTokenHelp(String scope, URI openidConfiguration) {
        Objects.requireNonNull(openidConfiguration, "openidConfiguration");
        if (Objects.requireNonNull(scope, "scope").length() > LONGEST_HELP
                || !SCOPE.matcher(scope).matches()) {
            throw new IllegalArgumentException(
                    "scope must be scopes with a space between, not " + Reply.printable(scope, 80));
        }
        String url = openidConfiguration.toASCIIString();
        if (url.isEmpty() || url.length() > LONGEST_HELP || !openidConfiguration.isAbsolute()) {
            throw new IllegalArgumentException(
                    "openidConfiguration must be a URL of at most " + LONGEST_HELP + " characters");
        }
        return with(copy -> copy.tokenHelp = new TokenHelp(scope, openidConfiguration));
    }

    /**
     * Sets the directory of keys for users who log in without sending their password. The relay then offers AUTH
     * SCRAM-SHA-256 (RFC 5802, RFC 7677), and SCRAM-SHA-256-PLUS if the connection has a {@link #withChannelBinding
     * channel binding}. Default: none. Caution: many clients prefer it to PLAIN when it is offered, so every user
     * should have keys.
     *
     * @param directory the directory
     * @return a copy
     */
    public AuthSettings withScram(ScramDirectory directory) {
        return with(copy -> copy.scram = Objects.requireNonNull(directory, "scram"));
    }

    /**
     * Sets the secret from which the salts of unknown users are derived. Default: a random secret for each relay.
     * Caution: if another relay of the same name, or the same one after a restart, sends a different salt, clients can
     * tell that the user is unknown. Give all relays the same secret, and keep it.
     *
     * @param secret 16 to 1024 octets, random; copied
     * @return a copy
     * @throws IllegalArgumentException when secret has another length
     */
    public AuthSettings withScramSecret(byte[] secret) {
        if (Objects.requireNonNull(secret, "scramSecret").length < SHORTEST_SECRET || secret.length > LONGEST_SECRET) {
            throw new IllegalArgumentException("scramSecret must have " + SHORTEST_SECRET + " to " + LONGEST_SECRET
                    + " octets, not " + secret.length);
        }
        byte[] kept = secret.clone();
        return with(copy -> copy.scramSecret = kept);
    }

    /**
     * Sets which channel binding a connection must have for SCRAM-SHA-256-PLUS, which proves that no one is between
     * client and relay. Default: {@link ChannelBinding#TLS_EXPORTER}, so it is offered over TLS 1.3 from JDK 25 on.
     * Caution: see {@link ChannelBinding#TLS_SERVER_END_POINT}. Behind a proxy that terminates TLS, there is nothing to
     * bind to.
     *
     * @param needed the required channel binding
     * @return a copy
     */
    public AuthSettings withChannelBinding(ChannelBinding needed) {
        return with(copy -> copy.channelBinding = Objects.requireNonNull(needed, "channelBinding"));
    }

    /**
     * Sets the authenticator for client certificates; the relay then offers AUTH EXTERNAL (RFC 4422 appendix A) to
     * clients that have presented one. Requires {@link TlsSettings#withClientCertificates}. Default: none.
     *
     * @param authenticator the authenticator
     * @return a copy
     */
    public AuthSettings withCertificates(CertificateAuthenticator authenticator) {
        return with(copy -> copy.certificates = Objects.requireNonNull(authenticator, "certificates"));
    }

    /**
     * Allows AUTH without TLS. Default: not allowed. Caution: anyone who can read the network traffic then gets the
     * passwords.
     *
     * @return a copy
     */
    public AuthSettings withPlaintext() {
        return with(copy -> copy.plaintext = true);
    }

    /**
     * Adds a network whose clients act for an identity without AUTH. If several match, the first one added applies.
     * Default: none.
     *
     * @param cidr for instance {@code 10.0.0.0/8} or {@code 2001:db8::/32}
     * @param identity the identity that its clients act for
     * @return a copy
     * @throws IllegalArgumentException when cidr is not a network
     */
    public AuthSettings withTrusted(String cidr, Identity identity) {
        TrustedNetwork one = new TrustedNetwork(
                IpNetwork.parse(Objects.requireNonNull(cidr, "cidr")), Objects.requireNonNull(identity, "identity"));
        List<TrustedNetwork> more =
                Stream.concat(fields.trusted.stream(), Stream.of(one)).toList();
        return with(copy -> copy.trusted = more);
    }

    /**
     * Blocks an address after failed logins. Default: 10 within 10 minutes block it for 5 minutes.
     *
     * @param failures 1 or more; {@link Integer#MAX_VALUE} never blocks
     * @param window the time within which they count; positive, at most 365 days
     * @param block how long the address is blocked; positive, at most 365 days
     * @return a copy
     * @throws IllegalArgumentException when an argument is out of bounds
     */
    public AuthSettings withFailures(int failures, Duration window, Duration block) {
        LoginThrottle.Rule rule = new LoginThrottle.Rule(failures, window, block);
        return with(copy -> copy.failures = rule);
    }

    /** {@return the authenticator for names and passwords, if set} */
    public Optional<Authenticator> passwords() {
        return Optional.ofNullable(fields.passwords);
    }

    /** {@return the authenticator for access tokens, if set} */
    public Optional<Authenticator> tokens() {
        return Optional.ofNullable(fields.tokens);
    }

    /** {@return what a client is told when its token is refused; empty for nothing more} */
    public Optional<TokenHelp> tokenHelp() {
        return Optional.ofNullable(fields.tokenHelp);
    }

    /** {@return the directory of SCRAM keys, if set} */
    public Optional<ScramDirectory> scram() {
        return Optional.ofNullable(fields.scram);
    }

    /** {@return a copy of the secret for the salts of unknown users; empty for a random one per relay} */
    public byte[] scramSecret() {
        return fields.scramSecret.clone();
    }

    /** {@return the channel binding that SCRAM-SHA-256-PLUS requires} */
    public ChannelBinding channelBinding() {
        return fields.channelBinding;
    }

    /** {@return the authenticator for client certificates, if set} */
    public Optional<CertificateAuthenticator> certificates() {
        return Optional.ofNullable(fields.certificates);
    }

    /** {@return whether clients can log in at all} */
    public boolean logins() {
        return fields.passwords != null || fields.tokens != null || fields.scram != null || fields.certificates != null;
    }

    /** {@return whether AUTH is allowed without TLS} */
    public boolean plaintext() {
        return fields.plaintext;
    }

    /** {@return the networks whose clients need no login, in the order added; unmodifiable} */
    public List<TrustedNetwork> trusted() {
        return fields.trusted;
    }

    /** {@return when failed logins block an address} */
    public LoginThrottle.Rule failures() {
        return fields.failures;
    }
}
