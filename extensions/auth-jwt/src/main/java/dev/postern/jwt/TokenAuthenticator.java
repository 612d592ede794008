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
 * OAuth 2.0 access tokens (RFC 6749) of one issuer, for {@code AuthSettings.withTokens}: JWTs (RFC 9068), whose signature is
 * checked by the keys that the issuer publishes, or tokens of any kind, which the issuer is asked about (RFC 7662).
 *
 * <p>A token is right when it is signed by an algorithm that is allowed and a key of the issuer's, is of this issuer, for this
 * audience, not expired, and has the scopes; and when the name that the client gives, if any, is the token's user. Its header
 * decides nothing but which of the issuer's keys it is: tokens that bring a key or say where there is one are refused, and so
 * are unsigned and encrypted ones, those with a critical extension, and those of over 16,384 characters.
 *
 * <p>While keys or answers cannot be had, the answer is {@link AuthResult.Unavailable}. Keys are kept, tokens and answers are
 * not. Safe for use by several threads.
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
     * Takes JWTs, by keys that the issuer publishes.
     *
     * @param issuer what tokens have as {@code iss}, exactly
     * @param jwksUri where the keys are, as a JWK set (RFC 7517 section 5): {@code jwks_uri} of the issuer's metadata
     * @return a builder
     * @throws IllegalArgumentException when issuer is empty, or jwksUri is neither https nor http
     */
    public static TokenAuthenticatorBuilder ofKeys(String issuer, String jwksUri) {
        return new TokenAuthenticatorBuilder(Parameters.present("issuer", issuer), Parameters.uri("jwksUri", jwksUri));
    }

    /**
     * Takes tokens of any kind, by asking the issuer about each (RFC 7662).
     *
     * @param introspectionUri where to ask
     * @param clientId as whom
     * @param clientSecret the client's secret, shown by HTTP's Basic authentication (RFC 6749 section 2.3.1)
     * @return a builder
     * @throws IllegalArgumentException when introspectionUri is neither https nor http, or one of the others is empty
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

    /** With OAUTHBEARER, a client may leave out who it is (RFC 7628 section 3.1). */
    private static boolean isWho(String name, Identity identity) {
        return name.isEmpty() || CanonicalName.ofUser(name).equals(identity.user());
    }

    /** Returns what tokens are checked by. */
    @Override
    public String toString() {
        return "TokenAuthenticator[" + reader + "]";
    }
}
