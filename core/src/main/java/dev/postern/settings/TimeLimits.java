package dev.postern.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/** How long a client, a plug-in and the reply to a message may take. Immutable. */
public final class TimeLimits {

    /** No limit, for time limits that can be switched off. */
    public static final Duration UNLIMITED = ChronoUnit.FOREVER.getDuration();

    private static final TimeLimits DEFAULTS = new TimeLimits(new Fields());
    private static final Duration SHORTEST_REPLY = Duration.ofSeconds(10);

    private final Fields fields;

    private static final class Fields extends Values {
        private Duration inactivity = Duration.ofMinutes(2);
        private Duration commandLine = Duration.ofMinutes(2);
        private int contentRate = 500;
        private Duration unread = Duration.ofSeconds(60);
        private Duration handshake = Duration.ofSeconds(30);
        private Duration proxyHeader = Duration.ofSeconds(5);
        private Duration reply = Duration.ofMinutes(9);
        private Duration plugin = Duration.ofSeconds(2);
    }

    private TimeLimits(Fields fields) {
        this.fields = fields;
    }

    private TimeLimits with(Consumer<Fields> change) {
        return new TimeLimits(Values.copy(fields, change));
    }

    /** {@return the default limits} */
    public static TimeLimits defaults() {
        return DEFAULTS;
    }

    /**
     * Limits how long a client may stay silent. Default: 2 min.
     *
     * @param limit positive, at most a day; or {@link #UNLIMITED}
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withInactivity(Duration limit) {
        return with(copy -> copy.inactivity = Bounds.timeOrUnlimited("inactivity", limit));
    }

    /**
     * Limits how long a command line may take from its first octet to its last. Default: 2 min.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withCommandLine(Duration limit) {
        return with(copy -> copy.commandLine = Bounds.time("commandLine", limit));
    }

    /**
     * Sets how fast content must arrive once it has taken longer than {@link #inactivity()}. Default: 500 octets a
     * second.
     *
     * @param octetsPerSecond 1 or more
     * @return a copy
     * @throws IllegalArgumentException when octetsPerSecond is under 1
     */
    public TimeLimits withContentRate(int octetsPerSecond) {
        return with(copy -> copy.contentRate = Bounds.atLeast("contentRate", 1, octetsPerSecond));
    }

    /**
     * Limits how long a client may leave replies unread. Default: 60 s.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withUnread(Duration limit) {
        return with(copy -> copy.unread = Bounds.time("unread", limit));
    }

    /**
     * Limits how long a TLS handshake may take. Default: 30 s.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withHandshake(Duration limit) {
        return with(copy -> copy.handshake = Bounds.time("handshake", limit));
    }

    /**
     * Limits how long a proxy's PROXY header may take. Default: 5 s.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withProxyHeader(Duration limit) {
        return with(copy -> copy.proxyHeader = Bounds.time("proxyHeader", limit));
    }

    /**
     * Limits how long a client waits for the reply to its content. Everything counts: checks, waiting for a turn and
     * for a connection, one upstream after another. The relay tries no upstream when less than a second is left.
     * Default: 9 min, because a client waits ten (RFC 5321 section 4.5.3.2.6) and then sends the message again. A
     * host's own delivery gets the time left from {@link dev.postern.spi.Submission#timeLeft()}.
     *
     * @param limit 10 s to a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withReply(Duration limit) {
        return with(copy -> copy.reply = Bounds.between("reply", SHORTEST_REPLY, Bounds.DAY, limit));
    }

    /**
     * Sets how long a host's plug-in may take before it counts as failed; deliveries bound their own time. Default: 2
     * s.
     *
     * @param limit positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public TimeLimits withPlugin(Duration limit) {
        return with(copy -> copy.plugin = Bounds.time("plugin", limit));
    }

    /** {@return how long a client may stay silent; {@link #UNLIMITED} when there is no limit} */
    public Duration inactivity() {
        return fields.inactivity;
    }

    /** {@return how long a command line may take, from its first octet to its last} */
    public Duration commandLine() {
        return fields.commandLine;
    }

    /** {@return how fast content must arrive, in octets a second} */
    public int contentRate() {
        return fields.contentRate;
    }

    /** {@return how long a client may leave replies unread, from the first octet that cannot be sent} */
    public Duration unread() {
        return fields.unread;
    }

    /** {@return how long a TLS handshake may take, from its first octet to its last} */
    public Duration handshake() {
        return fields.handshake;
    }

    /** {@return how long a PROXY header may take from the connection on} */
    public Duration proxyHeader() {
        return fields.proxyHeader;
    }

    /** {@return how long a client waits for the reply to its content, from the end of the content} */
    public Duration reply() {
        return fields.reply;
    }

    /** {@return how long one call of a host's plug-in may take} */
    public Duration plugin() {
        return fields.plugin;
    }
}
