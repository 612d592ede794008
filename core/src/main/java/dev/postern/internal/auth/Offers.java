package dev.postern.internal.auth;

import dev.postern.internal.auth.AuthGate.ChannelBindings;
import dev.postern.internal.auth.AuthGate.Directories;
import dev.postern.settings.ChannelBinding;
import dev.postern.spi.ClientInfo;
import java.util.ArrayList;
import java.util.List;

/** Which mechanisms a client is offered, the best first. */
final class Offers {

    static final List<String> TOKENS = List.of("OAUTHBEARER", "XOAUTH2");
    private static final List<String> PASSWORDS = List.of("PLAIN", "LOGIN");

    private final boolean certificates;
    private final ChannelBinding binding;
    private final List<String> plain;
    private final List<String> bound;
    private final List<String> certified;
    private final List<String> certifiedAndBound;

    Offers(Directories directories, ChannelBinding channelBinding) {
        List<String> mechanisms = new ArrayList<>();
        if (directories.scram() != null) {
            mechanisms.add(ScramLogin.PLAIN);
        }
        if (directories.passwords() != null) {
            mechanisms.addAll(PASSWORDS);
        }
        if (directories.tokens() != null) {
            mechanisms.addAll(TOKENS);
        }
        certificates = directories.certificates() != null;
        binding = directories.scram() == null ? ChannelBinding.NONE : channelBinding;
        plain = List.copyOf(mechanisms);
        bound = with(ScramLogin.PLUS, plain);
        certified = with(ExternalLogin.NAME, plain);
        certifiedAndBound = with(ExternalLogin.NAME, bound);
    }

    private static List<String> with(String first, List<String> others) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(others);
        return List.copyOf(all);
    }

    /** Whether no client is offered anything. */
    boolean isEmpty() {
        return plain.isEmpty() && !certificates;
    }

    /** EXTERNAL needs a certificate (RFC 4422 appendix A), PLUS something to bind to (RFC 5802 section 6). */
    List<String> to(ClientInfo client, ChannelBindings bindings) {
        boolean isBound = isBound(bindings);
        if (certificates && !ExternalLogin.certificates(client).isEmpty()) {
            return isBound ? certifiedAndBound : certified;
        }
        return isBound ? bound : plain;
    }

    private boolean isBound(ChannelBindings bindings) {
        return switch (binding) {
            case NONE -> false;
            case TLS_EXPORTER -> bindings.of("tls-exporter").isPresent();
            case TLS_SERVER_END_POINT -> bindings.of("tls-server-end-point").isPresent();
        };
    }
}
