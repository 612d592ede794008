package dev.postern.spi;

import java.util.Optional;

/**
 * An enhanced status code (RFC 3463 section 2), such as {@code 5.7.8}.
 *
 * @param statusClass the class: 2 (success), 4 (persistent transient failure) or 5 (permanent failure)
 * @param subject the subject, 0 to 999
 * @param detail the detail, 0 to 999
 */
public record EnhancedStatus(int statusClass, int subject, int detail) {

    /**
     * Checks the bounds.
     *
     * @param statusClass as {@link #statusClass()}
     * @param subject as {@link #subject()}
     * @param detail as {@link #detail()}
     * @throws IllegalArgumentException when a part is out of bounds
     */
    public EnhancedStatus {
        if (statusClass != 2 && statusClass != 4 && statusClass != 5) {
            throw new IllegalArgumentException("statusClass must be 2, 4 or 5, not " + statusClass);
        }
        if (subject < 0 || subject > 999 || detail < 0 || detail > 999) {
            throw new IllegalArgumentException(
                    "subject and detail must be 0 to 999, not " + subject + " and " + detail);
        }
    }

    /**
     * Reads an enhanced status code at the beginning of a reply's text, alone or followed by a space (RFC 2034 section
     * 4).
     *
     * @param text a reply's text, without the reply code
     * @return the code, empty when the text does not begin with one
     */
    public static Optional<EnhancedStatus> leading(String text) {
        int space = text.indexOf(' ');
        int end = space < 0 ? text.length() : space;
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        if (first != 1 || second < 0 || end < second) {
            return Optional.empty();
        }
        int statusClass = number(text, 0, first);
        int subject = number(text, first + 1, second);
        int detail = number(text, second + 1, end);
        boolean known = statusClass == 2 || statusClass == 4 || statusClass == 5;
        return known && subject >= 0 && detail >= 0
                ? Optional.of(new EnhancedStatus(statusClass, subject, detail))
                : Optional.empty();
    }

    /** Reads one to three digits; -1 for anything else. */
    private static int number(String text, int from, int end) {
        if (end - from < 1 || end - from > 3) {
            return -1;
        }
        int number = 0;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + c - '0';
        }
        return number;
    }

    /**
     * Parses a code such as {@code 4.2.2}.
     *
     * @param text the code and nothing else
     * @return the code
     * @throws IllegalArgumentException when the text is not an enhanced status code
     */
    public static EnhancedStatus parse(String text) {
        return leading(text)
                .filter(status -> text.indexOf(' ') < 0)
                .orElseThrow(() -> new IllegalArgumentException("not an enhanced status code: " + text));
    }

    /** Returns the code as written in a reply, for instance {@code 5.7.8}. */
    @Override
    public String toString() {
        return statusClass + "." + subject + "." + detail;
    }
}
