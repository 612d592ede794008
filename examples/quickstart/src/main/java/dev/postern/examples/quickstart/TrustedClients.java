package dev.postern.examples.quickstart;

import dev.postern.settings.AuthSettings;
import dev.postern.spi.Identity;

/** Clients that act as a user without AUTH, as the command line has them. Immutable. */
record TrustedClients(String cidr, String userName) {

    static TrustedClients parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no CIDR=NAME; write for instance 127.0.0.0/8=ann@example.org");
        }
        TrustedClients clients = new TrustedClients(text.substring(0, equals), text.substring(equals + 1));
        // the settings know what a network is: try it on some that are thrown away, so that the error names this option
        clients.addTo(AuthSettings.defaults(), Identity.of(clients.userName));
        return clients;
    }

    AuthSettings addTo(AuthSettings auth, Identity identity) {
        return auth.withTrusted(cidr, identity);
    }
}
