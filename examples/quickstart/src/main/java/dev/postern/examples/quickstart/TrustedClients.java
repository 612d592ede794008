package dev.postern.examples.quickstart;

import dev.postern.SmtpRelay;
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
        // the builder knows what a network is: ask one that is thrown away, so that the error names this option
        clients.addTo(SmtpRelay.builder(), Identity.of(clients.userName));
        return clients;
    }

    void addTo(SmtpRelay.Builder builder, Identity identity) {
        builder.trust(cidr, identity);
    }
}
