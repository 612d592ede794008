package dev.postern.settings;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The values of one group of settings. They change only while a copy of them is made. */
abstract class Values implements Cloneable {

    /** Returns a changed copy. */
    @SuppressWarnings("unchecked") // a clone has the class of its original
    static <V extends Values> V copy(V from, Consumer<V> change) {
        try {
            V copy = (V) from.clone();
            change.accept(copy);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("a defect: values can be cloned", e);
        }
    }

    /** Lists the values that differ, for instance {@code perUser 10 -> 3}. Both have the same names. */
    static List<String> changes(Map<String, Object> before, Map<String, Object> after) {
        return before.entrySet().stream()
                .filter(old -> !old.getValue().equals(after.get(old.getKey())))
                .map(old -> old.getKey() + " " + old.getValue() + " -> " + after.get(old.getKey()))
                .sorted()
                .toList();
    }
}
