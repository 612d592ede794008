package dev.postern.jwt;

import com.nimbusds.jwt.JWTClaimsSet;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out what a token says, if it is its issuer's. For any thread. */
interface TokenReader {

    /** More is no moment: the library, which counts milliseconds, would go on at the other end of time. */
    double LAST_SECOND = Long.MAX_VALUE / 1000.0;

    /** Reads claims (RFC 7519 section 4.1). */
    static JWTClaimsSet parsed(@Nullable Map<String, Object> claims) throws ParseException {
        if (claims == null) {
            throw new ParseException("the claims are no object", 0);
        }
        for (String time : List.of("exp", "nbf")) {
            if (claims.get(time) instanceof Number seconds && Math.abs(seconds.doubleValue()) >= LAST_SECOND) {
                throw new ParseException(time + " is no time", 0);
            }
        }
        return JWTClaimsSet.parse(claims);
    }

    /** Returns what it says, which is not looked at yet. */
    JWTClaimsSet read(String token) throws RefusedTokenException, UnavailableException;
}
