package dev.postern.jdbc;

import dev.postern.jdbc.Ledgers.Ask;
import dev.postern.jdbc.Ledgers.Terms;
import dev.postern.spi.SessionRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions in a database. The places of a node that died return when its lease is over (see {@link JdbcStores}). A node
 * that was taken for dead and returns takes its places again, beyond the limit if others have them: its sessions are
 * there. Safe for use by several threads.
 */
public final class JdbcSessionRegistry implements SessionRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(JdbcSessionRegistry.class);

    private final Ledgers ledgers;
    private final Holdings holdings;
    private final Lease lease;
    private final AtomicLong numbers = new AtomicLong();
    private final Map<String, Ledgers.Key> places =
            new ConcurrentHashMap<>(); // as many as there are sessions, three times

    JdbcSessionRegistry(Ledgers ledgers, Holdings holdings, Lease lease) {
        this.ledgers = ledgers;
        this.holdings = holdings;
        this.lease = lease;
        lease.onLost(this::takeAgain);
    }

    @Override
    public Optional<Permit> acquire(Claim claim) {
        Ledgers.Key key = new Ledgers.Key("session-" + claim.scope().name().toLowerCase(Locale.ROOT), claim.key());
        String id = lease.node() + "-" + numbers.incrementAndGet();
        Holdings.Answer answer = holdings.hold(new Terms(key, 0, Long.MAX_VALUE, claim.max()), new Ask(id, 1));
        if (!answer.granted()) {
            return Optional.empty();
        }
        places.put(id, key);
        return Optional.of(() -> giveBack(id));
    }

    private void giveBack(String id) {
        Ledgers.Key key = places.remove(id);
        if (key != null) {
            try {
                holdings.settle(key, new Ask(id, 0));
            } catch (StoreException e) {
                LOG.warn("a place of {} not given back; it is tried again", key.kind(), e);
            }
        }
    }

    private void takeAgain() {
        // a place that is given back meanwhile waits for this, and then gives back what was taken again
        places.keySet()
                .forEach(id -> places.computeIfPresent(id, (same, key) -> {
                    ledgers.adopt(key, new Ask(id, 1), lease.node());
                    return key;
                }));
    }
}
