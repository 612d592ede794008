package dev.postern.jwt;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.RelayClock;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Configures a {@link TokenAuthenticator}. It needs {@link #audience}. Not safe for use by several threads. */
public final class TokenAuthenticatorBuilder {

    /** Asymmetric ones that the JDK has: with others, whoever can check a token could make one, or nobody checks. */
    private static final Set<JWSAlgorithm> KNOWN = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private static final Duration MAX_SKEW = Duration.ofMinutes(10);
    private static final Duration MAX_KEY_AGE = Duration.ofDays(30);
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(10);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

    private final URI uri;
    private final @Nullable String clientId;
    private final @Nullable String clientSecret;
    private @Nullable String issuer;
    private final Set<String> audience = new HashSet<>();
    private final Set<String> scopes = new HashSet<>();
    private final Map<Limit, String> limits = new EnumMap<>(Limit.class);
    private Set<JWSAlgorithm> algorithms = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256, JWSAlgorithm.ES256);
    private boolean accessTokensAlone;
    private String userClaim = "sub";
    private @Nullable String accountClaim;
    private @Nullable String domainsClaim;
    private @Nullable String relayScope;
    private Duration skew = Duration.ofMinutes(1);
    private PublishedKeys.Times times =
            new PublishedKeys.Times(Duration.ofMinutes(15), Duration.ofHours(1), Duration.ofSeconds(10));
    private Duration timeout = Duration.ofMillis(1500);
    private boolean plaintext;
    private @Nullable SSLContext tls;
    private RelayClock clock = RelayClock.system();

    TokenAuthenticatorBuilder(String issuer, URI jwksUri) {
        this.issuer = issuer;
        this.uri = jwksUri;
        this.clientId = null;
        this.clientSecret = null;
    }

    TokenAuthenticatorBuilder(URI introspectionUri, String clientId, String clientSecret) {
        this.uri = introspectionUri;
        this.clientId = clientId;
        this.clientSecret = clientSecret;
    }

    /**
     * Sets what a token must have as {@code iss}. Default: with {@link TokenAuthenticator#ofKeys} what that was given; with
     * introspection any, for the issuer is who is asked.
     *
     * @param newIssuer the issuer, exactly
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder issuer(String newIssuer) {
        issuer = Parameters.present("issuer", newIssuer);
        return this;
    }

    /**
     * Says who the tokens must be for: one of these must be in {@code aud}. Must be set: a token that any other service of
     * the issuer gets would let that service send mail as its user.
     *
     * @param names what the issuer calls the relay
     * @return this builder
     * @throws IllegalArgumentException when there is none, or one is empty
     */
    public TokenAuthenticatorBuilder audience(String... names) {
        Parameters.present("names", names.length == 0 ? "" : "names");
        Stream.of(names).forEach(name -> audience.add(Parameters.present("names", name)));
        return this;
    }

    /**
     * Says which scopes a token must have, all of them, in {@code scope} or {@code scp}. Default: none.
     *
     * @param names the scopes
     * @return this builder
     * @throws IllegalArgumentException when one is empty or has a space
     */
    public TokenAuthenticatorBuilder scopes(String... names) {
        Stream.of(names).forEach(name -> scopes.add(scope("names", name)));
        return this;
    }

    /**
     * Says which scope gives relay service: who lacks it is told so, where a missing one of {@link #scopes} is a wrong token.
     * Default: everybody has relay service.
     *
     * @param name the scope
     * @return this builder
     * @throws IllegalArgumentException when it is empty or has a space
     */
    public TokenAuthenticatorBuilder relayScope(String name) {
        relayScope = scope("name", name);
        return this;
    }

    /**
     * Sets the algorithms that JWTs may be signed by. Default: RS256, PS256 and ES256.
     *
     * @param names some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512
     * @return this builder
     * @throws IllegalArgumentException when there is none, or one is another: {@code none} and those with a shared secret are
     *     never taken
     */
    public TokenAuthenticatorBuilder algorithms(String... names) {
        Set<JWSAlgorithm> chosen = Stream.of(names).map(JWSAlgorithm::new).collect(Collectors.toUnmodifiableSet());
        if (chosen.isEmpty() || !KNOWN.containsAll(chosen)) {
            throw new IllegalArgumentException("names must be some of " + KNOWN + ", not " + chosen);
        }
        algorithms = chosen;
        return this;
    }

    /**
     * Takes JWTs alone whose {@code typ} is {@code at+jwt} (RFC 9068 section 4), so that no other JWT of the issuer, an ID
     * token say, is taken for an access token. Default: any type, since many issuers write {@code JWT}; the audience keeps
     * them apart.
     *
     * @return this builder
     */
    public TokenAuthenticatorBuilder accessTokensAlone() {
        accessTokensAlone = true;
        return this;
    }

    /**
     * Says which claim has the user's name. Default: {@code sub}. Do not take one that users can set to another's, as {@code
     * email} is with some issuers.
     *
     * @param claim its name
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder user(String claim) {
        userClaim = Parameters.present("claim", claim);
        return this;
    }

    /**
     * Says which claim has the user's account. Default, and for tokens without: as {@link Identity#of} says.
     *
     * @param claim its name
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder account(String claim) {
        accountClaim = Parameters.present("claim", claim);
        return this;
    }

    /**
     * Says which claim has the domains that the user may send from. Default: as {@link Identity#of} says.
     *
     * @param claim its name; a list, or one text with spaces between; without it, a user has no domain
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder domains(String claim) {
        domainsClaim = Parameters.present("claim", claim);
        return this;
    }

    /**
     * Says which claim has a limit. Default, and for tokens without: the relay's.
     *
     * @param limit which one
     * @param claim its name; a whole number of 1 or more
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     * @throws IllegalStateException when there is a quota for another period
     */
    public TokenAuthenticatorBuilder limit(Limit limit, String claim) {
        limits.put(limit, Parameters.present("claim", claim));
        Limit.requireOneQuota(limits.keySet());
        return this;
    }

    /**
     * Sets how far the issuer's clock may differ. Default: 1 min.
     *
     * @param most 0 to 10 min
     * @return this builder
     * @throws IllegalArgumentException when most is out of its bounds
     */
    public TokenAuthenticatorBuilder skew(Duration most) {
        skew = within("most", most, Duration.ZERO, MAX_SKEW);
        return this;
    }

    /**
     * Sets how long keys are taken without a look, and how long while the issuer does not answer: so long a key that was
     * withdrawn may still be taken. A token of an unknown key makes a look at once. Default: 15 min and 1 h.
     *
     * @param fresh until they are asked for again, 1 s to 30 d
     * @param stale until they are not taken any more, {@code fresh} to 30 d
     * @return this builder
     * @throws IllegalArgumentException when one is out of its bounds
     */
    public TokenAuthenticatorBuilder keys(Duration fresh, Duration stale) {
        within("fresh", fresh, Duration.ofSeconds(1), MAX_KEY_AGE);
        times = new PublishedKeys.Times(fresh, within("stale", stale, fresh, MAX_KEY_AGE), times.interval());
        return this;
    }

    /**
     * Sets how long it takes at least from one request for keys to the next, whatever tokens come. An issuer should publish a
     * key so long before it signs by it. Default: 10 s.
     *
     * @param least 1 s to 1 h
     * @return this builder
     * @throws IllegalArgumentException when least is out of its bounds
     */
    public TokenAuthenticatorBuilder keysInterval(Duration least) {
        within("least", least, Duration.ofSeconds(1), Duration.ofHours(1));
        times = new PublishedKeys.Times(times.fresh(), times.stale(), least);
        return this;
    }

    /**
     * Limits how long the issuer may take for an answer. Default: 1.5 s, under the relay's default plug-in time-out.
     *
     * @param limit 10 ms to 1 min
     * @return this builder
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TokenAuthenticatorBuilder timeout(Duration limit) {
        timeout = within("limit", limit, MIN_TIMEOUT, MAX_TIMEOUT);
        return this;
    }

    /**
     * Sets whose certificates are trusted. Default: the JVM's own.
     *
     * @param context a context for clients
     * @return this builder
     */
    public TokenAuthenticatorBuilder tls(SSLContext context) {
        tls = Objects.requireNonNull(context, "context");
        return this;
    }

    /**
     * Allows {@code http://}, on which whoever is on the way can give keys of his own; for an issuer on this machine.
     *
     * @return this builder
     */
    public TokenAuthenticatorBuilder plaintext() {
        plaintext = true;
        return this;
    }

    /**
     * Sets the clock, for tests. Default: the machine's.
     *
     * @param newClock the relay's
     * @return this builder
     */
    public TokenAuthenticatorBuilder clock(RelayClock newClock) {
        clock = Objects.requireNonNull(newClock, "clock");
        return this;
    }

    /**
     * Makes the authenticator. The issuer is asked when the first token comes.
     *
     * @return the authenticator
     * @throws IllegalStateException when there is no audience, or {@code http://} without {@link #plaintext}
     */
    public TokenAuthenticator build() {
        if (audience.isEmpty()) {
            throw new IllegalStateException("audience must be set");
        }
        if (!plaintext && !"https".equals(uri.getScheme())) {
            throw new IllegalStateException("http:// needs plaintext");
        }
        ClaimRules rules = new ClaimRules(
                new ClaimRules.Required(issuer, Set.copyOf(audience), Set.copyOf(scopes)),
                clientId == null,
                skew,
                clock,
                new ClaimRules.Mapping(userClaim, accountClaim, domainsClaim, relayScope, Map.copyOf(limits)));
        return new TokenAuthenticator(reader(new Http(tls, timeout)), rules);
    }

    private TokenReader reader(Http http) {
        String id = clientId;
        String secret = clientSecret;
        if (id != null && secret != null) {
            return new IntrospectedTokens(http, uri, id, secret);
        }
        Set<JOSEObjectType> types = accessTokensAlone ? SignedTokens.ACCESS_TOKEN : Set.of();
        return new SignedTokens(new PublishedKeys(http, uri, clock, times), algorithms, types);
    }

    private static String scope(String parameter, String name) {
        if (name.isEmpty() || name.indexOf(' ') >= 0) { // RFC 6749 section 3.3
            throw new IllegalArgumentException(parameter + ": not a scope: " + name);
        }
        return name;
    }

    private static Duration within(String parameter, Duration value, Duration least, Duration most) {
        Objects.requireNonNull(value, parameter);
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(parameter + " must be " + least + " to " + most + ", not " + value);
        }
        return value;
    }
}
