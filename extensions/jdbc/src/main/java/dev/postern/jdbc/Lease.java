package dev.postern.jdbc;

import dev.postern.spi.RelayClock;
import dev.postern.stores.Heart;
import dev.postern.stores.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's row in {@code postern_node}. What the node holds is its own as long as the row is there and not older than
 * the lease; then other nodes delete the row, and everything returns. A node that finds its own lease over goes on under a
 * new name. Safe for use by several threads.
 */
final class Lease implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);
    private static final int BEATS_BETWEEN_HOUSEKEEPING = 30;

    private final Database database;
    private final Duration length;
    private final RelayClock clock;
    private final List<Runnable> onLost = new CopyOnWriteArrayList<>();
    private final List<Runnable> onBeat = new CopyOnWriteArrayList<>();
    private final AtomicInteger beats = new AtomicInteger();
    private final Heart heart;
    private volatile String node;
    private volatile long renewed;
    private volatile long healthySince;
    private volatile boolean everLost;
    private volatile boolean closed;
    private boolean owed; // to say that the lease was lost; only touched while it is renewed
    private final ReentrantLock renewing = new ReentrantLock();

    Lease(Database database, Duration length, RelayClock clock) {
        this.database = database;
        this.length = length;
        this.clock = clock;
        node = register();
        renewed = clock.nanoTime();
        healthySince = renewed;
        heart = new Heart("postern-jdbc-heart", length, this::beat);
    }

    /** The name that this process holds under. */
    String node() {
        return node;
    }

    /** What to do when others were given what this node held. */
    void onLost(Runnable action) {
        onLost.add(action);
    }

    /** What to do after each renewal. */
    void onBeat(Runnable action) {
        onBeat.add(action);
    }

    /** Makes sure that nobody takes this node for dead for a while; asks the database only when it may have been. */
    void ensure() {
        requireOpen();
        if (clock.nanoTime() - renewed > length.toNanos() / 2) {
            renew(); // also when another thread just has: it costs little, and happens once in an outage
        }
    }

    /** Whether all that this process ever held is under its present name. */
    boolean neverLost() {
        return !everLost;
    }

    /** Deletes the rows of nodes that are dead. */
    void reap() {
        // after an outage that nobody could renew in, the others get as long as a lease to say that they live
        if (clock.nanoTime() - healthySince < length.toNanos()) {
            return;
        }
        int dead = database.run(connection ->
                Database.update(connection, "DELETE FROM postern_node WHERE expires <= " + database.dialect().now));
        if (dead > 0) {
            LOG.warn("{} nodes have not renewed their lease of {}; what they held returns", dead, length);
        }
    }

    private void beat() {
        try {
            renew();
            reap();
            onBeat.forEach(Runnable::run);
            if (beats.incrementAndGet() % BEATS_BETWEEN_HOUSEKEEPING == 0) {
                Housekeeping.run(database, this::ensure);
            }
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.warn("lease of node {} not renewed; it is tried again", node, e);
            }
        }
    }

    private void renew() {
        if (!tryLock()) {
            throw new StoreException("the lease is being renewed, and the database does not answer");
        }
        try {
            renewAlone();
        } finally {
            renewing.unlock();
        }
    }

    private boolean tryLock() {
        try {
            return renewing.tryLock(length.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while the lease was renewed", e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreException("the stores are closed");
        }
    }

    private void renewAlone() {
        requireOpen(); // the row that is gone would be taken for one of a node that was taken for dead
        long asked = clock.nanoTime();
        if (asked - renewed > length.toNanos()) {
            healthySince = asked;
        }
        String now = database.dialect().now;
        int rows = database.run(connection -> Database.update(
                connection,
                "UPDATE postern_node SET expires = " + now + " + ? WHERE id = ? AND expires > " + now,
                length.toMillis(),
                node));
        if (rows == 0) {
            LOG.warn("node {} was taken for dead; it goes on under a new name", node);
            everLost = true;
            owed = true;
            delete(node);
            node = register();
        }
        if (owed) { // also when it failed the last time, for the new name holds nothing by itself
            onLost.forEach(Runnable::run);
            owed = false;
        }
        renewed = asked;
    }

    private String register() {
        String id = UUID.randomUUID().toString();
        database.run(connection -> Database.update(
                connection,
                "INSERT INTO postern_node (id, expires) VALUES (?, " + database.dialect().now + " + ?)",
                id,
                length.toMillis()));
        return id;
    }

    void stopHeart() {
        heart.close();
    }

    private void delete(String id) {
        database.run(connection -> Database.update(connection, "DELETE FROM postern_node WHERE id = ?", id));
    }

    /** Ends the lease, so that what is still held returns at once; a renewal that is under way ends before. */
    @Override
    public void close() {
        closed = true;
        stopHeart();
        renewing.lock();
        try {
            delete(node);
        } catch (StoreException e) {
            LOG.warn("lease of node {} not ended; it ends by itself within {}", node, length, e);
        } finally {
            renewing.unlock();
        }
    }
}
