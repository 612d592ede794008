package dev.postern.testkit.tck;

import dev.postern.spi.RelayClock;
import dev.postern.spi.SessionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * As plain as a right registry of several nodes can be: one lock around everything; a node that is alive renews its
 * leases whenever anybody asks. Broken ones override a step.
 */
class PlainSessionRegistry implements SessionRegistry, AutoCloseable {

    private record Place(PlainSessionRegistry node, Claim claim) {}

    private record Revoked(Scope scope, String key) {}

    /** What nodes share. */
    static final class Places {
        private final Map<String, List<Place>> taken = new HashMap<>();
        private final Map<PlainSessionRegistry, Long> signsOfLife = new HashMap<>();
        private final Set<PlainSessionRegistry> alive = new HashSet<>();
        private final Map<Revoked, Long> revoked = new HashMap<>();
    }

    final Places places;
    private final RelayClock clock;
    private final Duration life;
    private volatile boolean closed;

    PlainSessionRegistry(Places places, RelayClock clock, Duration life) {
        this.places = places;
        this.clock = clock;
        this.life = life;
        synchronized (places) {
            places.alive.add(this);
        }
    }

    @Override
    public Optional<Permit> acquire(Claim claim) {
        requireOpen();
        synchronized (places) {
            return inUse(claim) < claim.max() ? Optional.of(take(claim)) : Optional.empty();
        }
    }

    @Override
    public boolean revoke(Scope scope, String key) {
        SessionRegistry.requireRevocable(scope);
        synchronized (places) {
            places.revoked.put(new Revoked(scope, key), clock.nanoTime());
        }
        return true;
    }

    @Override
    public List<Revocation> revoked(Duration within) {
        synchronized (places) {
            return places.revoked.entrySet().stream()
                    .map(one -> new Revocation(
                            one.getKey().scope, one.getKey().key, Duration.ofNanos(clock.nanoTime() - one.getValue())))
                    .filter(one -> one.age().compareTo(within) <= 0)
                    .toList();
        }
    }

    final int inUse(Claim claim) {
        synchronized (places) {
            dropTheDead();
            return places.taken.getOrDefault(key(claim), List.of()).size();
        }
    }

    /** Takes a place, whether there is one or not. */
    final Permit take(Claim claim) {
        synchronized (places) {
            Place place = new Place(this, claim);
            places.taken.computeIfAbsent(key(claim), key -> new ArrayList<>()).add(place);
            places.signsOfLife.put(this, clock.nanoTime());
            return () -> giveBack(place.claim);
        }
    }

    final boolean giveBack(Claim claim) {
        synchronized (places) {
            return places.taken
                    .getOrDefault(key(claim), new ArrayList<>())
                    .removeIf(place -> place.claim.equals(claim));
        }
    }

    /** Gives a place of anybody back. */
    final void giveAnyBack(Claim claim) {
        synchronized (places) {
            List<Place> taken = places.taken.getOrDefault(key(claim), new ArrayList<>());
            if (!taken.isEmpty()) {
                taken.remove(0);
            }
        }
    }

    void crash() {
        synchronized (places) {
            places.alive.remove(this);
        }
    }

    private void dropTheDead() {
        places.alive.forEach(node -> places.signsOfLife.put(node, clock.nanoTime()));
        for (Iterator<Map.Entry<PlainSessionRegistry, Long>> nodes =
                        places.signsOfLife.entrySet().iterator();
                nodes.hasNext(); ) {
            Map.Entry<PlainSessionRegistry, Long> node = nodes.next();
            if (clock.nanoTime() - node.getValue() >= life.toNanos()) {
                places.taken.values().forEach(taken -> taken.removeIf(place -> place.node == node.getKey()));
                nodes.remove();
            }
        }
    }

    String key(Claim claim) {
        return claim.scope() + ":" + claim.key();
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
