package dev.postern.settings;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * When the relay stops trying an upstream that it cannot reach. Messages then go to another upstream or are refused at
 * once. After a pause, one message at a time tries the upstream again. Immutable.
 */
public final class CircuitSettings {

    private static final CircuitSettings DEFAULTS = new CircuitSettings(new Fields());

    private final Fields fields;

    private static final class Fields extends Values {
        private int failures = 5;
        // short: an upstream that is back should be found at once, and an attempt a second is no burden to anyone
        private Duration firstPause = Duration.ofMillis(50);
        private Duration longestPause = Duration.ofSeconds(1);
    }

    private CircuitSettings(Fields fields) {
        this.fields = fields;
    }

    private CircuitSettings with(Consumer<Fields> change) {
        return new CircuitSettings(Values.copy(fields, change));
    }

    /** {@return the default settings} */
    public static CircuitSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Sets how many attempts to connect, TLS and login included, must fail in a row. Default: 5. A single refused login
     * is enough, and makes the pause at least 10 s.
     *
     * @param inARow 1 or more; {@link Integer#MAX_VALUE} never stops trying
     * @return a copy
     * @throws IllegalArgumentException when inARow is under 1
     */
    public CircuitSettings withFailures(int inARow) {
        return with(copy -> copy.failures = Bounds.atLeast("failures", 1, inARow));
    }

    /**
     * Sets the same length for all pauses.
     *
     * @param pause positive, at most a day. A recovered upstream may wait this long for its first message, so keep it
     *     short, above all for a single upstream
     * @return a copy
     * @throws IllegalArgumentException when pause is out of bounds
     */
    public CircuitSettings withPause(Duration pause) {
        Bounds.time("pause", pause);
        return withPauses(pause, pause);
    }

    /**
     * Sets pauses that grow: an upstream that only restarted is tried again soon, one that stays down less often.
     * Defaults: 50 ms and 1 s.
     *
     * @param firstPause the pause before the first trial, positive. Each failure doubles the pause
     * @param longestPause at least the first pause, at most a day
     * @return a copy
     * @throws IllegalArgumentException when one is out of bounds
     */
    public CircuitSettings withPauses(Duration firstPause, Duration longestPause) {
        Bounds.time("firstPause", firstPause);
        Bounds.time("longestPause", longestPause);
        if (longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "longestPause must be firstPause (" + firstPause + ") at least, not " + longestPause);
        }
        return with(copy -> {
            copy.firstPause = firstPause;
            copy.longestPause = longestPause;
        });
    }

    /** {@return how many attempts in a row must fail; {@link Integer#MAX_VALUE} for never} */
    public int failures() {
        return fields.failures;
    }

    /** {@return the first pause} */
    public Duration firstPause() {
        return fields.firstPause;
    }

    /** {@return the longest pause} */
    public Duration longestPause() {
        return fields.longestPause;
    }
}
