package dev.postern.internal.plugin;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Spares callers the wait for something that does not answer. After some failures in a row nobody calls it for a pause;
 * then one call, a single one at a time, finds out whether it answers again. Safe for use by several threads.
 */
public final class Breaker {

    /** What a success says whose call began before the pause. */
    public enum EarlierCall {
        /** It is there: an attempt to connect cannot succeed otherwise. */
        ENDS_THE_PAUSE,
        /** Nothing about now: a store may have answered before it was lost. */
        SAYS_NOTHING
    }

    /**
     * When to stop calling, and for how long.
     *
     * @param failures in a row; {@code MAX_VALUE} for never
     * @param firstPause doubles each time that the call after it fails
     * @param longestPause no pause is longer, but for a failure that asks for one
     */
    public record Rule(int failures, Duration firstPause, Duration longestPause, EarlierCall earlierCall) {}

    /** Is called at each change, in order, never under a lock. */
    public interface Listener {

        /** Nobody calls for the pause, after so many failures in a row. */
        void lost(int failures, Duration pause, String why);

        /** The call after the pause has failed too. */
        void stillLost(Duration pause, String why);

        /** It answers again, so long after it was lost. */
        void found(Duration after);
    }

    private enum State {
        CLOSED,
        OPEN,
        /** One call is under way. */
        HALF_OPEN
    }

    private final Rule rule;
    private final RelayClock clock;
    private final Listener listener;
    private State state = State.CLOSED;
    private int failures; // in a row
    private Duration nextPause;
    private long opened;
    private long pauseEnd;
    private String lastFailure = "";
    private final Queue<Runnable> unreported = new ConcurrentLinkedQueue<>(); // one a change of state
    private final AtomicBoolean reporting = new AtomicBoolean();

    public Breaker(Rule rule, RelayClock clock, Listener listener) {
        this.rule = rule;
        this.clock = clock;
        this.listener = listener;
        this.nextPause = rule.firstPause();
    }

    @FunctionalInterface
    public interface Attempt<R, X extends Exception> {

        /** Calls it, and says by {@code call} what came of it; a call of which nothing is said has failed. */
        R make(Call call) throws X;
    }

    /** Makes a call and counts what came of it, once, however it ends; empty in a pause. */
    public <R, X extends Exception> Optional<R> run(Attempt<R, X> attempt) throws X {
        Call call = begin().orElse(null);
        if (call == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(attempt.make(call));
        } finally {
            if (call.answered) {
                close(call.probe);
            } else {
                open(call.probe, call.why, call.leastPause);
            }
            reportAll();
        }
    }

    private synchronized Optional<Call> begin() {
        if (state == State.CLOSED) {
            return Optional.of(new Call(false));
        }
        if (state == State.HALF_OPEN || pauseEnd - clock.nanoTime() > 0) {
            return Optional.empty();
        }
        state = State.HALF_OPEN;
        return Optional.of(new Call(true));
    }

    /** Whether it is lost: nobody calls, or a single call finds out whether it answers again. */
    public synchronized boolean isOpen() {
        return state != State.CLOSED;
    }

    /** Says until when nobody calls, and why. For messages only: it may have changed meanwhile. */
    public synchronized String described() {
        long left = Math.max(1, pauseEnd - clock.nanoTime());
        String until = state == State.HALF_OPEN
                ? "until an attempt that is under way succeeds"
                : "for " + (Duration.ofNanos(left - 1).toSeconds() + 1) + " s more";
        return until + ": " + lastFailure;
    }

    /** What came of a call. Used by the thread that makes it. */
    public static final class Call {

        private final boolean probe;
        private boolean answered;
        private String why = "defect";
        private Duration leastPause = Duration.ZERO;

        private Call(boolean probe) {
            this.probe = probe;
        }

        public void succeeded() {
            answered = true;
        }

        public void failed(String reason) {
            why = reason;
        }

        /** It will not succeed by being tried again soon: one such failure is enough. */
        public void failedForGood(String reason, Duration atLeast) {
            why = reason;
            leastPause = atLeast;
        }
    }

    private synchronized void close(boolean probe) {
        if (state != State.CLOSED && !probe && rule.earlierCall() == EarlierCall.SAYS_NOTHING) {
            return;
        }
        if (state != State.CLOSED) {
            Duration after = Duration.ofNanos(clock.nanoTime() - opened);
            unreported.add(() -> listener.found(after));
        }
        state = State.CLOSED;
        failures = 0;
        nextPause = rule.firstPause();
    }

    private synchronized void open(boolean probe, String why, Duration leastPause) {
        boolean lost = state == State.CLOSED && isEnough(++failures, leastPause);
        boolean stillLost = state == State.HALF_OPEN && probe;
        if (!lost && !stillLost) {
            return;
        }
        Duration pause = nextPause.compareTo(leastPause) > 0 ? nextPause : leastPause;
        Duration doubled = nextPause.multipliedBy(2);
        nextPause = doubled.compareTo(rule.longestPause()) < 0 ? doubled : rule.longestPause();
        long now = clock.nanoTime();
        state = State.OPEN;
        pauseEnd = now + pause.toNanos();
        lastFailure = why;
        if (lost) {
            opened = now;
            int inARow = failures;
            unreported.add(() -> listener.lost(inARow, pause, why));
        } else {
            unreported.add(() -> listener.stillLost(pause, why));
        }
    }

    private boolean isEnough(int inARow, Duration leastPause) {
        return inARow >= rule.failures() || !leastPause.isZero() && rule.failures() != Integer.MAX_VALUE;
    }

    /** While one thread reports, which may take its time, the others leave theirs to it. */
    private void reportAll() {
        while (!unreported.isEmpty() && reporting.compareAndSet(false, true)) {
            try {
                for (Runnable change = unreported.poll(); change != null; change = unreported.poll()) {
                    change.run();
                }
            } finally {
                reporting.set(false);
            }
        }
    }
}
