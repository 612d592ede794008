package dev.postern.spi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Caches which credentials were right, by a keyed digest; keeps a bounded number of the most recently used. Never holds
 * its lock while it asks the other authenticator.
 */
final class CachingAuthenticator implements Authenticator {

    static final Duration LONGEST = Duration.ofMinutes(15);
    private static final int MOST = 10_000;
    private static final String HMAC = "HmacSHA256";

    private final Authenticator other;
    private final long time;
    private final RelayClock clock;
    private final SecretKeySpec key;
    private long revocations; // guarded by this
    private final Map<ByteBuffer, Remembered> right = new LinkedHashMap<>(16, 0.75f, true) { // guarded by this
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Remembered> eldest) {
                    return size() > MOST;
                }
            };

    private record Remembered(Identity identity, long until) {
        private boolean is(SessionRegistry.Scope scope, String name) {
            return switch (scope) {
                case USER -> identity.user().equals(name);
                case ACCOUNT -> identity.account().equals(name);
                case ADDRESS -> false;
            };
        }
    }

    CachingAuthenticator(Authenticator other, Duration time, RelayClock clock) {
        Objects.requireNonNull(time, "time");
        if (time.isNegative() || time.isZero() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("time must be positive and at most " + LONGEST + ", not " + time);
        }
        this.other = other;
        this.time = time.toNanos();
        this.clock = clock;
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        key = new SecretKeySpec(random, HMAC);
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        ByteBuffer digest = digest(credentials, client);
        long now = clock.nanoTime();
        long before;
        synchronized (this) {
            Remembered remembered = right.get(digest);
            if (remembered != null && remembered.until - now > 0) {
                return AuthResult.authenticated(remembered.identity);
            }
            right.remove(digest);
            before = revocations;
        }
        AuthResult result = other.authenticate(credentials, client);
        if (result instanceof AuthResult.Authenticated authenticated) {
            remember(digest, new Remembered(authenticated.identity(), now + time), before);
        }
        return result;
    }

    /** Skipped when something was revoked meanwhile: the answer may be older than the revocation. */
    private synchronized void remember(ByteBuffer digest, Remembered login, long before) {
        if (revocations == before) {
            right.put(digest, login);
        }
    }

    @Override
    public void revoked(SessionRegistry.Scope scope, String name) {
        synchronized (this) {
            revocations++;
            right.values().removeIf(login -> login.is(scope, name));
        }
        other.revoked(scope, name);
    }

    /**
     * Covers all that an answer may depend on. Each part carries its length, so that no two inputs join to the same
     * octets.
     */
    private ByteBuffer digest(Credentials credentials, ClientInfo client) {
        byte[] secret = credentials.secret();
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            update(mac, credentials.mechanism().getBytes(StandardCharsets.UTF_8));
            update(mac, credentials.username().getBytes(StandardCharsets.UTF_8));
            update(mac, client.remote().getAddress().getAddress());
            update(mac, secret);
            return ByteBuffer.wrap(mac.doFinal());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has " + HMAC, e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static void update(Mac mac, byte[] part) {
        mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
        mac.update(part);
    }

    /** Shows nothing of the cache. */
    @Override
    public String toString() {
        return "CachingAuthenticator[" + other + "]";
    }
}
