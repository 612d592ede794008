package dev.postern.internal.admission;

import dev.postern.spi.NonBlocking;
import dev.postern.spi.SessionRegistry;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts the sessions of this process. Nothing is evicted: a count goes when its last session does. */
final class InProcessSessionRegistry implements SessionRegistry, NonBlocking {

    private record Key(Scope scope, String name) {}

    private final ConcurrentMap<Key, Integer> counts = new ConcurrentHashMap<>();

    @Override
    public Optional<Permit> acquire(Claim claim) {
        Key key = new Key(claim.scope(), claim.key());
        boolean[] granted = {false};
        counts.compute(key, (k, count) -> {
            int now = count == null ? 0 : count;
            granted[0] = now < claim.max();
            return granted[0] ? Integer.valueOf(now + 1) : count;
        });
        return granted[0] ? Optional.of(permit(key)) : Optional.empty();
    }

    int count(Scope scope, String name) {
        return counts.getOrDefault(new Key(scope, name), 0);
    }

    private Permit permit(Key key) {
        AtomicBoolean held = new AtomicBoolean(true);
        return () -> {
            if (held.compareAndSet(true, false)) {
                counts.computeIfPresent(key, (k, count) -> count == 1 ? null : Integer.valueOf(count - 1));
            }
        };
    }
}
