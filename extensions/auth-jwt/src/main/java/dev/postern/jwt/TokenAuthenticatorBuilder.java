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

/** Configures a {@link TokenAuthenticator}. Requires {@link #audience}. Not thread-safe. */
public final class TokenAuthenticatorBuilder {

    /**
     * Asymmetric algorithms of the JDK: with others, anyone who can check a token could forge one, or no one checks it.
     */
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
     * Sets the required {@code iss} of a token. Default: with {@link TokenAuthenticator#ofKeys}, its issuer; with
     * introspection, any, because the issuer itself is asked.
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
     * Sets the audience: one of these names must be in {@code aud}. Required, because otherwise any other service of
     * the issuer could send mail with a user's token.
     *
     * @param names the issuer's names for the relay
     * @return this builder
     * @throws IllegalArgumentException when there are none, or one is empty
     */
    public TokenAuthenticatorBuilder audience(String... names) {
        Parameters.present("names", names.length == 0 ? "" : "names");
        Stream.of(names).forEach(name -> audience.add(Parameters.present("names", name)));
        return this;
    }

    /**
     * Sets the scopes that a token must have, all of them, in {@code scope} or {@code scp}. Default: none.
     *
     * @param names the scopes
     * @return this builder
     * @throws IllegalArgumentException when an argument is empty or has a space
     */
    public TokenAuthenticatorBuilder scopes(String... names) {
        Stream.of(names).forEach(name -> scopes.add(scope("names", name)));
        return this;
    }

    /**
     * Sets the scope for relay service. A user without it is told that there is no relay service, while a token without
     * one of {@link #scopes} is refused. Default: all users have relay service.
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
     * Sets the algorithms allowed for JWT signatures. Default: RS256, PS256 and ES256.
     *
     * @param names some of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512
     * @return this builder
     * @throws IllegalArgumentException when there are none, or one is not listed here: {@code none} and those with a
     *     shared secret are never accepted
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
     * Accepts only JWTs whose {@code typ} is {@code at+jwt} (RFC 9068 section 4), so that no other JWT of the issuer,
     * such as an ID token, passes for an access token. Default: any type, because many issuers write {@code JWT}; the
     * audience distinguishes them.
     *
     * @return this builder
     */
    public TokenAuthenticatorBuilder accessTokensAlone() {
        accessTokensAlone = true;
        return this;
    }

    /**
     * Sets the claim with the user's name. Default: {@code sub}. Do not use a claim that users can set to another's
     * name, like {@code email} with some issuers.
     *
     * @param claim the claim
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder user(String claim) {
        userClaim = Parameters.present("claim", claim);
        return this;
    }

    /**
     * Sets the claim with the user's account. Default, and for tokens without the claim: as in {@link Identity#of}.
     *
     * @param claim the claim
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder account(String claim) {
        accountClaim = Parameters.present("claim", claim);
        return this;
    }

    /**
     * Sets the claim with the domains that the user may send from. Default: as in {@link Identity#of}.
     *
     * @param claim the claim: a list, or a string separated by spaces; without the claim, a user has no domain
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     */
    public TokenAuthenticatorBuilder domains(String claim) {
        domainsClaim = Parameters.present("claim", claim);
        return this;
    }

    /**
     * Sets the claim with a limit. Default, and for tokens without the claim: the relay's limit.
     *
     * @param limit the limit
     * @param claim the claim: a whole number of 1 or more
     * @return this builder
     * @throws IllegalArgumentException when it is empty
     * @throws IllegalStateException when a quota for another period is already set
     */
    public TokenAuthenticatorBuilder limit(Limit limit, String claim) {
        limits.put(limit, Parameters.present("claim", claim));
        Limit.requireOneQuota(limits.keySet());
        return this;
    }

    /**
     * Sets how much the issuer's clock may differ. Default: 1 min.
     *
     * @param most 0 to 10 min
     * @return this builder
     * @throws IllegalArgumentException when most is out of bounds
     */
    public TokenAuthenticatorBuilder skew(Duration most) {
        skew = within("most", most, Duration.ZERO, MAX_SKEW);
        return this;
    }

    /**
     * Sets how long keys are used without asking for them again, and how long while the issuer does not answer. A
     * withdrawn key may still be accepted that long. A token with an unknown key causes a request at once. Default: 15
     * min and 1 h.
     *
     * @param fresh the time until keys are requested again, 1 s to 30 d
     * @param stale the time until they are no longer used, {@code fresh} to 30 d
     * @return this builder
     * @throws IllegalArgumentException when one is out of bounds
     */
    public TokenAuthenticatorBuilder keys(Duration fresh, Duration stale) {
        within("fresh", fresh, Duration.ofSeconds(1), MAX_KEY_AGE);
        times = new PublishedKeys.Times(fresh, within("stale", stale, fresh, MAX_KEY_AGE), times.interval());
        return this;
    }

    /**
     * Sets the minimum time between requests for keys, whatever tokens come. An issuer should publish a key at least
     * this long before it signs with it. Default: 10 s.
     *
     * @param least 1 s to 1 h
     * @return this builder
     * @throws IllegalArgumentException when least is out of bounds
     */
    public TokenAuthenticatorBuilder keysInterval(Duration least) {
        within("least", least, Duration.ofSeconds(1), Duration.ofHours(1));
        times = new PublishedKeys.Times(times.fresh(), times.stale(), least);
        return this;
    }

    /**
     * Limits how long the issuer may take to answer. Default: 1.5 s, below the relay's default plug-in time-out.
     *
     * @param limit 10 ms to 1 min
     * @return this builder
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TokenAuthenticatorBuilder timeout(Duration limit) {
        timeout = within("limit", limit, MIN_TIMEOUT, MAX_TIMEOUT);
        return this;
    }

    /**
     * Sets which certificates are trusted. Default: the JVM's.
     *
     * @param context a context for clients
     * @return this builder
     */
    public TokenAuthenticatorBuilder tls(SSLContext context) {
        tls = Objects.requireNonNull(context, "context");
        return this;
    }

    /**
     * Allows {@code http://}, for an issuer on this machine: anyone on the network path could substitute their own
     * keys.
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
     * @param newClock the relay's clock
     * @return this builder
     */
    public TokenAuthenticatorBuilder clock(RelayClock newClock) {
        clock = Objects.requireNonNull(newClock, "clock");
        return this;
    }

    /**
     * Builds the authenticator. The issuer is first contacted when the first token comes.
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
