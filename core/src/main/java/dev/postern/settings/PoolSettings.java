package dev.postern.settings;

import java.time.Duration;
import java.util.function.Consumer;

/** How many connections the relay keeps to an upstream, and for how long. Immutable. */
public final class PoolSettings {

    private static final PoolSettings DEFAULTS = new PoolSettings(new Fields());

    private final Fields fields;

    private static final class Fields extends Values {
        private int min;
        private int max = 100;
        private Duration maxWait = Duration.ofSeconds(30);
        private Duration maxIdle = Duration.ofSeconds(60);
        private int maxMessages = 1000;
        private Duration maxAge = Duration.ofMinutes(10);
    }

    private PoolSettings(Fields fields) {
        this.fields = fields;
    }

    private PoolSettings with(Consumer<Fields> change) {
        return new PoolSettings(Values.copy(fields, change));
    }

    /** {@return the default settings} */
    public static PoolSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Sets the number of connections. When all are in use, or the server accepts no more, messages wait in order.
     * Defaults: 0 and 100.
     *
     * @param min connections kept open without messages, so that the next message does not wait for a handshake; uses a
     *     thread; 0 to {@code max}
     * @param max connections at the same time, 1 or more
     * @return a copy
     * @throws IllegalArgumentException when one is out of bounds
     */
    public PoolSettings withConnections(int min, int max) {
        Bounds.atLeast("max", 1, max);
        Bounds.between("min", 0, max, min);
        return with(copy -> {
            copy.min = min;
            copy.max = max;
        });
    }

    /**
     * Sets how long a message waits for a connection before the client gets {@link
     * dev.postern.spi.StandardReply#UPSTREAM_UNREACHABLE}. Default: 30 s.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public PoolSettings withMaxWait(Duration limit) {
        return with(copy -> copy.maxWait = Bounds.time("maxWait", limit));
    }

    /**
     * Sets how long a connection above the minimum is kept for the next message. Default: 60 s.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when time is out of bounds
     */
    public PoolSettings withMaxIdle(Duration time) {
        return with(copy -> copy.maxIdle = Bounds.time("maxIdle", time));
    }

    /**
     * Sets how many messages a connection carries before a new one replaces it, so that added or moved servers are
     * found. Default: 1000.
     *
     * @param max 1 or more; 1 for a new connection for each message
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public PoolSettings withMaxMessages(int max) {
        return with(copy -> copy.maxMessages = Bounds.atLeast("maxMessages", 1, max));
    }

    /**
     * Sets how old a connection may get before a new one replaces it. Default: 10 min.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public PoolSettings withMaxAge(Duration limit) {
        return with(copy -> copy.maxAge = Bounds.time("maxAge", limit));
    }

    /** {@return how many connections are kept open without messages; 0 for none} */
    public int min() {
        return fields.min;
    }

    /** {@return the most connections at the same time} */
    public int max() {
        return fields.max;
    }

    /** {@return how long a message waits for a connection} */
    public Duration maxWait() {
        return fields.maxWait;
    }

    /** {@return how long a connection above the minimum is kept for the next message} */
    public Duration maxIdle() {
        return fields.maxIdle;
    }

    /** {@return how many messages a connection carries before a new one replaces it} */
    public int maxMessages() {
        return fields.maxMessages;
    }

    /**
     * {@return how old a connection may get before a new one replaces it}
     */
    public Duration maxAge() {
        return fields.maxAge;
    }
}
