package dev.postern.internal.upstream;

import dev.postern.internal.reply.PluginGuard;
import dev.postern.internal.upstream.UpstreamException.Kind;
import dev.postern.internal.upstream.UpstreamPool.Circuit;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayEvent.UpstreamFound;
import dev.postern.spi.RelayEvent.UpstreamLost;
import dev.postern.spi.RelayEvent.UpstreamStillLost;
import dev.postern.spi.RelayListener;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spares clients the wait for an upstream that cannot be reached, so that another one is asked at once. Opens after so many
 * attempts in a row have failed; after a pause one attempt, a single one at a time, finds out whether it can be reached
 * again. The pauses begin short, for most upstreams that are lost are only restarted, and grow, for an attempt can cost its
 * message a time-out. Only attempts to connect count, not what becomes of messages.
 */
final class CircuitBreaker {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamPool.class); // the stage's
    /** Whoever shows refused credentials again and again is locked out. */
    private static final Duration LEAST_PAUSE_OF_LOGINS = Duration.ofSeconds(10);

    private enum State {
        CLOSED,
        OPEN,
        /** One attempt is under way. */
        HALF_OPEN
    }

    /** An attempt to connect. */
    @FunctionalInterface
    interface Attempt {
        ReadyConnection open() throws UpstreamException;
    }

    private final String upstream;
    private final Circuit settings;
    private final RelayClock clock;
    private final RelayListener listener;
    private State state = State.CLOSED;
    private int failures; // in a row
    private Duration nextPause;
    private long opened;
    private long openUntil;
    private String lastFailure = "";
    private final Queue<RelayEvent> untold = new ConcurrentLinkedQueue<>(); // one a change of state
    private final AtomicBoolean telling = new AtomicBoolean();

    CircuitBreaker(String upstream, Circuit settings, RelayClock clock, RelayListener listener) {
        this.upstream = upstream;
        this.settings = settings;
        this.clock = clock;
        this.listener = listener;
        this.nextPause = settings.firstPause();
    }

    /**
     * Makes an attempt, if it may be made now.
     *
     * @throws UpstreamException when it may not, or failed
     */
    ReadyConnection run(Attempt attempt) throws UpstreamException {
        boolean probe = enter();
        String failure = "defect"; // what is thrown beside an UpstreamException
        boolean loginRefused = false;
        try {
            ReadyConnection ready = attempt.open();
            failure = "";
            return ready;
        } catch (UpstreamException e) {
            failure = String.valueOf(e.getMessage());
            loginRefused = e.kind() == Kind.LOGIN_REFUSED;
            if (e.kind() == Kind.CROWDED) { // it is there, and busy with our other connections
                failure = "";
            }
            throw e;
        } finally {
            if (failure.isEmpty()) {
                succeeded();
            } else {
                failed(probe, failure, loginRefused);
            }
            tellAll();
        }
    }

    private synchronized boolean enter() throws UpstreamException {
        if (state == State.CLOSED) {
            return false;
        }
        long left = openUntil - clock.nanoTime();
        if (state == State.HALF_OPEN || left > 0) {
            String until = state == State.HALF_OPEN
                    ? "until an attempt that is under way succeeds"
                    : "for " + (Duration.ofNanos(left - 1).toSeconds() + 1) + " s more";
            throw new UpstreamException(Kind.UNUSABLE, "circuit open " + until + ": " + lastFailure);
        }
        state = State.HALF_OPEN;
        return true;
    }

    /** Also of an attempt from before the circuit was opened: the upstream is there. */
    private synchronized void succeeded() {
        if (state != State.CLOSED) {
            untold.add(UpstreamFound.of(upstream, Duration.ofNanos(clock.nanoTime() - opened)));
        }
        state = State.CLOSED;
        failures = 0;
        nextPause = settings.firstPause();
    }

    private synchronized void failed(boolean probe, String failure, boolean loginRefused) {
        boolean lost = state == State.CLOSED && isEnough(++failures, loginRefused);
        boolean stillLost = state == State.HALF_OPEN && probe;
        if (!lost && !stillLost) {
            return;
        }
        Duration pause = loginRefused ? longer(nextPause, LEAST_PAUSE_OF_LOGINS) : nextPause;
        nextPause = shorter(nextPause.multipliedBy(2), settings.longestPause());
        long now = clock.nanoTime();
        opened = lost ? now : opened;
        state = State.OPEN;
        openUntil = now + pause.toNanos();
        lastFailure = failure;
        untold.add(
                lost
                        ? UpstreamLost.of(upstream, failures, pause, failure)
                        : UpstreamStillLost.of(upstream, pause, failure));
    }

    /** A login that was refused for good does not become right by being tried again. */
    private boolean isEnough(int inARow, boolean loginRefused) {
        return inARow >= settings.failures() || loginRefused && settings.failures() != Integer.MAX_VALUE;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * Tells what there is to tell, in the order in which it came to be. Outside of the lock, for a listener may take its
     * time; while one thread is with it, the others leave theirs to that thread.
     */
    private void tellAll() {
        while (!untold.isEmpty() && telling.compareAndSet(false, true)) {
            try {
                for (RelayEvent event = untold.poll(); event != null; event = untold.poll()) {
                    tell(event);
                }
            } finally {
                telling.set(false);
            }
        }
    }

    private void tell(RelayEvent event) {
        if (event instanceof UpstreamLost lost) {
            LOG.warn(
                    "{} cannot be reached, {} attempts in a row failed; the next one in {} ms: {}",
                    upstream,
                    lost.attempts(),
                    lost.pause().toMillis(),
                    lost.detail());
        } else if (event instanceof UpstreamFound) {
            LOG.info("{} can be reached again", upstream);
        }
        PluginGuard.tell(listener, event);
    }
}
