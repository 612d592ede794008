package dev.postern.jwt;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks OAuth 2.0 access tokens (RFC 6749) of one issuer, for {@code AuthSettings.withTokens}: JWTs (RFC 9068) by the
 * issuer's published keys, or any tokens by asking the issuer (RFC 7662).
 *
 * <p>A token is valid when it is signed with an allowed algorithm and a key of the issuer, is from this issuer, for
 * this audience, not expired, and has the scopes, and when the client's user name, if any, is the token's user. The
 * token's header only selects one of the issuer's keys: tokens that contain a key or a reference to one are refused, as
 * are unsigned or encrypted ones, those with a critical extension, and those of over 16,384 characters.
 *
 * <p>While keys or answers are not available, the answer is {@link AuthResult.Unavailable}. Keys are cached; tokens and
 * answers are not. Thread-safe.
 */
public final class TokenAuthenticator implements Authenticator {

    private static final Logger LOG = LoggerFactory.getLogger(TokenAuthenticator.class);
    private static final int MAX_OCTETS = 16_384; // more than an AUTH command can have (RFC 4954 section 4)

    private final TokenReader reader;
    private final ClaimRules rules;

    TokenAuthenticator(TokenReader reader, ClaimRules rules) {
        this.reader = reader;
        this.rules = rules;
    }

    /**
     * Returns a builder for JWTs, checked by the issuer's published keys.
     *
     * @param issuer the exact {@code iss} of the tokens
     * @param jwksUri the URI of the keys, a JWK set (RFC 7517 section 5): {@code jwks_uri} of the issuer's metadata
     * @return a builder
     * @throws IllegalArgumentException when issuer is empty, or jwksUri is neither https nor http
     */
    public static TokenAuthenticatorBuilder ofKeys(String issuer, String jwksUri) {
        return new TokenAuthenticatorBuilder(Parameters.present("issuer", issuer), Parameters.uri("jwksUri", jwksUri));
    }

    /**
     * Returns a builder for tokens of any kind, checked by asking the issuer about each (RFC 7662).
     *
     * @param introspectionUri the introspection endpoint
     * @param clientId the client's id
     * @param clientSecret the client's secret, sent by HTTP Basic authentication (RFC 6749 section 2.3.1)
     * @return a builder
     * @throws IllegalArgumentException when introspectionUri is neither https nor http, or another argument is empty
     */
    public static TokenAuthenticatorBuilder ofIntrospection(
            String introspectionUri, String clientId, String clientSecret) {
        return new TokenAuthenticatorBuilder(
                Parameters.uri("introspectionUri", introspectionUri),
                Parameters.present("clientId", clientId),
                Parameters.present("clientSecret", clientSecret));
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        byte[] secret = credentials.secret();
        if (secret.length == 0 || secret.length > MAX_OCTETS) {
            return AuthResult.denied();
        }
        try {
            JWTClaimsSet claims = reader.read(new String(secret, StandardCharsets.ISO_8859_1));
            rules.check(claims);
            Identity identity = rules.identity(claims);
            if (!isWho(credentials.username(), identity)) {
                throw new RefusedTokenException("the client says that it is somebody else");
            }
            if (!rules.hasScopes(claims)) { // last: who hears of it knows that all else is right
                LOG.debug("{} token refused: it lacks a scope", client.sessionId());
                return AuthResult.insufficientScope();
            }
            return rules.hasRelay(claims) ? AuthResult.authenticated(identity) : AuthResult.relayDisabled();
        } catch (RefusedTokenException e) {
            LOG.debug("{} token refused: {}", client.sessionId(), e.getMessage());
            return AuthResult.denied();
        } catch (UnavailableException e) {
            return AuthResult.unavailable(String.valueOf(e.getMessage()));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** With OAUTHBEARER, a client may omit the user name (RFC 7628 section 3.1). */
    private static boolean isWho(String name, Identity identity) {
        return name.isEmpty() || CanonicalName.ofUser(name).equals(identity.user());
    }

    /** Returns how tokens are checked. */
    @Override
    public String toString() {
        return "TokenAuthenticator[" + reader + "]";
    }
}
