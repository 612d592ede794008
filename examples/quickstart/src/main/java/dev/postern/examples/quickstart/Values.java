package dev.postern.examples.quickstart;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads numbers, sizes and durations of the command line; errors say what to write. */
final class Values {

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})([kmg]?)");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    private Values() {}

    static boolean isUnlimited(String text) {
        return text.equals("0") || text.equalsIgnoreCase("none");
    }

    static int count(String text) {
        if (isUnlimited(text)) {
            return Integer.MAX_VALUE;
        }
        try {
            return positive(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no number of 1 to " + Integer.MAX_VALUE + ", and not none", e);
        }
    }

    private static int positive(int number) {
        if (number < 1) {
            throw new NumberFormatException("not positive");
        }
        return number;
    }

    /** Reads a size in octets; k, m and g are powers of 1024. */
    static long octets(String text) {
        if (isUnlimited(text)) {
            return Long.MAX_VALUE;
        }
        Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (size.matches()) {
            int shift = 10 * " kmg".indexOf(size.group(2).isEmpty() ? " " : size.group(2));
            long number = Long.parseLong(size.group(1));
            if (number > 0 && number <= Long.MAX_VALUE >> shift) {
                return number << shift;
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is no number of octets; write for instance 20971520, 500k, 20m, 1g or none");
    }

    static Duration duration(String text) {
        Matcher duration = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (!duration.matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no duration; write for instance 500ms, 30s, 10m or 1h");
        }
        long number = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }
}
