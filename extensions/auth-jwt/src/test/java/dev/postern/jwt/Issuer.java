package dev.postern.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An issuer that does what a test says: publishes keys, signs anything, answers wrongly or not at all. */
final class Issuer implements AutoCloseable {

    static final String NAME = "https://issuer.test";
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** Bodies of requests, with what authorized them. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    volatile String answer = "{}";
    volatile int status = 200;
    volatile CountDownLatch gate = new CountDownLatch(0);
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Issuer(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 50);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
        try {
            gate.await();
        } catch (InterruptedException e) {
            return; // closed
        }
        exchange.getResponseHeaders().add("Location", "/elsewhere");
        byte[] octets = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, octets.length);
        exchange.getResponseBody().write(octets);
        exchange.close();
    }

    void publish(JWK... keys) {
        answer = new JWKSet(List.of(keys)).toString(true);
    }

    String uri() {
        return "http://127.0.0.1:" + port() + "/keys";
    }

    int port() {
        return server.getAddress().getPort();
    }

    static ECKey key(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What lets ann in. */
    static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .issuer(NAME)
                .audience("relay")
                .subject("ann@example.org")
                .claim("scope", "openid mail.send")
                .expirationTime(Date.from(NOW.plusSeconds(600)));
    }

    static JWSHeader.Builder header(ECKey key) {
        return new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID());
    }

    static String sign(ECKey key, JWSHeader header, JWTClaimsSet claims) {
        try {
            SignedJWT jwt = new SignedJWT(header, claims);
            jwt.sign(new ECDSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static String sign(ECKey key, JWTClaimsSet.Builder claims) {
        return sign(key, header(key).build(), claims.build());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
