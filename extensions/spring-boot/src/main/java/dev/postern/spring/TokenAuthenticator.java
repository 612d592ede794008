package dev.postern.spring;

import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;

/**
 * Checks OAuth 2.0 access tokens: a bean of this type lets clients log in with OAUTHBEARER and XOAUTH2, as {@link
 * dev.postern.settings.AuthSettings#withTokens} says. A type of its own, so that it is no {@link
 * dev.postern.spi.Authenticator}, whose bean checks passwords; its rules are the same.
 */
@FunctionalInterface
public interface TokenAuthenticator {

    /**
     * Checks a token.
     *
     * @param credentials the token is their secret; only to be read, and wiped after this method returns
     * @param client what is known of the client
     * @return what the token is worth, never null
     */
    AuthResult authenticate(Credentials credentials, ClientInfo client);
}
