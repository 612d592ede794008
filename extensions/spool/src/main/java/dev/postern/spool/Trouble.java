package dev.postern.spool;

import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps messages from being stored: one line of the log for each, ten a minute at most, and a reason for the relay's
 * health until it is over. Safe for use by several threads.
 */
final class Trouble {

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final int MAX_LINES = 10;
    private static final int MAX_TEXT = 300;

    private final RelayClock clock;
    private final LongAdder failures = new LongAdder();
    private volatile @Nullable Failure last; // of a message
    private volatile @Nullable String away; // while the pump cannot look
    private long begun; // guarded by this, as those below
    private int lines;
    private long leftOut;

    /** When it was, for nobody may come later whose message shows that it is over. */
    private record Failure(String why, long nanos) {}

    Trouble(RelayClock clock) {
        this.clock = clock;
        this.begun = clock.nanoTime();
    }

    /** A message could not be stored. */
    void notStored(String submission, Exception e) {
        failures.increment();
        String why = text(e);
        last = new Failure(why, clock.nanoTime());
        long before = enter();
        if (before >= 0) {
            String more = before == 0 ? "" : " (and " + before + " times more since the last such line)";
            LOG.error("Message {} was not spooled: {}{}", submission, why, more);
        }
        LOG.debug("Message {} was not spooled", submission, e);
    }

    /** One was. */
    void stored() {
        if (last != null) {
            last = null;
        }
    }

    /** The pump cannot look at what there is, or can once more when that is null. */
    void cannotLook(@Nullable SpoolException e) {
        if (e != null && away == null) {
            LOG.error("The spool waits for its database: {}", text(e));
            LOG.debug("The spool waits for its database", e);
        } else if (e == null && away != null) {
            LOG.info("The spool's database answers again");
        }
        away = e == null ? null : text(e);
    }

    /** Returns how many lines were left out since the last one, or -1 when this one is as well. */
    private synchronized long enter() {
        long now = clock.nanoTime();
        if (now - begun >= MINUTE) {
            begun = now;
            lines = 0;
        }
        if (lines == MAX_LINES) {
            leftOut++;
            return -1;
        }
        lines++;
        long before = leftOut;
        leftOut = 0;
        return before;
    }

    Optional<String> now() {
        String looking = away;
        Failure failure = last;
        if (looking != null) {
            return Optional.of(looking);
        }
        return failure == null || clock.nanoTime() - failure.nanos > MINUTE
                ? Optional.empty()
                : Optional.of(failure.why);
    }

    long failures() {
        return failures.sum();
    }

    /** What failed, and the first cause of it, which alone says why; texts of databases may quote a message's. */
    private static String text(Throwable e) {
        Throwable cause = e;
        for (int i = 0; i < MAX_LINES && cause.getCause() != null; i++) {
            cause = cause.getCause();
        }
        String what = String.valueOf(e.getMessage());
        return Reply.printable(cause == e ? what : what + ": " + cause, MAX_TEXT);
    }
}
