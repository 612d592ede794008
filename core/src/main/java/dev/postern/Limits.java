package dev.postern;

import java.time.Duration;

/** What a parameter may be; each check fails at the call that is wrong, with the parameter's name. */
final class Limits {

    private static final Duration DAY = Duration.ofDays(1);

    private Limits() {}

    static int atLeast(String parameter, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(parameter + " must be " + least + " or more, not " + value);
        }
        return value;
    }

    static Duration time(String parameter, Duration value) {
        if (value.isZero() || value.isNegative() || value.compareTo(DAY) > 0) {
            throw new IllegalArgumentException(
                    parameter + " must be positive, and a day at most, not " + value.toSeconds() + " s");
        }
        return value;
    }

    static int port(String parameter, int value) {
        if (value < 0 || value > 65_535) {
            throw new IllegalArgumentException(parameter + " must be 0 to 65535, not " + value);
        }
        return value;
    }
}
