package dev.postern.redis;

import dev.postern.redis.Holdings.Terms;
import dev.postern.spi.SessionRegistry;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions in Redis. The places of a process that died return when its lease is over (see {@link RedisStores}). A process
 * that was taken for dead and returns takes its places again, beyond the limit if others have them: its sessions are
 * there. Safe for use by several threads.
 */
public final class RedisSessionRegistry implements SessionRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(RedisSessionRegistry.class);

    private final Holdings holdings;
    private final String process = UUID.randomUUID() + "-";
    private final AtomicLong numbers = new AtomicLong();

    RedisSessionRegistry(Holdings holdings) {
        this.holdings = holdings;
    }

    @Override
    public Optional<Permit> acquire(Claim claim) {
        Holdings.Key key = new Holdings.Key("session-" + claim.scope().name().toLowerCase(Locale.ROOT), claim.key());
        String id = process + numbers.incrementAndGet();
        boolean granted = holdings.hold(new Terms(key, 0, Long.MAX_VALUE, claim.max()), id, 1)
                .granted();
        return granted ? Optional.of(permit(key, id)) : Optional.empty();
    }

    private Permit permit(Holdings.Key key, String id) {
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
