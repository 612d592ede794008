package dev.postern.testkit.upstream;

import dev.postern.testkit.internal.wire.Wire.ClientCertificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What a fake upstream offers; a connection uses the settings from when it was opened.
 *
 * @param overTls what is offered over TLS; empty for the same as without
 */
record UpstreamSettings(
        List<String> extensions, Optional<List<String>> overTls, Optional<Tls> tls, Optional<Login> login) {

    enum TlsMode {
        STARTTLS,
        IMPLICIT
    }

    record Tls(TlsMode mode, SSLContext context, ClientCertificate certificate) {}

    record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    static final UpstreamSettings DEFAULT = new UpstreamSettings(
            List.of("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "SIZE", "DSN"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    UpstreamSettings with(String extension) {
        List<String> changed = new ArrayList<>(without(extension).extensions);
        changed.add(extension);
        return withOnly(changed);
    }

    UpstreamSettings without(String extension) {
        return withOnly(extensions.stream()
                .filter(offered -> !keyword(offered).equals(keyword(extension)))
                .toList());
    }

    UpstreamSettings withOnly(List<String> offered) {
        return new UpstreamSettings(List.copyOf(offered), overTls, tls, login);
    }

    UpstreamSettings withOnlyOverTls(List<String> offered) {
        return new UpstreamSettings(extensions, Optional.of(List.copyOf(offered)), tls, login);
    }

    UpstreamSettings with(TlsMode mode, SSLContext context) {
        ClientCertificate certificate = tls.map(Tls::certificate).orElse(ClientCertificate.NOT_ASKED);
        return new UpstreamSettings(extensions, overTls, Optional.of(new Tls(mode, context, certificate)), login);
    }

    UpstreamSettings withClientCertificates() {
        Tls now = tls.orElseThrow(() -> new IllegalStateException("there is no TLS to ask for a certificate in"));
        Tls asking = new Tls(now.mode, now.context, ClientCertificate.REQUIRED);
        return new UpstreamSettings(extensions, overTls, Optional.of(asking), login);
    }

    UpstreamSettings with(Login required) {
        return new UpstreamSettings(extensions, overTls, tls, Optional.of(required));
    }

    boolean offers(TlsMode mode) {
        return tls.isPresent() && tls.get().mode == mode;
    }

    /** The old form {@code AUTH=LOGIN} is the same keyword. */
    static String keyword(String extension) {
        return extension.split("[ =]", 2)[0].toUpperCase(Locale.ROOT);
    }
}
