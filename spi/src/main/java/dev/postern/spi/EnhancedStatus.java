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
     * @throws IllegalArgumentException when a part is out of its bounds
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
     * Reads an enhanced status code at the beginning of a reply's text, where it must stand alone or be followed by a
     * space (RFC 2034 section 4).
     *
     * @param text a reply's text, without the reply code
     * @return the code, empty when the text does not begin with one
     */
    public static Optional<EnhancedStatus> leading(String text) {
        int end = text.indexOf(' ');
        String[] parts = (end < 0 ? text : text.substring(0, end)).split("\\.", -1);
        if (parts.length != 3 || !parts[0].matches("[245]")) {
            return Optional.empty();
        }
        for (String part : parts) {
            if (!part.matches("[0-9]{1,3}")) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new EnhancedStatus(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
    }

    /**
     * Parses a code such as {@code 4.2.2}.
     *
     * @param text the code and nothing else
     * @return the code
     * @throws IllegalArgumentException when the text is no enhanced status code
     */
    public static EnhancedStatus parse(String text) {
        return leading(text)
                .filter(status -> text.indexOf(' ') < 0)
                .orElseThrow(() -> new IllegalArgumentException("not an enhanced status code: " + text));
    }

    /** Returns the code as it stands in a reply, for instance {@code 5.7.8}. */
    @Override
    public String toString() {
        return statusClass + "." + subject + "." + detail;
    }
}
