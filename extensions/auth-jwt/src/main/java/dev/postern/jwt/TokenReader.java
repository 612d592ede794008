package dev.postern.jwt;

import com.nimbusds.jwt.JWTClaimsSet;

/** Finds out what a token says, if it is its issuer's. For any thread. */
interface TokenReader {

    /** Returns what it says, which is not looked at yet. */
    JWTClaimsSet read(String token) throws RefusedTokenException, UnavailableException;
}
