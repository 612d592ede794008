package dev.postern.internal.auth;

import dev.postern.internal.auth.AuthGate.ChannelBindings;
import dev.postern.internal.auth.AuthGate.Directories;
import dev.postern.settings.ChannelBinding;
import dev.postern.spi.ClientInfo;
import java.util.ArrayList;
import java.util.List;

/** Which mechanisms a client is offered, the best first. */
record Offers(Directories directories, ChannelBinding binding) {

    static final List<String> TOKENS = List.of("OAUTHBEARER", "XOAUTH2");
    private static final List<String> PASSWORDS = List.of("PLAIN", "LOGIN");

    /** Whether no client is offered anything. */
    boolean isEmpty() {
        return directories.equals(new Directories(null, null, null, null));
    }

    /** EXTERNAL needs a certificate (RFC 4422 appendix A), PLUS something to bind to (RFC 5802 section 6). */
    List<String> to(ClientInfo client, ChannelBindings bindings) {
        List<String> mechanisms = new ArrayList<>();
        if (directories.certificates() != null
                && !ExternalLogin.certificates(client).isEmpty()) {
            mechanisms.add(ExternalLogin.NAME);
        }
        if (directories.scram() != null) {
            if (isBound(bindings)) {
                mechanisms.add(ScramLogin.PLUS);
            }
            mechanisms.add(ScramLogin.PLAIN);
        }
        if (directories.passwords() != null) {
            mechanisms.addAll(PASSWORDS);
        }
        if (directories.tokens() != null) {
            mechanisms.addAll(TOKENS);
        }
        return List.copyOf(mechanisms);
    }

    private boolean isBound(ChannelBindings bindings) {
        return switch (binding) {
            case NONE -> false;
            case TLS_EXPORTER -> bindings.of("tls-exporter").isPresent();
            case TLS_SERVER_END_POINT -> bindings.of("tls-server-end-point").isPresent();
        };
    }
}
