package dev.postern.internal.upstream;

import dev.postern.internal.upstream.UpstreamException.Kind;
import dev.postern.internal.upstream.UpstreamPool.Circuit;
import dev.postern.spi.RelayClock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spares clients the wait for an upstream that cannot be reached, so that another one is asked at once. Opens after so many
 * attempts in a row have failed; after a pause one attempt, a single one at a time, finds out whether it can be reached
 * again. Only attempts to connect count, not what becomes of messages.
 */
final class CircuitBreaker {

    private static final Logger LOG = LoggerFactory.getLogger(UpstreamPool.class); // the stage's

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
    private State state = State.CLOSED;
    private int failures; // in a row
    private long openUntil;
    private String lastFailure = "";

    CircuitBreaker(String upstream, Circuit settings, RelayClock clock) {
        this.upstream = upstream;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Makes an attempt, if it may be made now.
     *
     * @throws UpstreamException when it may not, or failed
     */
    ReadyConnection run(Attempt attempt) throws UpstreamException {
        boolean probe = enter();
        String failure = "defect"; // what is thrown beside an UpstreamException
        try {
            ReadyConnection ready = attempt.open();
            failure = "";
            return ready;
        } catch (UpstreamException e) {
            failure = String.valueOf(e.getMessage());
            throw e;
        } finally {
            if (failure.isEmpty()) {
                succeeded();
            } else {
                failed(probe, failure);
            }
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
    private void succeeded() {
        if (close()) {
            LOG.info("{} can be reached again", upstream);
        }
    }

    private synchronized boolean close() {
        boolean wasOpen = state != State.CLOSED;
        state = State.CLOSED;
        failures = 0;
        return wasOpen;
    }

    private void failed(boolean probe, String failure) {
        if (opens(probe, failure) && !probe) {
            LOG.warn(
                    "{} cannot be reached, {} attempts in a row failed; the next one in {} s: {}",
                    upstream,
                    settings.failures(),
                    settings.pause().toSeconds(),
                    failure);
        }
    }

    private synchronized boolean opens(boolean probe, String failure) {
        boolean opens = state == State.HALF_OPEN && probe || state == State.CLOSED && ++failures >= settings.failures();
        if (opens) {
            state = State.OPEN;
            openUntil = clock.nanoTime() + settings.pause().toNanos();
            lastFailure = failure;
        }
        return opens;
    }
}
