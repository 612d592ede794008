package dev.postern.spring;

/** Is told what is wrong with properties. */
@FunctionalInterface
interface Faults {

    /**
     * A property that has a wrong value.
     *
     * @param property the property below the group, as a path of Java names
     * @param says what is wrong, without a secret
     */
    void add(String property, String says);

    /** {@return where to tell of the properties of a group below this one} */
    default Faults in(String group) {
        return (property, says) -> add(property.isEmpty() ? group : group + "." + property, says);
    }

    /** Does something that says by an exception what is wrong with a property. */
    default void check(String property, Runnable action) {
        try {
            action.run();
        } catch (IllegalArgumentException e) {
            add(property, String.valueOf(e.getMessage()));
        }
    }

    /** For properties that were looked at when they were bound. */
    static Faults none() {
        return (property, says) -> {
            throw new IllegalStateException("postern." + property + ": " + says);
        };
    }
}
