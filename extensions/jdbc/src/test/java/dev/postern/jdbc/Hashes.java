package dev.postern.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Of the passwords that tests write into tables, each hashed once: a hash is made to take its time. */
final class Hashes {

    private static final Map<String, String> MADE = new ConcurrentHashMap<>();

    private Hashes() {}

    static String of(String password) {
        return MADE.computeIfAbsent(password, made -> JdbcAuthenticator.hash(made.getBytes(StandardCharsets.UTF_8)));
    }
}
