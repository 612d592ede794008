package dev.postern.internal.auth;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.NonBlocking;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;

/**
 * Counts logins in this process that failed or are being tried, by monotonic time. Remembers a bounded number of
 * addresses.
 */
final class InProcessLoginThrottle implements LoginThrottle, NonBlocking {

    private static final int MAX_ADDRESSES = 100_000;

    /** An attempt of an address. Only touched inside of atomic operations. */
    private static final class Entry {
        private final long begun;
        private final long undecidedEnd;
        private boolean ended;

        private Entry(long begun, Rule rule) {
            this.begun = begun;
            this.undecidedEnd = begun + rule.undecided().toNanos();
        }

        private boolean undecidedAt(long now) {
            return !ended && now - undecidedEnd < 0;
        }
    }

    /** An address's attempts within the window, and the end of its block. Only touched inside of atomic operations. */
    private static final class Attempts {
        private final long lifeNanos;
        private final LinkedHashSet<Entry> entries = new LinkedHashSet<>();
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
            }
            return blocked;
        }

        /** Whether there is room for one more failure; begins the block when there is none and nothing is undecided. */
        private boolean hasRoomAt(long now, Rule rule) {
            long window = rule.window().toNanos();
            for (Iterator<Entry> i = entries.iterator(); i.hasNext() && now - i.next().begun >= window; ) {
                i.remove();
            }
            if (entries.size() < rule.failures()) {
                return true;
            }
            if (entries.stream().noneMatch(entry -> entry.undecidedAt(now))) {
                blocked = true;
                blockEnd = now + rule.block().toNanos();
                entries.clear(); // the count begins anew after it
            }
            return false;
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
                return attempts.blocked || !attempts.entries.isEmpty() ? attempts : null;
            });
        }
        return blocked[0];
    }

    @Override
    public Decision attempt(String address, Rule rule) {
        Objects.requireNonNull(address, "address");
        if (rule.failures() == Integer.MAX_VALUE) {
            return new Decision.Granted(Attempt.uncounted());
        }
        Decision[] decision = {new Decision.Blocked()};
        addresses.compute(address, (key, existing) -> {
            Attempts attempts = existing == null ? new Attempts(rule) : existing;
            long now = clock.nanoTime();
            if (!attempts.blockedAt(now)) {
                if (attempts.hasRoomAt(now, rule)) {
                    Entry entry = new Entry(now, rule);
                    attempts.entries.add(entry);
                    decision[0] = new Decision.Granted(new Counted(address, rule, entry));
                } else if (!attempts.blocked) {
                    decision[0] = new Decision.Undecided();
                }
            }
            return attempts;
        });
        return decision[0];
    }

    /** An attempt that stands in the address's row, or stood there. */
    private final class Counted implements Attempt {
        private final String address;
        private final Rule rule;
        private final Entry entry;

        private Counted(String address, Rule rule, Entry entry) {
            this.address = address;
            this.rule = rule;
            this.entry = entry;
        }

        @Override
        public void failed() {
            addresses.computeIfPresent(address, (key, attempts) -> {
                if (!entry.ended) {
                    entry.ended = true;
                    long now = clock.nanoTime();
                    boolean unused = attempts.blockedAt(now) || attempts.hasRoomAt(now, rule);
                }
                return attempts;
            });
        }

        @Override
        public void withdraw() {
            addresses.computeIfPresent(address, (key, attempts) -> {
                if (!entry.ended) {
                    entry.ended = true;
                    attempts.entries.remove(entry);
                }
                return attempts.blocked || !attempts.entries.isEmpty() ? attempts : null;
            });
        }
    }
}
