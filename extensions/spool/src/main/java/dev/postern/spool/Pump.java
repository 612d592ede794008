package dev.postern.spool;

import dev.postern.spool.Engine.Step;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.spool.SpooledMessage.Progress;
import dev.postern.spool.SpooledMessage.State;
import dev.postern.spool.SpooledMessage.Status;
import dev.postern.spool.Tables.Fresh;
import dev.postern.spool.Tables.Load;
import dev.postern.spool.Tables.Return;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins attempts: one thread that sees who is due, lets accounts take turns, and hands messages to as many threads as there
 * are attempts at the same time. All that it knows of the database is made anew each second, or more rarely when that takes
 * long. Safe for use by several threads.
 */
final class Pump {

    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    private static final Duration REFRESH = Duration.ofSeconds(1);
    private static final int REFRESH_SHARE = 20; // of the time, what looking at the whole takes at most
    private static final int UNPARK = 500;
    private static final int NOTICES = 50;
    private static final long DRAIN_SECONDS = 30;

    private final Common common;
    private final Node node;
    private final Turns turns = new Turns();
    private final Gates gates;
    private final Loads loads = new Loads();
    private final Set<String> inFlight = ConcurrentHashMap.newKeySet();
    private final Queue<String> toForget = new ConcurrentLinkedQueue<>();
    private final Semaphore free;
    private final ExecutorService workers;
    private final Thread thread = new Thread(this::run, "postern-spool");
    private final Object signal = new Object();
    private boolean signalled; // guarded by signal
    private volatile boolean closing;
    private volatile boolean claimUnknown;
    private long nextRefresh; // as the one below, the pump's thread alone
    private boolean troubled;

    Pump(Common common, Node node) {
        this.common = common;
        this.node = node;
        this.gates = new Gates(common.clock(), common.settings().probe());
        this.free = new Semaphore(common.settings().attempts());
        AtomicInteger count = new AtomicInteger();
        this.workers = Executors.newFixedThreadPool(common.settings().attempts(), work -> {
            Thread worker = new Thread(work, "postern-spool-" + count.incrementAndGet());
            worker.setDaemon(true);
            return worker;
        });
        this.nextRefresh = common.clock().nanoTime();
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Loads loads() {
        return loads;
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
        boolean atOnce = !closing && free.tryAcquire();
        String owner = atOnce ? node.ifAlive() : Tables.NOBODY;
        boolean owned = !owner.equals(Tables.NOBODY);
        boolean done = false;
        inFlight.add(message.id());
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
                inFlight.remove(message.id());
            }
        }
        loads.add(message.account(), 1, message.size());
        if (owned) {
            work(message, owner);
        } else {
            turns.offer(message.account(), message.dueMillis());
            wake();
        }
    }

    // what attempts tell

    void unreachable(String upstream) {
        gates.close(upstream);
    }

    void reachable(String upstream) {
        if (gates.open(upstream)) {
            wake();
        }
    }

    void settled(Stored message, @Nullable Return back, List<Fresh> notices) {
        if (back == null) {
            loads.add(message.account(), -1, -message.size());
        } else if (back.state() == State.READY) {
            turns.offer(message.account(), back.due());
        }
        for (Fresh notice : notices) {
            loads.add(notice.message().account(), 1, notice.message().size());
            turns.offer(notice.message().account(), notice.message().dueMillis());
        }
        wake();
    }

    /** Does a durable step again until the database has answered; false as the step, or when the spool closes before. */
    boolean untilDone(String what, BooleanSupplier step) {
        for (boolean again = false; ; again = true) {
            try {
                return step.getAsBoolean() || again; // after a fault, what is not ours any more was most likely done
            } catch (SpoolException e) {
                if (closing || !pause(REFRESH)) {
                    LOG.error("What became of {} was not stored; it may arrive twice", what, e);
                    return false;
                }
                LOG.warn("What became of {} is not stored yet: {}", what, String.valueOf(e.getCause()));
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
            long wait;
            try {
                wait = once();
                troubled = false;
            } catch (SpoolException e) {
                if (!troubled) {
                    LOG.error("The spool waits for its database", e);
                }
                troubled = true;
                wait = REFRESH.toNanos();
            } catch (RuntimeException e) {
                LOG.error("A defect of the spool", e);
                wait = REFRESH.toNanos();
            }
            await(wait);
        }
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
        if (node.isAlive()) {
            notices();
            probes();
            dispatch();
        }
        return Math.max(
                1,
                Math.min(
                        nextRefresh - common.clock().nanoTime(),
                        TimeUnit.MILLISECONDS.toNanos(Math.max(1, turns.next() - common.nowMillis()))));
    }

    private void tidy() {
        for (String id = toForget.peek(); id != null; id = toForget.peek()) {
            common.tables().forget(id, node.id());
            toForget.remove();
            inFlight.remove(id);
        }
        if (claimUnknown) {
            claimUnknown = false;
            claimed(() -> {
                common.tables().releaseUnknown(node.id(), new HashSet<>(inFlight));
                return List.of();
            });
            turns.lookAtAll();
        }
    }

    private void refresh(long begun) {
        turns.fresh();
        List<Load> all = common.tables().loads();
        loads.replace(all);
        turns.replace(all);
        for (Load load : all) {
            if (load.state() == State.UNREACHABLE && !load.owned()) {
                gates.found(load.upstream());
            }
        }
        long took = common.clock().nanoTime() - begun;
        nextRefresh = begun + Math.max(REFRESH.toNanos(), took * REFRESH_SHARE);
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

    private void probes() {
        for (String upstream : gates.toProbe()) {
            if (!free.tryAcquire()) {
                return;
            }
            List<Stored> claimed = claimed(() -> common.tables().claimProbe(node.id(), upstream));
            if (claimed.isEmpty()) {
                free.release();
                gates.nobodyWaits(upstream);
            }
            claimed.forEach(message -> work(message, node.id()));
        }
    }

    private void dispatch() {
        while (!closing) {
            int most = free.drainPermits();
            List<String> accounts = turns.take(most, common.nowMillis());
            if (most == 0 || accounts.isEmpty()) {
                free.release(most);
                return;
            }
            int share = Math.max(1, most / accounts.size());
            List<Stored> claimed = List.of();
            try {
                claimed = claimed(() -> common.tables().claim(node.id(), accounts, share, most, common.nowMillis()));
            } finally {
                free.release(most - claimed.size());
            }
            Map<String, Integer> got = new HashMap<>();
            for (Stored message : claimed) {
                got.merge(message.account(), 1, Integer::sum);
                work(message, node.id());
            }
            for (String account : accounts) {
                if (got.getOrDefault(account, 0) >= share || claimed.size() == most) {
                    turns.offer(account, 0); // there may be more
                }
            }
        }
    }

    private interface Claim {
        List<Stored> get();
    }

    private List<Stored> claimed(Claim claim) {
        boolean done = false;
        try {
            List<Stored> claimed = claim.get();
            done = true;
            return claimed;
        } finally {
            if (!done) {
                claimUnknown = true;
            }
        }
    }

    /** Has a message tried by a thread, for which there is a permit. */
    private void work(Stored message, String owner) {
        inFlight.add(message.id());
        Runnable attempt = () -> {
            boolean over = false;
            boolean begun = node.isStill(owner);
            try {
                if (begun) {
                    new Attempt(common, this, message, owner).run();
                }
                over = true;
            } catch (RuntimeException e) {
                LOG.error(
                        "A defect of the spool, with message {}; it is tried again, and marked, after a restart",
                        message.id(),
                        e);
            } finally {
                if (over) {
                    inFlight.remove(message.id());
                }
                if (!begun) {
                    claimUnknown = true; // we were stopped for a lease, and may go on: it was not sent, and returns
                }
                free.release();
                wake();
            }
        };
        try {
            workers.execute(attempt);
        } catch (RejectedExecutionException e) {
            LOG.debug(
                    "Closed before message {} could be tried",
                    message.id()); // as a node that dies: tried again, and marked
        }
    }

    /** Senders hear of a delay, and of the end of a message that waits for an upstream which does not come back. */
    private void notices() {
        long now = common.nowMillis();
        if (!turns.noticesDue(now)) {
            return;
        }
        List<Stored> due = claimed(() -> common.tables().claimNotices(node.id(), now, NOTICES));
        for (Stored message : due) {
            notice(message, now);
        }
        if (due.isEmpty()) {
            turns.noNoticeBefore(now + REFRESH.toMillis());
        }
    }

    private void notice(Stored message, long now) {
        if (now >= message.givesUpAt(common.settings())) {
            giveUp(message, node.id(), Notification.EXPIRED);
            return;
        }
        Return back = new Return(
                message.state(),
                message.upstream(),
                message.dueMillis(),
                message.givesUpAt(common.settings()),
                message.attempts(),
                message.doubled(),
                true);
        settle(message, node.id(), Map.of(), back, Notification.ofDelay(common, message, now), Kind.DELAYED);
    }

    /** Gives a message up by an operator's wish; false when it is not there, or somebody tries it. */
    boolean giveUp(String id) {
        String owner = node.id();
        if (!inFlight.add(id)) {
            return false;
        }
        try {
            List<Stored> claimed = claimed(() -> common.tables().claim(owner, List.of(id)));
            claimed.forEach(message -> giveUp(message, owner, Notification.STOPPED));
            return !claimed.isEmpty();
        } finally {
            inFlight.remove(id);
        }
    }

    private void giveUp(Stored message, String owner, String why) {
        Map<Integer, Progress> changes = new LinkedHashMap<>();
        for (int i : message.waiting()) {
            Progress before = message.recipients().get(i);
            changes.put(i, new Progress(before.recipient(), Status.FAILED, why + before.reply()));
        }
        List<Fresh> notices = Notification.about(common, message, changes, common.nowMillis());
        settle(message, owner, changes, null, notices, Kind.FAILED);
    }

    /** Ends what was claimed without an attempt. */
    private void settle(
            Stored message,
            String owner,
            Map<Integer, Progress> changes,
            @Nullable Return back,
            List<Fresh> notices,
            Kind kind) {
        inFlight.add(message.id());
        try {
            if (untilDone(
                    "message " + message.id(),
                    () -> common.tables().settle(Step.NOTICE, message.id(), owner, changes, back, notices))) {
                common.events().tell(kind, message, message.waiting(), Optional.empty());
                settled(message, back, notices);
            }
        } finally {
            inFlight.remove(message.id());
        }
    }

    // waiting and ending

    private void await(long nanos) {
        long end = common.clock().nanoTime() + nanos;
        synchronized (signal) {
            try {
                for (long left = nanos;
                        left > 0 && !signalled && !closing;
                        left = end - common.clock().nanoTime()) {
                    signal.wait(common.clock().waitMillis(left));
                }
            } catch (InterruptedException e) {
                closing = true; // nobody interrupts it but who ends the process
            }
            signalled = false;
        }
    }

    /** Waits for a while; false when the spool closes meanwhile. */
    private boolean pause(Duration time) {
        long end = common.clock().nanoTime() + time.toNanos();
        synchronized (signal) {
            try {
                for (long left = time.toNanos();
                        left > 0 && !closing;
                        left = end - common.clock().nanoTime()) {
                    signal.wait(common.clock().waitMillis(left));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return !closing;
    }

    /** Begins nothing any more, and waits for what is under way; what does not end is cut off, and marked on restart. */
    void close() {
        closing = true;
        synchronized (signal) {
            signal.notifyAll();
        }
        workers.shutdown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(DRAIN_SECONDS));
            if (!workers.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("{} attempts did not end; their messages may arrive twice", inFlight.size());
                workers.shutdownNow();
            }
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** How many of an account wait, and of all. */
    static final class Loads {
        private Map<String, long[]> accounts = new HashMap<>();
        private long messages;
        private long octets;
        private long unreachable;
        private long held;

        synchronized void add(String account, long newMessages, long newOctets) {
            long[] ofAccount = accounts.computeIfAbsent(account, any -> new long[2]);
            ofAccount[0] += newMessages;
            ofAccount[1] += newOctets;
            messages += newMessages;
            octets += newOctets;
        }

        synchronized void replace(List<Load> all) {
            accounts = new HashMap<>();
            messages = 0;
            octets = 0;
            unreachable = 0;
            held = 0;
            for (Load load : all) {
                add(load.account(), load.messages(), load.octets());
                unreachable += load.state() == State.UNREACHABLE ? load.messages() : 0;
                held += load.state() == State.HELD ? load.messages() : 0;
            }
        }

        /** Whether one more, of so many octets, is too much. */
        synchronized boolean full(SpoolSettings settings, String account, long more) {
            long[] ofAccount = accounts.getOrDefault(account, new long[2]);
            return settings.full(messages + 1, octets + more)
                    || settings.fullForAccount(ofAccount[0] + 1, ofAccount[1] + more);
        }

        synchronized long[] totals() {
            return new long[] {messages, octets, unreachable, held};
        }
    }

    /** The order of accounts: each that has something due, once around. */
    static final class Turns {
        private final ArrayDeque<String> ready = new ArrayDeque<>();
        private final Set<String> inReady = new HashSet<>();
        private final Map<String, Long> later = new HashMap<>();
        private long noticesFrom;
        private boolean stale;

        synchronized void offer(String account, long due) {
            if (due == 0) {
                enter(account);
            } else {
                later.merge(account, due, Math::min);
            }
        }

        private void enter(String account) {
            if (inReady.add(account)) {
                ready.add(account);
            }
        }

        synchronized void replace(List<Load> all) {
            later.clear();
            for (Load load : all) {
                if (load.state() == State.READY && !load.owned()) {
                    later.merge(load.account(), load.due(), Math::min);
                }
            }
        }

        /** The next accounts in turn. */
        synchronized List<String> take(int most, long now) {
            later.entrySet().removeIf(entry -> {
                boolean due = entry.getValue() <= now;
                if (due) {
                    enter(entry.getKey());
                }
                return due;
            });
            List<String> taken = new ArrayList<>();
            while (taken.size() < most && !ready.isEmpty()) {
                String account = ready.remove();
                inReady.remove(account);
                taken.add(account);
            }
            return taken;
        }

        /** When there is something to do next. */
        synchronized long next() {
            long next = Long.MAX_VALUE / 2_000_000;
            for (long due : later.values()) {
                next = Math.min(next, due);
            }
            return next;
        }

        synchronized void lookAtAll() {
            stale = true;
            noticesFrom = 0;
        }

        synchronized boolean isStale() {
            return stale;
        }

        synchronized void fresh() {
            stale = false;
        }

        synchronized boolean noticesDue(long now) {
            return noticesFrom <= now;
        }

        synchronized void noNoticeBefore(long moment) {
            noticesFrom = moment;
        }
    }
}
