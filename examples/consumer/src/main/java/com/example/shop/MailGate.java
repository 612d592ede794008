package com.example.shop;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import javax.net.ssl.SSLContext;

/** The shop's relay: for its own machine without a login, for its staff with one. */
public final class MailGate {

    private MailGate() {}

    /**
     * Prepares the relay.
     *
     * @param keys the relay's keys
     * @param staff who may log in
     * @param upstream where mail goes
     * @return a builder; what is left is to start it
     */
    public static SmtpRelayBuilder settings(SSLContext keys, Authenticator staff, Upstream upstream) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .tls(TlsSettings.of(keys))
                .auth(AuthSettings.passwords(staff)
                .withTrusted("127.0.0.1/32", Identity.of("orders@shop.example")))
                .upstream(upstream);
    }
}
