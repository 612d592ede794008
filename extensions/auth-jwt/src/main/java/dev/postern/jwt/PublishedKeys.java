package dev.postern.jwt;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.postern.spi.RelayClock;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The issuer's keys, asked for when the first token comes, when those that are known are old, and when none of them fits: then
 * there may be a new one. Not more often than an interval, whatever tokens come. Written by hand, since the library's cache
 * takes no clock and waits under a lock. For any thread.
 */
final class PublishedKeys {

    /**
     * How long keys are good.
     *
     * @param fresh after that they are asked for again
     * @param stale so long they are taken while the issuer does not answer
     * @param interval between two requests
     */
    record Times(Duration fresh, Duration stale, Duration interval) {}

    private record Known(JWKSet keys, long since) {}

    private final Http http;
    private final URI uri;
    private final RelayClock clock;
    private final Times times;
    private @Nullable Known known;
    private @Nullable CompletableFuture<Known> request;
    private long asked;

    PublishedKeys(Http http, URI uri, RelayClock clock, Times times) {
        this.http = http;
        this.uri = uri;
        this.clock = clock;
        this.times = times;
    }

    /** Returns the keys that fit, none when the issuer has none. */
    List<JWK> select(JWKSelector selector) throws UnavailableException {
        Known now = known();
        List<JWK> fitting = now == null ? List.of() : selector.select(now.keys);
        if (now != null && !fitting.isEmpty() && isYounger(now, times.fresh)) {
            return fitting;
        }
        try {
            return selector.select(renewed(now).keys);
        } catch (UnavailableException e) {
            if (now != null && !fitting.isEmpty() && isYounger(now, times.stale)) {
                return fitting;
            }
            throw e;
        }
    }

    private synchronized @Nullable Known known() {
        return known;
    }

    private boolean isYounger(Known keys, Duration age) {
        return clock.nanoTime() - keys.since < age.toNanos();
    }

    /** Returns what is newer than that, or has been asked for so shortly before that it need not be asked again. */
    private Known renewed(@Nullable Known old) throws UnavailableException {
        CompletableFuture<Known> answer;
        synchronized (this) {
            Known now = known;
            if (now != null && (old == null || now.since - old.since > 0)) {
                return now;
            }
            CompletableFuture<Known> running = request;
            if (running != null && !mayAskAgain()) {
                if (now != null && now.since - asked >= 0) {
                    return now; // it was the answer to that request
                }
                answer = running;
            } else {
                asked = clock.nanoTime();
                answer = http.send(http.request(uri).GET().build()).thenApply(this::parse);
                request = answer;
            }
        }
        return keep(http.await(answer, uri));
    }

    private boolean mayAskAgain() {
        return clock.nanoTime() - asked >= times.interval.toNanos();
    }

    private synchronized Known keep(Known answer) {
        Known now = known;
        if (now == null || answer.since - now.since > 0) {
            known = answer;
        }
        return answer;
    }

    private Known parse(byte[] octets) {
        try {
            Map<String, Object> set = JSONObjectUtils.parse(new String(octets, StandardCharsets.UTF_8));
            Map<String, Object>[] keys = JSONObjectUtils.getJSONObjectArray(set, "keys");
            if (keys == null) {
                throw new ParseException("without keys", 0);
            }
            List<JWK> usable =
                    Stream.of(keys).flatMap(key -> usable(key).stream()).toList();
            if (usable.isEmpty() && keys.length > 0) {
                throw new ParseException("with none that can be used", 0);
            }
            return new Known(new JWKSet(usable), clock.nanoTime());
        } catch (ParseException | IllegalArgumentException e) {
            throw new CompletionException(new IllegalArgumentException("no set of keys", e));
        }
    }

    /** A key that is not understood is left out (RFC 7517 section 5): others are not to fail for what it is. */
    private static Optional<JWK> usable(Map<String, Object> key) {
        try {
            return Optional.of(JWK.parse(key)).filter(PublishedKeys::isForSignatures);
        } catch (ParseException | RuntimeException e) { // the library throws others, too: null in "oth"
            return Optional.empty();
        }
    }

    /** RFC 7517 section 4.3; some publish what their private key is for. A key's {@code use} is looked at with the token's. */
    private static boolean isForSignatures(JWK key) {
        Set<KeyOperation> operations = key.getKeyOperations();
        return operations == null
                || operations.isEmpty()
                || operations.contains(KeyOperation.VERIFY)
                || operations.contains(KeyOperation.SIGN);
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}
