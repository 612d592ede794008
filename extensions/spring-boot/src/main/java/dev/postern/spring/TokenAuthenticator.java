package dev.postern.spring;

import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;

/**
 * Checks OAuth 2.0 access tokens: a bean of this type lets clients log in with OAUTHBEARER and XOAUTH2, see {@link
 * dev.postern.settings.AuthSettings#withTokens}. It is a type of its own because a bean of type {@link
 * dev.postern.spi.Authenticator} checks passwords; the same rules apply.
 */
@FunctionalInterface
public interface TokenAuthenticator {

    /**
     * Checks a token.
     *
     * @param credentials their secret is the token; read-only, and wiped when this method returns
     * @param client what is known of the client
     * @return the answer, never null
     */
    AuthResult authenticate(Credentials credentials, ClientInfo client);
}
