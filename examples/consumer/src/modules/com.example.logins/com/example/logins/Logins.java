package com.example.logins;

import dev.postern.jwt.TokenAuthenticator;
import dev.postern.ldap.LdapAuthenticator;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Asks a directory and an issuer that are away, and ends. */
final class Logins {

    private Logins() {}

    public static void main(String... arguments) {
        Authenticator tokens = TokenAuthenticator.ofIntrospection("http://127.0.0.1:1/introspect", "shop", "secret")
                .plaintext()
                .audience("shop")
                .build();
        try (LdapAuthenticator users = LdapAuthenticator.builder("ldap://127.0.0.1:1")
                .plaintext()
                .users("dc=example,dc=org", "uid")
                .build()) {
            ask(users);
            ask(tokens);
        }
    }

    private static void ask(Authenticator authenticator) {
        byte[] secret = "secret".getBytes(StandardCharsets.US_ASCII);
        InetSocketAddress anywhere = new InetSocketAddress("127.0.0.1", 0);
        ClientInfo client = ClientInfo.of("session", anywhere, anywhere);
        try (Credentials credentials = new Credentials("PLAIN", "ann", secret)) {
            AuthResult result = authenticator.authenticate(credentials, client);
            if (!(result instanceof AuthResult.Unavailable)) {
                throw new IllegalStateException(authenticator + ": " + result);
            }
        }
        System.out.println(authenticator.getClass().getModule().getName() + " lets nobody in while it cannot ask");
    }
}
