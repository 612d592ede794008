package dev.postern.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What Redis does in one round trip, and nobody else in between. */
enum Script {
    HOLD("ledger"),
    SETTLE("ledger"),
    RENEW("ledger"),
    STANDING("ledger"),
    ADJUST("ledger"),
    REVOKE("revocations"),
    REVOKED("revocations"),
    ATTEMPT("throttle"),
    FAILED("throttle"),
    WITHDRAW("throttle"),
    BLOCKED("throttle");

    final String text;

    /** SHA-1, by which Redis knows it once it has seen it. */
    final String digest;

    Script(String common) {
        text = read(common) + read(name().toLowerCase(Locale.ROOT));
        try {
            digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    private static String read(String name) {
        try (InputStream file = Script.class.getResourceAsStream(name + ".lua")) {
            if (file == null) {
                throw new IllegalStateException(name + ".lua is missing from the jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
