package dev.postern.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads JWTs. The claims are not parsed before the signature is right.
 *
 * @param types what the header's {@code typ} may be
 */
record SignedTokens(PublishedKeys keys, Set<JWSAlgorithm> algorithms, Set<JOSEObjectType> types)
        implements TokenReader {

    /** RFC 7515 section 7.1; five parts are an encrypted one, an empty third an unsigned one. */
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

    private static final int MAX_KEYS = 10;

    /** RFC 9068 section 2.1, and what issuers write that are older. */
    static final Set<JOSEObjectType> ACCESS_TOKEN =
            Set.of(new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"));

    @Override
    public JWTClaimsSet read(String token) throws RefusedTokenException, UnavailableException {
        if (!COMPACT.matcher(token).matches() || !isCanonical(token.substring(token.lastIndexOf('.') + 1))) {
            throw new RefusedTokenException("it is no signed JWT");
        }
        SignedJWT jwt = parsed(token);
        try {
            check(jwt.getHeader());
            if (!isSigned(jwt)) {
                throw new RefusedTokenException("its signature is not the issuer's");
            }
            return TokenReader.parsed(jwt.getPayload().toJSONObject());
        } catch (ParseException | IllegalArgumentException e) {
            throw new RefusedTokenException("it cannot be read");
        }
    }

    private static SignedJWT parsed(String token) throws RefusedTokenException {
        try {
            return SignedJWT.parse(token);
        } catch (ParseException | RuntimeException e) { // of a key in the header that is none, the library throws any
            throw new RefusedTokenException("it cannot be read");
        }
    }

    /** One signature has one text: decoders take several for the same octets. */
    private static boolean isCanonical(String part) {
        try {
            byte[] octets = Base64.getUrlDecoder().decode(part);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(octets)
                    .equals(part);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What the token says of itself is only trusted to choose among what is allowed (RFC 8725 sections 3.1, 3.10, 3.11). */
    private void check(JWSHeader header) throws RefusedTokenException {
        if (!algorithms.contains(header.getAlgorithm())) {
            throw new RefusedTokenException("its algorithm is not allowed");
        }
        if (header.getJWKURL() != null || header.getJWK() != null || header.getX509CertURL() != null) {
            throw new RefusedTokenException("it brings its own key");
        }
        if (header.getCriticalParams() != null) { // RFC 7515 section 4.1.11: none is understood
            throw new RefusedTokenException("it has critical extensions");
        }
        if (!types.isEmpty() && (header.getType() == null || !types.contains(header.getType()))) {
            throw new RefusedTokenException("it is of another type");
        }
    }

    private boolean isSigned(SignedJWT jwt) throws UnavailableException {
        JWKMatcher matcher = JWKMatcher.forJWSHeader(jwt.getHeader());
        if (matcher == null) {
            return false;
        }
        List<JWK> fitting = keys.select(new JWKSelector(matcher));
        return fitting.stream().limit(MAX_KEYS).anyMatch(key -> isSigned(jwt, key));
    }

    private static boolean isSigned(SignedJWT jwt, JWK key) {
        try {
            if (!(key instanceof AsymmetricJWK pair)) {
                return false; // a secret that is published is none
            }
            PublicKey published = pair.toPublicKey();
            JWSVerifier verifier = new DefaultJWSVerifierFactory().createJWSVerifier(jwt.getHeader(), published);
            return jwt.verify(verifier);
        } catch (JOSEException e) {
            return false; // a key of another kind than the algorithm's
        }
    }

    @Override
    public String toString() {
        return keys.toString();
    }
}
