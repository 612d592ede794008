package com.example.shop;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import java.util.Map;

/** The shop's own users of the relay: a plug-in. */
public final class Staff implements Authenticator {

    private final Map<String, String> secrets;

    /**
     * Makes a list of users.
     *
     * @param secrets passwords by user name
     */
    public Staff(Map<String, String> secrets) {
        this.secrets = Map.copyOf(secrets);
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        String user = credentials.username();
        String secret = secrets.getOrDefault(user, "");
        boolean right = credentials.secretEquals(secret);
        return right && secrets.containsKey(user)
                ? AuthResult.authenticated(Identity.of(user).withAccount("shop").withDomains("shop.example"))
                : AuthResult.denied();
    }
}
