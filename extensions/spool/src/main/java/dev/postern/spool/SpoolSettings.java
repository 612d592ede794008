package dev.postern.spool;

import dev.postern.spi.MailAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A spool's retry schedule, time to give up, and capacity. Immutable: each {@code withX} returns a copy, and fails at
 * once, with the setting's name, when the value is wrong.
 */
public final class SpoolSettings {

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final String LOCALHOST = "localhost";
    private static final SpoolSettings DEFAULTS = new SpoolSettings(
            List.of(
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(30),
                    Duration.ofHours(1)),
            Duration.ofSeconds(30),
            16,
            new Bounds(100_000, 10L << 30, 20_000, 2L << 30),
            new Shared(Duration.ofSeconds(30), Duration.ofSeconds(10)),
            new Told(Duration.ofDays(2), Duration.ofHours(4), 1 << 20, ""));

    private final List<Duration> retry;
    private final Duration probe;
    private final int attempts;
    private final Bounds bounds;
    private final Shared shared;
    private final Told told;

    /** The capacity. */
    private record Bounds(long messages, long octets, long accountMessages, long accountOctets) {}

    /** A node's times for its database and the other nodes. */
    private record Shared(Duration lease, Duration timeout) {}

    /** When senders are notified, and of what. */
    private record Told(Duration giveUp, Duration delayNotice, int maxReturned, String hostName) {}

    private SpoolSettings(List<Duration> retry, Duration probe, int attempts, Bounds bounds, Shared shared, Told told) {
        this.retry = retry;
        this.probe = probe;
        this.attempts = attempts;
        this.bounds = bounds;
        this.shared = shared;
        this.told = told;
    }

    private SpoolSettings with(Shared newShared) {
        return new SpoolSettings(retry, probe, attempts, bounds, newShared, told);
    }

    private SpoolSettings with(Told newTold) {
        return new SpoolSettings(retry, probe, attempts, bounds, shared, newTold);
    }

    /** {@return the default settings} */
    public static SpoolSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Sets how long a message waits after an attempt that failed temporarily: the first pause after the first attempt,
     * and so on; the last one repeats. Each is varied by up to a tenth, so that messages spread. Default: 1, 5, 15 and
     * 30 minutes, then every hour.
     *
     * @param pauses 1 to 50 of them, each 100 ms to 30 days
     * @return a copy
     * @throws IllegalArgumentException when pauses is out of bounds
     */
    public SpoolSettings withRetry(Duration... pauses) {
        Objects.requireNonNull(pauses, "pauses");
        if (pauses.length < 1 || pauses.length > 50) {
            throw new IllegalArgumentException("pauses must be 1 to 50, not " + pauses.length);
        }
        for (Duration pause : pauses) {
            checked("pauses", pause);
        }
        return new SpoolSettings(List.of(pauses), probe, attempts, bounds, shared, told);
    }

    /**
     * Sets how long a message is tried before its sender is notified that it could not be delivered. Default: 2 days.
     * RFC 5321 section 4.5.4.1 recommends 4 to 5 days for other people's servers; one's own upstream is usually back
     * sooner.
     *
     * @param newGiveUp 100 ms to 30 days
     * @return a copy
     * @throws IllegalArgumentException when newGiveUp is out of bounds
     */
    public SpoolSettings withGiveUp(Duration newGiveUp) {
        checked("giveUp", newGiveUp);
        return with(new Told(newGiveUp, told.delayNotice, told.maxReturned, told.hostName));
    }

    /**
     * Sets after which time a sender is notified, once, that a message is still being tried, unless the client asked
     * for no such notice (RFC 3461 section 4.1). Default: 4 hours. A time of {@link #withGiveUp} or longer means never.
     *
     * @param newDelayNotice 100 ms to 30 days
     * @return a copy
     * @throws IllegalArgumentException when newDelayNotice is out of bounds
     */
    public SpoolSettings withDelayNotice(Duration newDelayNotice) {
        checked("delayNotice", newDelayNotice);
        return with(new Told(told.giveUp, newDelayNotice, told.maxReturned, told.hostName));
    }

    /**
     * Sets how often an unreachable upstream is tried, with one message; all others wait until it is back, without
     * using up attempts. Default: 30 seconds. A time shorter than the upstream's circuit pause only finds the circuit
     * open.
     *
     * @param newProbe 100 ms to 30 days
     * @return a copy
     * @throws IllegalArgumentException when newProbe is out of bounds
     */
    public SpoolSettings withProbe(Duration newProbe) {
        checked("probe", newProbe);
        return new SpoolSettings(retry, newProbe, attempts, bounds, shared, told);
    }

    /**
     * Sets how many messages are sent to the upstream at the same time. Default: 16. Each uses a thread.
     *
     * @param newAttempts 1 to 1,000
     * @return a copy
     * @throws IllegalArgumentException when newAttempts is out of bounds
     */
    public SpoolSettings withAttempts(int newAttempts) {
        if (newAttempts < 1 || newAttempts > 1000) {
            throw new IllegalArgumentException("attempts must be 1 to 1000, not " + newAttempts);
        }
        return new SpoolSettings(retry, probe, newAttempts, bounds, shared, told);
    }

    /**
     * Limits how much may wait in the spool; beyond that, messages are refused temporarily. Default: 100,000 messages
     * and 10 GiB. Nodes that share a database see what others have accepted a second later. With a directory, messages
     * are also refused temporarily while less than 64 MiB are free, counting the disk and free space within the file.
     *
     * @param messages 1 or more
     * @param octets 1 or more
     * @return a copy
     * @throws IllegalArgumentException when a bound is under 1
     */
    public SpoolSettings withCapacity(long messages, long octets) {
        positive("messages", messages);
        positive("octets", octets);
        Bounds changed = new Bounds(messages, octets, bounds.accountMessages, bounds.accountOctets);
        return withBounds(changed);
    }

    /**
     * Limits how much of one account may wait in the spool; beyond that, its messages are refused temporarily. Default:
     * 20,000 messages and 2 GiB, so that one account cannot fill the spool for all.
     *
     * @param messages 1 or more
     * @param octets 1 or more
     * @return a copy
     * @throws IllegalArgumentException when a bound is under 1
     */
    public SpoolSettings withCapacityPerAccount(long messages, long octets) {
        positive("messages", messages);
        positive("octets", octets);
        return withBounds(new Bounds(bounds.messages, bounds.octets, messages, octets));
    }

    private SpoolSettings withBounds(Bounds newBounds) {
        return new SpoolSettings(retry, probe, attempts, newBounds, shared, told);
    }

    /**
     * Sets after which time without a heartbeat a node that shares the database counts as dead, so that others take
     * over its attempts. Default: 30 seconds. If the node was only paused for longer, its messages may be sent twice,
     * which is marked.
     *
     * @param newLease 100 ms to 30 days
     * @return a copy
     * @throws IllegalArgumentException when newLease is out of bounds
     */
    public SpoolSettings withLease(Duration newLease) {
        checked("lease", newLease);
        return with(new Shared(newLease, shared.timeout));
    }

    /**
     * Sets how long the database server may be silent before a statement counts as failed; for a directory, how long
     * another program may lock its file. Default: 10 seconds.
     *
     * @param newTimeout 100 ms to 1 hour
     * @return a copy
     * @throws IllegalArgumentException when newTimeout is out of bounds
     */
    public SpoolSettings withTimeout(Duration newTimeout) {
        Objects.requireNonNull(newTimeout, "timeout");
        if (newTimeout.compareTo(SHORTEST) < 0 || newTimeout.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("timeout must be 100 ms to 1 hour, not " + newTimeout);
        }
        return with(new Shared(shared.lease, newTimeout));
    }

    /**
     * Sets up to which size a failed message is returned whole to a sender who asked for that (RFC 3461 section 4.3);
     * otherwise only the header section is returned. Default: 1 MiB. The message is held in memory while the notice is
     * created.
     *
     * @param octets 0 to 64 MiB
     * @return a copy
     * @throws IllegalArgumentException when octets is out of bounds
     */
    public SpoolSettings withMaxReturned(int octets) {
        if (octets < 0 || octets > 64 << 20) {
            throw new IllegalArgumentException("octets must be 0 to 64 MiB, not " + octets);
        }
        return with(new Told(told.giveUp, told.delayNotice, octets, told.hostName));
    }

    /**
     * Sets this relay's name in notices (Reporting-MTA of RFC 3464 section 2.2.2, and the domain of their From:
     * address). Default, like the relay's own name: this machine's name, or {@code localhost} if that is not a domain.
     *
     * @param newHostName a domain
     * @return a copy
     * @throws IllegalArgumentException when newHostName is not a domain
     */
    public SpoolSettings withHostName(String newHostName) {
        if (!MailAddress.isDomain(Objects.requireNonNull(newHostName, "hostName"))) {
            throw new IllegalArgumentException("hostName must be a domain, not " + newHostName);
        }
        return with(new Told(told.giveUp, told.delayNotice, told.maxReturned, newHostName));
    }

    /** Returns the settings with this machine's name if none was set. */
    SpoolSettings named() {
        if (!told.hostName.isEmpty()) {
            return this;
        }
        try {
            String name = InetAddress.getLocalHost().getHostName();
            return withHostName(MailAddress.isDomain(name) ? name : LOCALHOST);
        } catch (UnknownHostException e) {
            return withHostName(LOCALHOST); // a machine that does not know its name
        }
    }

    private static void checked(String name, Duration value) {
        Objects.requireNonNull(value, name);
        if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be 100 ms to 30 days, not " + value);
        }
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
        }
    }

    /** Returns the pause after this many attempts, 1 or more, without jitter. */
    Duration pauseAfter(int attemptsSoFar) {
        return retry.get(Math.min(Math.max(attemptsSoFar, 1), retry.size()) - 1);
    }

    /** {@return how long a message is tried; see {@link #withGiveUp}} */
    public Duration giveUp() {
        return told.giveUp;
    }

    /** {@return when a delay is reported; see {@link #withDelayNotice}} */
    public Duration delayNotice() {
        return told.delayNotice;
    }

    /** {@return the number of simultaneous attempts; see {@link #withAttempts}} */
    public int attempts() {
        return attempts;
    }

    /** {@return when a silent node counts as dead; see {@link #withLease}} */
    public Duration lease() {
        return shared.lease;
    }

    Duration probe() {
        return probe;
    }

    Duration timeout() {
        return shared.timeout;
    }

    int maxReturned() {
        return told.maxReturned;
    }

    String hostName() {
        return told.hostName;
    }

    boolean full(long messages, long octets) {
        return messages > bounds.messages || octets > bounds.octets;
    }

    boolean fullForAccount(long messages, long octets) {
        return messages > bounds.accountMessages || octets > bounds.accountOctets;
    }
}
