package dev.postern.jdbc;

import dev.postern.spi.ScramKeys;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Of the passwords that tests write into tables, each hashed once: a hash is made to take its time. */
final class Hashes {

    private static final Map<String, String> MADE = new ConcurrentHashMap<>();
    private static final Map<String, String> QUICK = new ConcurrentHashMap<>();

    private Hashes() {}

    /** Argon2id, as the stores make it. */
    static String of(String password) {
        return MADE.computeIfAbsent(password, made -> JdbcAuthenticator.hash(made.getBytes(StandardCharsets.UTF_8)));
    }

    /** Keys of SCRAM of few iterations: a fraction of the work, and no login replaces them. */
    static String quick(String password) {
        return QUICK.computeIfAbsent(
                password,
                made -> ScramKeys.ofPrepared(made.toCharArray(), new byte[16], ScramKeys.MIN_ITERATIONS)
                        .text());
    }
}
