package dev.postern.spool;

import dev.postern.spi.RelayClock;
import dev.postern.spool.SpoolEvent.Kind;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process among those that share the database. Each counts its own row up; one whose row stands still for a lease is
 * dead, by the monotonic clock of whoever watches: no two machines' clocks are ever compared, and a wall clock that jumps
 * takes nothing from anybody. Safe for use by several threads.
 */
final class Node {

    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final int BEATS_PER_LEASE = 3;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final NodeTable table;
    private final SpoolSettings settings;
    private final RelayClock clock;
    private final SpoolEvents events;
    private final Map<String, Seen> seen = new HashMap<>(); // the thread's alone
    private final Thread thread = new Thread(this::run, "postern-spool-node");
    private boolean untold; // the starting thread's, then the thread's alone
    private volatile String id = newId();
    private volatile long lastBeat;
    private volatile boolean closing;
    private volatile Runnable afterTakeOver = () -> {};

    /** A beat, and since when it stands. */
    private record Seen(long beat, long since) {}

    Node(NodeTable table, SpoolSettings settings, RelayClock clock, SpoolEvents events) {
        this.table = table;
        this.settings = settings;
        this.clock = clock;
        this.events = events;
        thread.setDaemon(true);
    }

    private static String newId() {
        byte[] octets = new byte[12];
        RANDOM.nextBytes(octets);
        return HexFormat.of().formatHex(octets);
    }

    /**
     * Joins the others.
     *
     * @param alone no other process can be there, so all that are in the rows are dead
     */
    void start(boolean alone, Runnable newAfterTakeOver) {
        afterTakeOver = newAfterTakeOver;
        register();
        if (alone) {
            table.beats().forEach((other, beat) -> {
                if (!other.equals(id)) {
                    takeOver(other, beat);
                }
            });
        }
        thread.start();
    }

    private void register() {
        long now = clock.nanoTime();
        table.register(id);
        lastBeat = now;
    }

    String id() {
        return id;
    }

    /** Gives back what this node owns and never began; how many. */
    int giveBackBut(Supplier<Set<String>> begun) {
        return table.releaseUnknown(id, begun);
    }

    /** Whether nobody can have taken this node for dead yet. */
    boolean isAlive() {
        return clock.nanoTime() - lastBeat < settings.lease().toNanos();
    }

    String ifAlive() {
        return isAlive() ? id : Tables.NOBODY;
    }

    /** Whether what this node began by that name is still its own. */
    boolean isStill(String owner) {
        return owner.equals(id) && isAlive();
    }

    /** Whether nobody has taken over what this node owns, or owned, by that name. */
    boolean isKnown(String owner) {
        return table.isKnown(owner);
    }

    private void run() {
        boolean going = true;
        while (going) {
            try {
                boolean unused = Thread.interrupted(); // a listener of the host's may have left it so
                going = pause();
                if (!going) {
                    return;
                }
                beat();
                if (untold) {
                    tell();
                }
                watch();
            } catch (SpoolException e) {
                LOG.warn("The spool's database gave no sign of life: {}", String.valueOf(e.getCause()));
            } catch (RuntimeException | Error e) { // without this thread the node is dead to all, also to itself
                Enduring.error(LOG, "A defect of the spool: its {}", "node", e);
            }
        }
    }

    private void beat() {
        long now = clock.nanoTime();
        if (table.beat(id)) {
            lastBeat = now;
            return;
        }
        LOG.warn("Other nodes took this one for dead, and have taken over what it was sending");
        id = newId();
        register();
    }

    private void watch() {
        Map<String, Long> beats = table.beats();
        long now = clock.nanoTime();
        seen.keySet().retainAll(beats.keySet());
        beats.forEach((other, beat) -> {
            Seen before = seen.get(other);
            if (before == null || before.beat != beat) {
                seen.put(other, new Seen(beat, now));
            } else if (!other.equals(id)
                    && now - before.since >= settings.lease().toNanos()) {
                takeOver(other, beat);
                seen.remove(other);
            }
        });
    }

    private void takeOver(String other, long beat) {
        untold = true; // also when that fails: whether it was done is not known
        table.takeOver(other, beat, id, clock.now().toEpochMilli());
        tell();
    }

    /** Tells first and lets go then: twice rather than not at all. */
    private void tell() {
        for (Stored message : table.untold(id)) {
            LOG.warn("Message {} may arrive twice: its node died while it was sent", message.id());
            events.tell(Kind.POSSIBLY_DOUBLED, message, message.waiting(), Optional.empty());
        }
        table.told(id);
        untold = false;
        afterTakeOver.run();
    }

    private boolean pause() {
        long time = settings.lease().toNanos() / BEATS_PER_LEASE;
        long end = clock.nanoTime() + time;
        synchronized (thread) {
            try {
                for (long left = time; left > 0 && !closing; left = end - clock.nanoTime()) {
                    thread.wait(clock.waitMillis(left));
                }
            } catch (InterruptedException e) {
                return false; // nobody interrupts it but who ends the process
            }
        }
        return !closing;
    }

    /** Leaves the others; what is still owned is theirs to find. */
    void close() {
        closing = true;
        synchronized (thread) {
            thread.notifyAll();
        }
        try {
            if (thread != Thread.currentThread()) { // which tells the host's listener, who may close the relay
                thread.join();
            }
            table.leave(id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SpoolException e) {
            LOG.warn("The spool's database does not know that this node has left: {}", String.valueOf(e.getCause()));
        }
    }
}
