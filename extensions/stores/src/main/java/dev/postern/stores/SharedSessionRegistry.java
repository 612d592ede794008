package dev.postern.stores;

import dev.postern.spi.SessionRegistry;
import dev.postern.stores.Ledgers.Terms;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts sessions in ledgers that several processes share. A dead process's permits are freed when its lease expires. A
 * process that was considered dead and returns takes its permits again, even beyond the limit if others have them,
 * because its sessions still exist. Thread-safe.
 */
public abstract class SharedSessionRegistry implements SessionRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(SharedSessionRegistry.class);

    private static final String KIND = "session-";

    private final Holdings holdings;
    private final String process = UUID.randomUUID() + "-";
    private final AtomicLong numbers = new AtomicLong();

    /**
     * Creates the registry.
     *
     * @param holdings what this process holds
     */
    protected SharedSessionRegistry(Holdings holdings) {
        this.holdings = holdings;
    }

    @Override
    public final Optional<Permit> acquire(Claim claim) {
        Ledgers.Key key = key(claim.scope(), claim.key());
        String id = process + numbers.incrementAndGet();
        boolean granted = holdings.hold(new Terms(key, 0, Long.MAX_VALUE, claim.max()), id, 1)
                .granted();
        return granted ? Optional.of(permit(key, id)) : Optional.empty();
    }

    @Override
    public final boolean revoke(Scope scope, String key) {
        SessionRegistry.requireRevocable(scope);
        return holdings.ledgers().revoke(key(scope, key));
    }

    @Override
    public final List<Revocation> revoked(Duration within) {
        return holdings.ledgers().revoked(within).stream()
                .map(revoked ->
                        new Revocation(scope(revoked.key()), revoked.key().name(), revoked.age()))
                .toList();
    }

    private static Ledgers.Key key(Scope scope, String name) {
        return new Ledgers.Key(KIND + scope.name().toLowerCase(Locale.ROOT), name);
    }

    private static Scope scope(Ledgers.Key key) {
        return Scope.valueOf(key.kind().substring(KIND.length()).toUpperCase(Locale.ROOT));
    }

    private Permit permit(Ledgers.Key key, String id) {
        AtomicBoolean held = new AtomicBoolean(true);
        return () -> {
            if (held.compareAndSet(true, false)) {
                try {
                    holdings.settle(key, id, 0);
                } catch (StoreException e) {
                    LOG.warn("a place of {} not given back; it is tried again", key.kind(), e);
                }
            }
        };
    }
}
