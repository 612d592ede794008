package dev.postern.spring;

import dev.postern.settings.TimeLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Puts properties into a group of settings. What the group refuses is told with the property's name. */
final class Group<T> {

    private static final int UNLIMITED = -1;

    private T settings;
    private final Faults faults;

    private Group(T settings, Faults faults) {
        this.settings = settings;
        this.faults = faults;
    }

    static <T> Group<T> of(T defaults, Faults faults) {
        return new Group<>(defaults, faults);
    }

    <V> Group<T> with(String property, BiFunction<T, V, T> setter, V value) {
        return with(property, before -> setter.apply(before, value));
    }

    Group<T> with(String property, UnaryOperator<T> change) {
        faults.check(property, () -> settings = change.apply(settings));
        return this;
    }

    Group<T> when(boolean wanted, UnaryOperator<T> change) {
        settings = wanted ? change.apply(settings) : settings;
        return this;
    }

    T settings() {
        return settings;
    }

    /**
     * {@return the elements of a list} What is empty between two commas has become null.
     *
     * @throws IllegalArgumentException when there is such an element
     */
    static <V> Collection<V> elements(Collection<@Nullable V> values) {
        List<V> elements = new ArrayList<>();
        for (V value : values) {
            if (value == null) {
                throw new IllegalArgumentException("must have no empty element");
            }
            elements.add(value);
        }
        return elements;
    }

    /** {@return the number, or the one that stands for no limit where it is -1} */
    static int orUnlimited(int number) {
        return number == UNLIMITED ? Integer.MAX_VALUE : number;
    }

    /** {@return the time, or the one that stands for no limit where it is -1} */
    static Duration orUnlimited(Duration time) {
        return time.equals(Duration.ofMillis(UNLIMITED)) ? TimeLimits.UNLIMITED : time;
    }
}
