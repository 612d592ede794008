package dev.postern.settings;

import java.util.List;
import java.util.Map;

/** What differs between two groups of settings, for a log line. */
final class Changes {

    private Changes() {}

    /** Tells which values are others now, for instance {@code perUser 10 -> 3}. Both have the same names. */
    static List<String> between(Map<String, Object> before, Map<String, Object> after) {
        return before.entrySet().stream()
                .filter(old -> !old.getValue().equals(after.get(old.getKey())))
                .map(old -> old.getKey() + " " + old.getValue() + " -> " + after.get(old.getKey()))
                .sorted()
                .toList();
    }
}
