package dev.postern.settings;

import java.time.Duration;
import java.util.Objects;

/** Checks the bounds of settings. Each check fails with the setting's name. */
final class Bounds {

    static final Duration DAY = Duration.ofDays(1);

    private Bounds() {}

    static int atLeast(String setting, int least, int value) {
        return (int) atLeast(setting, (long) least, value);
    }

    static long atLeast(String setting, long least, long value) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " must be " + least + " or more, not " + value);
        }
        return value;
    }

    static int between(String setting, int least, int most, int value) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(setting + " must be " + least + " to " + most + ", not " + value);
        }
        return value;
    }

    /** A duration: positive, at most a day. */
    static Duration time(String setting, Duration value) {
        Objects.requireNonNull(value, setting);
        if (value.isZero() || value.isNegative() || value.compareTo(DAY) > 0) {
            throw new IllegalArgumentException(setting + " must be positive, and a day at most, not " + text(value));
        }
        return value;
    }

    static Duration between(String setting, Duration least, Duration most, Duration value) {
        Objects.requireNonNull(value, setting);
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    setting + " must be " + text(least) + " to " + text(most) + ", not " + text(value));
        }
        return value;
    }

    /** A duration, or {@link TimeLimits#UNLIMITED}. */
    static Duration timeOrUnlimited(String setting, Duration value) {
        return TimeLimits.UNLIMITED.equals(value) ? value : time(setting, value);
    }

    private static String text(Duration time) {
        return time.toMillisPart() == 0
                ? time.toSeconds() + " s"
                : time.toSeconds() * 1000 + time.toMillisPart() + " ms";
    }
}
