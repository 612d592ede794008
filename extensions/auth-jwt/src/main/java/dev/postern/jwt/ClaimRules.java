package dev.postern.jwt;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which claims let somebody in, and as whom.
 *
 * @param expiry whether a token must say when it ends
 */
record ClaimRules(Required required, boolean expiry, Duration skew, RelayClock clock, Mapping mapping) {

    /** What a token must have; an issuer that is null may be any, and so may the audience where there is none. */
    record Required(@Nullable String issuer, Set<String> audience, Set<String> scopes) {}

    /** Which claims say what; one that is null says nothing. */
    record Mapping(
            String user,
            @Nullable String account,
            @Nullable String domains,
            @Nullable String relayScope,
            Map<Limit, String> limits) {}

    /** RFC 9068 section 4, but for the scopes. */
    void check(JWTClaimsSet claims) throws RefusedTokenException {
        if (required.issuer != null && !required.issuer.equals(claims.getIssuer())) {
            throw new RefusedTokenException("it is of another issuer");
        }
        if (claims.getAudience().stream().noneMatch(each -> each != null && required.audience.contains(each))) {
            throw new RefusedTokenException("it is for another audience");
        }
        Instant now = clock.now();
        Date ends = claims.getExpirationTime();
        if (ends == null ? expiry : !now.isBefore(ends.toInstant().plus(skew))) {
            throw new RefusedTokenException(ends == null ? "it never expires" : "it has expired");
        }
        Date begins = claims.getNotBeforeTime();
        if (begins != null && now.isBefore(begins.toInstant().minus(skew))) {
            throw new RefusedTokenException("it is not valid yet");
        }
    }

    boolean hasScopes(JWTClaimsSet claims) throws RefusedTokenException {
        return scopes(claims).containsAll(required.scopes);
    }

    boolean hasRelay(JWTClaimsSet claims) throws RefusedTokenException {
        return mapping.relayScope == null || scopes(claims).contains(mapping.relayScope);
    }

    /** RFC 8693 section 4.2; some issuers have a list, or call it {@code scp}. */
    private static List<String> scopes(JWTClaimsSet claims) throws RefusedTokenException {
        return Stream.concat(texts(claims, "scope").stream(), texts(claims, "scp").stream())
                .toList();
    }

    Identity identity(JWTClaimsSet claims) throws RefusedTokenException {
        try {
            Identity identity = Identity.of(text(claims, mapping.user));
            if (mapping.account != null && claims.getClaim(mapping.account) != null) {
                identity = identity.withAccount(text(claims, mapping.account));
            }
            if (mapping.domains != null) {
                identity = identity.withDomains(texts(claims, mapping.domains));
            }
            return identity.withLimits(limits(claims));
        } catch (IllegalArgumentException e) {
            throw new RefusedTokenException("it makes no identity: " + e.getMessage());
        }
    }

    private IdentityLimits limits(JWTClaimsSet claims) throws RefusedTokenException {
        IdentityLimits limits = IdentityLimits.none();
        for (Map.Entry<Limit, String> limit : mapping.limits.entrySet()) {
            Object value = claims.getClaim(limit.getValue());
            if (value instanceof Long || value instanceof Integer) {
                limits = limits.with(limit.getKey(), ((Number) value).longValue());
            } else if (value != null) {
                throw new RefusedTokenException("it has no number as " + limit.getValue());
            }
        }
        return limits;
    }

    private static String text(JWTClaimsSet claims, String claim) throws RefusedTokenException {
        // OpenID Connect Core section 5.1: whoever has an account there may have typed anybody's; some write it as a
        // text
        if (claim.equals("email") && "false".equalsIgnoreCase(String.valueOf(claims.getClaim("email_verified")))) {
            throw new RefusedTokenException("its user's email is not verified");
        }
        if (claims.getClaim(claim) instanceof String text && !text.isBlank()) {
            return text;
        }
        throw new RefusedTokenException("it has no text as " + claim);
    }

    /** A list of texts, or one text with spaces between; none when there is no such claim. */
    private static List<String> texts(JWTClaimsSet claims, String claim) throws RefusedTokenException {
        Object value = claims.getClaim(claim);
        if (value == null) {
            return List.of();
        }
        if (value instanceof String text) {
            return Stream.of(text.split(" ")).filter(each -> !each.isEmpty()).toList();
        }
        if (value instanceof Collection<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw new RefusedTokenException("it has no list of texts as " + claim);
    }
}
