package dev.postern.internal.auth;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentMap;

/** Counts failed logins in this process, by monotonic time. Remembers a bounded number of addresses. */
final class InProcessLoginThrottle implements LoginThrottle {

    private static final int MAX_ADDRESSES = 100_000;

    /** An address's failures within the window, and the end of its block. Only touched inside of atomic operations. */
    private static final class Attempts {
        private final long lifeNanos;
        private final ArrayDeque<Long> failures = new ArrayDeque<>();
        private boolean blocked;
        private long blockEnd;

        private Attempts(Rule rule) {
            lifeNanos = rule.window().compareTo(rule.block()) > 0
                    ? rule.window().toNanos()
                    : rule.block().toNanos();
        }

        private boolean blockedAt(long now) {
            if (blocked && now - blockEnd >= 0) {
                blocked = false;
                failures.clear();
            }
            return blocked;
        }

        private void failedAt(long now, Rule rule) {
            if (blockedAt(now)) {
                return; // the block does not extend itself
            }
            long windowStart = now - rule.window().toNanos();
            while (!failures.isEmpty() && failures.getFirst() - windowStart <= 0) {
                failures.removeFirst();
            }
            failures.addLast(now);
            if (failures.size() >= rule.failures()) {
                blocked = true;
                blockEnd = now + rule.block().toNanos();
            }
        }
    }

    private final RelayClock clock;
    private final ConcurrentMap<String, Attempts> addresses;

    InProcessLoginThrottle(RelayClock clock) {
        this.clock = clock;
        addresses = Caffeine.newBuilder()
                .ticker(clock::nanoTime)
                .executor(Runnable::run)
                .maximumSize(MAX_ADDRESSES)
                .expireAfter(
                        Expiry.<String, Attempts>writing((address, attempts) -> Duration.ofNanos(attempts.lifeNanos)))
                .build()
                .asMap();
    }

    @Override
    public boolean blocked(String address, Rule rule) {
        boolean[] blocked = {false};
        if (addresses.containsKey(address)) {
            addresses.computeIfPresent(address, (key, attempts) -> {
                blocked[0] = attempts.blockedAt(clock.nanoTime());
                return attempts.blocked || !attempts.failures.isEmpty() ? attempts : null;
            });
        }
        return blocked[0];
    }

    @Override
    public void failed(String address, Rule rule) {
        if (rule.failures() < Integer.MAX_VALUE) {
            addresses.compute(address, (key, existing) -> {
                Attempts attempts = existing == null ? new Attempts(rule) : existing;
                attempts.failedAt(clock.nanoTime(), rule);
                return attempts;
            });
        }
    }
}
