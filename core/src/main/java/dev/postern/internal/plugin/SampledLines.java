package dev.postern.internal.plugin;

import dev.postern.spi.RelayClock;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * Keeps a flood of one trouble from being a flood of lines in the log: of each kind some are let through in a minute, the
 * others are counted, and the next line that is let through says how many. Safe for use by several threads.
 */
public final class SampledLines {

    /** Lines of a kind in a minute. */
    static final int MOST = 10;

    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final RelayClock clock;
    private final ConcurrentMap<String, Kind> kinds = new ConcurrentHashMap<>();

    public SampledLines(RelayClock clock) {
        this.clock = clock;
    }

    /**
     * Has a line written, or counts it.
     *
     * @param kind what is counted together; no text of a client's, for each is remembered
     * @param line writes it; gets the text for its end, which says how many there were, or is empty
     */
    public void say(String kind, Consumer<String> line) {
        long leftOut =
                kinds.computeIfAbsent(kind, k -> new Kind(clock.nanoTime())).enter(clock.nanoTime());
        if (leftOut >= 0) {
            line.accept(leftOut == 0 ? "" : " (and " + leftOut + " times more since the last such line)");
        }
    }

    /** The lines of one kind. */
    private static final class Kind {
        private long begun;
        private int lines;
        private long leftOut;

        private Kind(long now) {
            begun = now;
        }

        /** Returns how many were left out since the last line, or -1 when this one is as well. */
        private synchronized long enter(long now) {
            if (now - begun >= MINUTE) {
                begun = now;
                lines = 0;
            }
            if (lines == MOST) {
                leftOut++;
                return -1;
            }
            lines++;
            long before = leftOut;
            leftOut = 0;
            return before;
        }
    }
}
