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

/** Who may send, and how clients show who they are. Immutable. */
public final class AuthSettings {

    private static final AuthSettings DEFAULTS = new AuthSettings(new Fields());

    /** Nothing in it means anything in JSON. */
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
     * @param identity who they act for
     */
    public record TrustedNetwork(IpNetwork network, Identity identity) {}

    /**
     * What a client needs to know to get a right token.
     *
     * @param scope the scopes, with a space between
     * @param openidConfiguration where the issuer's metadata are
     */
    public record TokenHelp(String scope, URI openidConfiguration) {}

    private AuthSettings(Fields fields) {
        this.fields = fields;
    }

    private AuthSettings with(Consumer<Fields> change) {
        return new AuthSettings(Values.copy(fields, change));
    }

    /** {@return settings with which nobody may send yet} */
    public static AuthSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Returns settings with which clients log in by name and password; short for {@link #withPasswords}.
     *
     * @param authenticator the host's
     * @return the settings
     */
    public static AuthSettings passwords(Authenticator authenticator) {
        return DEFAULTS.withPasswords(authenticator);
    }

    /**
     * Sets who checks names and passwords; AUTH PLAIN and LOGIN are offered. Default: nobody.
     *
     * @param authenticator the host's
     * @return a copy
     */
    public AuthSettings withPasswords(Authenticator authenticator) {
        return with(copy -> copy.passwords = Objects.requireNonNull(authenticator, "passwords"));
    }

    /**
     * Sets who checks OAuth 2.0 access tokens; AUTH OAUTHBEARER (RFC 7628) and XOAUTH2 are offered. The secret of the
     * credentials is the token, the user name what the client says beside it. With OAUTHBEARER that may be nothing, so the
     * authenticator must learn from the token whose it is. Default: nobody, and tokens are not taken.
     *
     * @param authenticator the host's; no password is ever shown to it
     * @return a copy
     */
    public AuthSettings withTokens(Authenticator authenticator) {
        return with(copy -> copy.tokens = Objects.requireNonNull(authenticator, "tokens"));
    }

    /**
     * Sets what a client is told when its token is refused, so that it can get a right one (RFC 7628 section 3.2.2).
     * Default: only that the token is invalid.
     *
     * @param scope the scopes that a token needs, with a space between (RFC 6749 section 3.3); 500 characters at most
     * @param openidConfiguration where the issuer's metadata are, {@code https://.../.well-known/openid-configuration}; 500
     *     characters at most
     * @return a copy
     * @throws IllegalArgumentException when scope has another character or one of the two is empty or too long
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
     * Sets who has the keys of users who log in without showing their password; AUTH SCRAM-SHA-256 is offered (RFC 5802,
     * RFC 7677), and SCRAM-SHA-256-PLUS where the connection has a {@link #withChannelBinding channel binding}. Default:
     * nobody. Caution: many clients take it in place of PLAIN as soon as it is offered, so every user should have keys.
     *
     * @param directory the host's
     * @return a copy
     */
    public AuthSettings withScram(ScramDirectory directory) {
        return with(copy -> copy.scram = Objects.requireNonNull(directory, "scram"));
    }

    /**
     * Sets what the salts of unknown users are made from. Default: a random secret of each relay. Caution: if another relay
     * of the same name, or the same one after a restart, shows another salt, clients can tell that the user is unknown.
     * Give all relays one secret, and keep it.
     *
     * @param secret 16 to 1024 octets, random; copied
     * @return a copy
     * @throws IllegalArgumentException when secret is out of its bounds
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
     * Sets what a connection must have for SCRAM-SHA-256-PLUS, which proves that nobody has put itself between client and
     * relay. Default: {@link ChannelBinding#TLS_EXPORTER}, so it is offered over TLS 1.3 from JDK 25 on. Caution: see {@link
     * ChannelBinding#TLS_SERVER_END_POINT}. A proxy that ends TLS in front of the relay leaves nothing to bind to.
     *
     * @param needed what suffices
     * @return a copy
     */
    public AuthSettings withChannelBinding(ChannelBinding needed) {
        return with(copy -> copy.channelBinding = Objects.requireNonNull(needed, "channelBinding"));
    }

    /**
     * Sets who knows whose a client's certificate is; AUTH EXTERNAL (RFC 4422 appendix A) is offered to clients that have
     * shown one. Needs {@link TlsSettings#withClientCertificates}. Default: nobody.
     *
     * @param authenticator the host's
     * @return a copy
     */
    public AuthSettings withCertificates(CertificateAuthenticator authenticator) {
        return with(copy -> copy.certificates = Objects.requireNonNull(authenticator, "certificates"));
    }

    /**
     * Allows AUTH without TLS. Default: not allowed. Caution: whoever can listen on the network then has the passwords.
     *
     * @return a copy
     */
    public AuthSettings withPlaintext() {
        return with(copy -> copy.plaintext = true);
    }

    /**
     * Adds a network whose clients act for an identity without AUTH. Where several fit, the first one added counts.
     * Default: none.
     *
     * @param cidr for instance {@code 10.0.0.0/8} or {@code 2001:db8::/32}
     * @param identity who its clients act for
     * @return a copy
     * @throws IllegalArgumentException when cidr is no network
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
     * @param window within which they are counted; positive, 365 days at most
     * @param block for how long; positive, 365 days at most
     * @return a copy
     * @throws IllegalArgumentException when one is out of its bounds
     */
    public AuthSettings withFailures(int failures, Duration window, Duration block) {
        LoginThrottle.Rule rule = new LoginThrottle.Rule(failures, window, block);
        return with(copy -> copy.failures = rule);
    }

    /** {@return who checks names and passwords; empty for nobody} */
    public Optional<Authenticator> passwords() {
        return Optional.ofNullable(fields.passwords);
    }

    /** {@return who checks access tokens; empty for nobody} */
    public Optional<Authenticator> tokens() {
        return Optional.ofNullable(fields.tokens);
    }

    /** {@return what a client is told of a token that is refused; empty when nothing but that} */
    public Optional<TokenHelp> tokenHelp() {
        return Optional.ofNullable(fields.tokenHelp);
    }

    /** {@return who has the keys of SCRAM; empty for nobody} */
    public Optional<ScramDirectory> scram() {
        return Optional.ofNullable(fields.scram);
    }

    /** {@return a copy of what the salts of unknown users are made of; empty for a secret of each relay} */
    public byte[] scramSecret() {
        return fields.scramSecret.clone();
    }

    /** {@return what a connection must have for SCRAM-SHA-256-PLUS} */
    public ChannelBinding channelBinding() {
        return fields.channelBinding;
    }

    /** {@return who knows whose a certificate is; empty for nobody} */
    public Optional<CertificateAuthenticator> certificates() {
        return Optional.ofNullable(fields.certificates);
    }

    /** {@return whether clients can log in at all} */
    public boolean logins() {
        return fields.passwords != null || fields.tokens != null || fields.scram != null || fields.certificates != null;
    }

    /** {@return whether AUTH may be done without TLS} */
    public boolean plaintext() {
        return fields.plaintext;
    }

    /** {@return the networks whose clients need no login, in the order in which they were added, unmodifiable} */
    public List<TrustedNetwork> trusted() {
        return fields.trusted;
    }

    /** {@return when failed logins block an address} */
    public LoginThrottle.Rule failures() {
        return fields.failures;
    }
}
