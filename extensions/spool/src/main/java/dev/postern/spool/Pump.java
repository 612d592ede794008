package dev.postern.spool;

import dev.postern.spi.MessageContent;
import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.Tables.Fresh;
import dev.postern.spool.Tables.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Begins attempts: one thread that sees who is due, lets accounts take turns, and hands messages to as many threads as there
 * are attempts at the same time. All that it knows of the database is made anew each second, or more rarely when that takes
 * long. Safe for use by several threads.
 */
final class Pump {

    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    private static final Duration REFRESH = Duration.ofSeconds(1);
    private static final int REFRESH_SHARE = 20; // of the time, what looking at the whole takes at most
    private static final Duration MOST_WITHOUT_REFRESH = Duration.ofMinutes(5); // also after a pause of the process
    private static final Duration GIVE_BACK = Duration.ofSeconds(10); // a commit may end after its answer was given up
    private static final int UNPARK = 500;
    private static final long DRAIN_SECONDS = 30;

    private final Common common;
    private final Node node;
    private final Turns turns = new Turns();
    private final Gates gates;
    private final Loads loads = new Loads();
    private final InFlight inFlight = new InFlight();
    private final Queue<String> toForget = new ConcurrentLinkedQueue<>();
    private final Endings endings;
    private final Semaphore free;
    private final Workers workers;
    private final Thread thread = new Thread(this::run, "postern-spool");
    private final Object signal = new Object();
    private boolean signalled; // guarded by signal
    private volatile boolean closing;
    private long nextRefresh; // as those below, the pump's thread alone
    private long nextGiveBack;
    private final Trouble trouble;

    Pump(Common common, Node node) {
        this.common = common;
        this.node = node;
        this.trouble = new Trouble(common.clock());
        this.gates = new Gates(common.clock(), common.settings().probe());
        this.endings = new Endings(common, node, this);
        this.free = new Semaphore(common.settings().attempts());
        this.workers = new Workers(common.settings().attempts());
        this.nextRefresh = common.clock().nanoTime();
        this.nextGiveBack = nextRefresh + GIVE_BACK.toNanos(); // of a node that begins there is nothing
        thread.setDaemon(true);
    }

    /** Knows what is there before anything comes. */
    void start() {
        refresh(common.clock().nanoTime());
        workers.start();
        thread.start();
    }

    Loads loads() {
        return loads;
    }

    Trouble trouble() {
        return trouble;
    }

    InFlight inFlight() {
        return inFlight;
    }

    Endings endings() {
        return endings;
    }

    int sending() {
        return common.settings().attempts() - free.availablePermits();
    }

    // a message that comes

    /**
     * Spools a message. When an attempt can begin at once, that is written down in the same transaction.
     *
     * @throws SpoolException when it may be durable or not; then it is removed as soon as that can be
     */
    void accept(Fresh fresh) {
        Stored message = fresh.message();
        boolean suspended = common.suspensions().untilOfAccount(message.account()) > 0;
        boolean atOnce = !closing && !suspended && free.tryAcquire();
        String owner = atOnce ? node.ifAlive() : Tables.NOBODY;
        boolean owned = !owner.equals(Tables.NOBODY);
        boolean done = false;
        inFlight.begin(message.id());
        try {
            common.tables().put(fresh, owner);
            done = true;
        } finally {
            if (!done) {
                toForget.add(message.id());
            }
            if (atOnce && !(done && owned)) {
                free.release();
            }
            if (done && !owned) {
                inFlight.end(message.id());
            }
        }
        if (owned) {
            // what is in memory already need not be read back; other content ends with its session
            MessageContent stored = StoredContent.of(common.tables(), message);
            work(message, owner, fresh.content() instanceof Octets octets ? octets : stored);
        } else {
            turns.offer(message.account(), message.course().dueMillis());
            wake();
        }
    }

    // what attempts tell

    void unreachable(String upstream) {
        gates.close(upstream);
    }

    /** What was to try an upstream could not be sent; another message does so. */
    void probeAgain(String upstream) {
        gates.tryNow(upstream);
        wake();
    }

    void reachable(String upstream) {
        if (gates.open(upstream)) {
            wake();
        }
    }

    void settled(Stored message, @Nullable Course back, List<Fresh> notices) {
        if (back == null) {
            loads.add(message.account(), -1, -message.size());
        } else if (back.state() == State.READY) {
            turns.offer(message.account(), back.dueMillis());
            if (common.suspensions().isOver(back.dueMillis())) {
                turns.lookAtAll();
            }
        }
        for (Fresh notice : notices) {
            loads.add(notice.message().account(), 1, notice.message().size());
            turns.offer(notice.message().account(), notice.message().course().dueMillis());
        }
        wake();
    }

    /**
     * Does a durable step for a message again until the database has answered; false as the step, or when another node may have
     * taken over before it was done.
     *
     * @throws SpoolException when the spool closes before
     */
    boolean untilDone(String id, String owner, BooleanSupplier step) {
        for (boolean again = false; ; again = true) {
            try {
                return again ? inFlight.again(id, step, () -> node.isKnown(owner)) : step.getAsBoolean();
            } catch (SpoolException e) {
                if (closing || !pause()) {
                    throw e;
                }
                LOG.atLevel(again ? Level.DEBUG : Level.WARN) // it may take hours
                        .log("What became of message {} is not stored yet: {}", id, String.valueOf(e.getCause()));
            }
        }
    }

    void wake() {
        synchronized (signal) {
            signalled = true;
            signal.notifyAll();
        }
    }

    void refreshSoon() {
        turns.lookAtAll();
        wake();
    }

    // the thread

    private void run() {
        while (!closing) {
            try {
                long wait = look();
                boolean unused = Thread.interrupted(); // a listener or signer of the host's may have left it so
                await(wait, true);
                if (Thread.currentThread().isInterrupted()) {
                    closing = true; // nobody interrupts its wait but who ends the process
                }
            } catch (RuntimeException | Error e) { // to wait may take memory too
                Enduring.error(LOG, "A defect of the spool: its {}", "pump", e);
            }
        }
    }

    private long look() {
        try {
            long wait = once();
            trouble.cannotLook(null);
            return wait;
        } catch (SpoolException e) {
            trouble.cannotLook(e);
        } catch (RuntimeException | Error e) { // without this thread messages would be accepted, and never sent
            Enduring.error(LOG, "A defect of the spool: its {}", "pump", e);
        }
        return afterFault();
    }

    /** What was asked for may not have been seen; returns after which time to look again. */
    private long afterFault() {
        turns.lookAtAll();
        return REFRESH.toNanos();
    }

    /** Does what is due; returns after which time to look again, at the latest. */
    private long once() {
        tidy();
        long nanos = common.clock().nanoTime();
        if (nextRefresh - nanos <= 0 || turns.isStale()) {
            refresh(nanos);
        }
        for (String upstream : gates.opened()) {
            unpark(upstream);
        }
        // asked once: what is claimed by a name that is dead must not begin by the next one
        String owner = node.ifAlive();
        if (!owner.equals(Tables.NOBODY)) {
            notices(owner);
            probes(owner);
            dispatch(owner);
        }
        return Math.max(
                1,
                Math.min(
                        nextRefresh - common.clock().nanoTime(),
                        TimeUnit.MILLISECONDS.toNanos(Math.max(1, turns.next() - common.nowMillis()))));
    }

    private void notices(String owner) {
        long now = common.nowMillis();
        if (turns.noticesDue(now) && !endings.notices(owner, now)) {
            turns.noNoticeBefore(now + REFRESH.toMillis());
        }
    }

    private void tidy() {
        forget();
        long now = common.clock().nanoTime();
        boolean unknown = inFlight.takeUnknown();
        if (unknown || nextGiveBack - now <= 0) {
            nextGiveBack = now + GIVE_BACK.toNanos();
            giveBack(unknown);
        }
    }

    private void forget() {
        for (String id = toForget.peek(); id != null; id = toForget.peek()) {
            common.tables().forget(id, node.id());
            toForget.remove(id);
            inFlight.end(id);
        }
    }

    private void giveBack(boolean unknown) {
        inFlight.claimed(() -> {
            if (node.giveBackBut(inFlight::ids) > 0 || unknown) {
                turns.lookAtAll();
            }
            return List.of();
        });
    }

    private void refresh(long begun) {
        turns.fresh();
        common.suspensions().refresh();
        loads.begin();
        List<Load> all = common.tables().loads();
        loads.replace(all, common.tables().oldest());
        turns.replace(all);
        for (Load load : all) {
            if (load.state() == State.UNREACHABLE && !load.owned()) {
                gates.found(load.upstream());
            }
        }
        long took = common.clock().nanoTime() - begun;
        nextRefresh =
                begun + Math.min(MOST_WITHOUT_REFRESH.toNanos(), Math.max(REFRESH.toNanos(), took * REFRESH_SHARE));
    }

    private void unpark(String upstream) {
        int released = common.tables().unpark(upstream, UNPARK);
        if (released < UNPARK) {
            gates.allReleased(upstream);
        } else {
            wake();
        }
        if (released > 0) {
            turns.lookAtAll();
            wake();
        }
    }

    private void probes(String owner) {
        for (String upstream : gates.toProbe()) {
            if (!free.tryAcquire()) {
                return;
            }
            List<Stored> claimed = List.of();
            try {
                claimed = inFlight.claimed(() -> common.tables()
                        .claimProbe(owner, upstream, common.suspensions().accounts()));
            } finally {
                free.release(1 - claimed.size());
            }
            if (claimed.isEmpty()) {
                gates.nobodyWaits(upstream);
            }
            claimed.forEach(message -> work(message, owner, StoredContent.of(common.tables(), message)));
        }
    }

    private void dispatch(String owner) {
        while (!closing && node.isStill(owner)) {
            int most = free.drainPermits();
            List<String> accounts;
            int share;
            List<Stored> claimed = List.of();
            try {
                List<String> inTurn = turns.take(most, common.nowMillis());
                if (most == 0 || inTurn.isEmpty()) {
                    return;
                }
                accounts = withoutSuspended(inTurn);
                share = Math.max(1, most / Math.max(1, accounts.size()));
                claimed = claimed(owner, accounts, share, most);
            } finally { // also after an Error, else nothing would be tried any more
                free.release(most - claimed.size());
            }
            Map<String, Integer> got = new HashMap<>();
            for (Stored message : claimed) {
                got.merge(message.account(), 1, Integer::sum);
                work(message, owner, StoredContent.of(common.tables(), message));
            }
            for (String account : accounts) {
                if (got.getOrDefault(account, 0) >= share || claimed.size() == most) {
                    turns.offer(account, 0); // there may be more
                }
            }
        }
    }

    private List<Stored> claimed(String owner, List<String> accounts, int share, int most) {
        return accounts.isEmpty()
                ? List.of()
                : inFlight.claimed(() -> common.tables().claim(owner, accounts, share, most, common.nowMillis()));
    }

    private List<String> withoutSuspended(List<String> inTurn) {
        List<String> accounts = new ArrayList<>();
        for (String account : inTurn) {
            long until = common.suspensions().untilOfAccount(account);
            if (until == 0) {
                accounts.add(account);
            } else {
                turns.offer(account, until);
            }
        }
        return accounts;
    }

    /** Has a message tried by a thread, for which there is a permit. */
    private void work(Stored message, String owner, MessageContent content) {
        Runnable attempt = () -> {
            boolean over = false;
            boolean begun = node.isStill(owner);
            try {
                if (begun) {
                    new Attempt(common, this, message, owner, content).run();
                }
                over = true;
            } catch (SpoolException e) {
                LOG.error("What became of message {} was not stored; it may arrive twice", message.id(), e);
            } catch (RuntimeException | Error e) {
                LOG.error(
                        "A defect of the spool, with message {}; it is tried again, and marked, after a restart",
                        message.id(),
                        e);
            } finally {
                if (over) { // else it is ours until we die, and marked then
                    inFlight.end(message.id());
                }
                if (!begun) {
                    // we were stopped for a lease, and may go on: it was not sent, and returns
                    inFlight.claimIsUnknown();
                }
                free.release();
                wake();
            }
        };
        if (!workers.begin(attempt)) { // as a node that dies: tried again, and marked
            LOG.debug("Closed before message {} could be tried", message.id());
        }
    }

    // waiting and ending

    private void await(long nanos, boolean alsoForSignals) {
        long end = common.clock().nanoTime() + nanos;
        synchronized (signal) {
            try {
                for (long left = nanos;
                        left > 0 && !closing && !(alsoForSignals && signalled);
                        left = end - common.clock().nanoTime()) {
                    signal.wait(common.clock().waitMillis(left));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            signalled &= !alsoForSignals;
        }
    }

    /** Waits until it is time to ask a database again that did not answer; false when the spool closes meanwhile. */
    boolean pause() {
        await(REFRESH.toNanos(), false);
        return !closing && !Thread.currentThread().isInterrupted();
    }

    /** Begins nothing any more, and waits for what is under way; what does not end is cut off, and marked on restart. */
    void close() {
        closing = true;
        synchronized (signal) {
            signal.notifyAll();
        }
        workers.close();
        try {
            if (thread != Thread.currentThread()) { // as the node's
                thread.join(TimeUnit.SECONDS.toMillis(DRAIN_SECONDS));
            }
            if (!workers.awaitEnd(DRAIN_SECONDS)) {
                LOG.warn(
                        "{} attempts did not end; their messages may arrive twice",
                        inFlight.ids().size());
                workers.cut();
            }
            forget(); // the client was told that we do not have it, and sends it again
        } catch (InterruptedException e) {
            workers.cut();
            Thread.currentThread().interrupt();
        } catch (SpoolException e) {
            LOG.error("{} messages may be sent that were not accepted", toForget.size(), e);
        }
    }
}
