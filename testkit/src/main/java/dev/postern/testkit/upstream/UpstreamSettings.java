package dev.postern.testkit.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** What a fake upstream offers; a connection goes by what was set when it was made. */
record UpstreamSettings(List<String> extensions, TlsMode tlsMode, Optional<SSLContext> tls, Optional<Login> login) {

    enum TlsMode {
        NONE,
        STARTTLS,
        IMPLICIT
    }

    record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    static final UpstreamSettings DEFAULT = new UpstreamSettings(
            List.of("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING", "SIZE", "DSN"),
            TlsMode.NONE,
            Optional.empty(),
            Optional.empty());

    UpstreamSettings with(String extension) {
        List<String> changed = new ArrayList<>(without(extension).extensions);
        changed.add(extension);
        return new UpstreamSettings(List.copyOf(changed), tlsMode, tls, login);
    }

    UpstreamSettings without(String extension) {
        List<String> changed = extensions.stream()
                .filter(offered -> !keyword(offered).equals(keyword(extension)))
                .toList();
        return new UpstreamSettings(changed, tlsMode, tls, login);
    }

    UpstreamSettings with(TlsMode mode, SSLContext context) {
        return new UpstreamSettings(extensions, mode, Optional.of(context), login);
    }

    UpstreamSettings with(Login required) {
        return new UpstreamSettings(extensions, tlsMode, tls, Optional.of(required));
    }

    private static String keyword(String extension) {
        return extension.split(" ", 2)[0].toUpperCase(Locale.ROOT);
    }
}
