package dev.postern.settings;

import java.util.function.Consumer;

/** The values of one group of settings. They change only while a copy of them is made. */
abstract class Values implements Cloneable {

    /** Returns a copy in which something is changed. */
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
}
