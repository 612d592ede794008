package dev.postern.settings;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/** How long a client, a plug-in and the reply to a message may take. Immutable. */
public final class TimeLimits {

    /** Without limit, where a limit of time may be left out. */
    public static final Duration UNLIMITED = ChronoUnit.FOREVER.getDuration();

    private static final TimeLimits DEFAULTS = new TimeLimits(new Fields());
    private static final Duration SHORTEST_REPLY = Duration.ofSeconds(10);
    private static final Duration DAY = Duration.ofDays(1);

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

    /**
     * Returns the limits that a relay has without being told others.
     *
     * @return the one instance
     */
    public static TimeLimits defaults() {
        return DEFAULTS;
    }

    /**
     * Limits how long a client may be silent. Default: 2 min.
     *
     * @param limit positive, a day at most; or {@link #UNLIMITED}
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withInactivity(Duration limit) {
        return with(copy -> copy.inactivity = Bounds.timeOrUnlimited("inactivity", limit));
    }

    /**
     * Limits how long a command line may take from its first octet to its last. Default: 2 min.
     *
     * @param limit positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withCommandLine(Duration limit) {
        return with(copy -> copy.commandLine = Bounds.time("commandLine", limit));
    }

    /**
     * Sets how fast content must come, once it has taken as long as a client may be silent. Default: 500 octets a second.
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
     * @param limit positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withUnread(Duration limit) {
        return with(copy -> copy.unread = Bounds.time("unread", limit));
    }

    /**
     * Limits how long a TLS handshake may take. Default: 30 s.
     *
     * @param limit positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withHandshake(Duration limit) {
        return with(copy -> copy.handshake = Bounds.time("handshake", limit));
    }

    /**
     * Limits how long a proxy's PROXY header may take. Default: 5 s.
     *
     * @param limit positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withProxyHeader(Duration limit) {
        return with(copy -> copy.proxyHeader = Bounds.time("proxyHeader", limit));
    }

    /**
     * Limits how long a client waits for the reply to its content, whatever the relay does meanwhile: checks, waits for a
     * turn and for a connection, one upstream after the other. An upstream is asked only while a second of it is left.
     * Default: 9 min, for a client waits ten (RFC 5321 section 4.5.3.2.6), and sends again what was answered later.
     * A delivery of the host's finds what is left of it in {@link dev.postern.spi.Submission#timeLeft()}.
     *
     * @param limit 10 s to a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withReply(Duration limit) {
        return with(copy -> copy.reply = Bounds.between("reply", SHORTEST_REPLY, DAY, limit));
    }

    /**
     * Sets how long a host's plug-in may take before it counts as failed; deliveries bound their own time. Default: 2 s.
     *
     * @param limit positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when limit is out of its bounds
     */
    public TimeLimits withPlugin(Duration limit) {
        return with(copy -> copy.plugin = Bounds.time("plugin", limit));
    }

    /**
     * Returns how long a client may be silent.
     *
     * @return {@link #UNLIMITED} when there is no limit
     */
    public Duration inactivity() {
        return fields.inactivity;
    }

    /**
     * Returns how long a command line may take.
     *
     * @return from its first octet to its last
     */
    public Duration commandLine() {
        return fields.commandLine;
    }

    /**
     * Returns how fast content must come.
     *
     * @return octets a second
     */
    public int contentRate() {
        return fields.contentRate;
    }

    /**
     * Returns how long a client may leave replies unread.
     *
     * @return from the first octet that does not get away
     */
    public Duration unread() {
        return fields.unread;
    }

    /**
     * Returns how long a TLS handshake may take.
     *
     * @return from its first octet to its last
     */
    public Duration handshake() {
        return fields.handshake;
    }

    /**
     * Returns how long a PROXY header may take.
     *
     * @return from the connection on
     */
    public Duration proxyHeader() {
        return fields.proxyHeader;
    }

    /**
     * Returns how long a client waits for the reply to its content.
     *
     * @return from the end of its content on
     */
    public Duration reply() {
        return fields.reply;
    }

    /**
     * Returns how long a host's plug-in may take.
     *
     * @return for one call
     */
    public Duration plugin() {
        return fields.plugin;
    }
}
