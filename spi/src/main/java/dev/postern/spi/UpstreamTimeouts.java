package dev.postern.spi;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long an upstream may take for each step (RFC 5321 section 4.5.3.2). The defaults are shorter than the RFC's,
 * because the relay's own client is waiting meanwhile. A step that is too slow is ended, even a blocked write. Each
 * time is positive and at most a day. Immutable.
 *
 * <p>A time-out before MAIL is {@link DeliveryResult.Reason#UNREACHABLE}, at MAIL {@link
 * DeliveryResult.Reason#TURNED_AWAY}, after the end of the content {@link DeliveryResult.Reason#AMBIGUOUS}, otherwise
 * {@link DeliveryResult.Reason#FAILED}.
 */
public final class UpstreamTimeouts {

    /** The largest block written at once. */
    public static final int BLOCK_OCTETS = 128 * 1024;

    private static final Duration DAY = Duration.ofDays(1);
    private static final UpstreamTimeouts DEFAULTS = new UpstreamTimeouts(Map.of(
            Step.CONNECT, Duration.ofSeconds(30),
            Step.GREETING, Duration.ofMinutes(1),
            Step.COMMAND, Duration.ofMinutes(1),
            Step.MAIL, Duration.ofMinutes(2),
            Step.RCPT, Duration.ofMinutes(2),
            Step.DATA_INITIATION, Duration.ofMinutes(1),
            Step.DATA_BLOCK, Duration.ofMinutes(2),
            Step.DATA_TERMINATION, Duration.ofMinutes(5),
            Step.DELIVERY, Duration.ofMinutes(9)));

    private enum Step {
        CONNECT,
        GREETING,
        COMMAND,
        MAIL,
        RCPT,
        DATA_INITIATION,
        DATA_BLOCK,
        DATA_TERMINATION,
        DELIVERY
    }

    private final Map<Step, Duration> times;

    private UpstreamTimeouts(Map<Step, Duration> times) {
        this.times = times;
    }

    private UpstreamTimeouts with(Step step, String name, Duration time) {
        Map<Step, Duration> changed = new EnumMap<>(times);
        changed.put(step, checked(name, time));
        return new UpstreamTimeouts(changed);
    }

    private Duration time(Step step) {
        return Objects.requireNonNull(times.get(step));
    }

    /**
     * {@return the defaults: 30 s to connect, 1 min for each of greeting, command and DATA, 2 min for each of MAIL,
     * RCPT and block of content, 5 min for the reply to the end of the content, 9 min for the whole delivery}
     */
    public static UpstreamTimeouts defaults() {
        return DEFAULTS;
    }

    /**
     * Sets the same time for every step; the whole delivery keeps its default of 9 min.
     *
     * @param time for each step
     * @return the times
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public static UpstreamTimeouts each(Duration time) {
        Map<Step, Duration> equal = new EnumMap<>(DEFAULTS.times);
        equal.replaceAll((step, before) -> step == Step.DELIVERY ? before : checked("time", time));
        return new UpstreamTimeouts(equal);
    }

    /**
     * Limits each of: looking up the upstream's name, connecting to one of its addresses, the TLS handshake. Default:
     * 30 s.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withConnect(Duration time) {
        return with(Step.CONNECT, "connect", time);
    }

    /**
     * Limits the wait for the greeting (RFC 5321 section 4.5.3.2.1). Default: 1 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withGreeting(Duration time) {
        return with(Step.GREETING, "greeting", time);
    }

    /**
     * Limits each of EHLO, STARTTLS, the steps of AUTH, RSET and NOOP. Default: 1 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withCommand(Duration time) {
        return with(Step.COMMAND, "command", time);
    }

    /**
     * Limits the wait for the reply to MAIL (RFC 5321 section 4.5.3.2.2). Default: 2 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withMail(Duration time) {
        return with(Step.MAIL, "mail", time);
    }

    /**
     * Limits the wait for each reply to RCPT (RFC 5321 section 4.5.3.2.3). Default: 2 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withRcpt(Duration time) {
        return with(Step.RCPT, "rcpt", time);
    }

    /**
     * Limits the wait for the reply to DATA (RFC 5321 section 4.5.3.2.4). Default: 1 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withDataInitiation(Duration time) {
        return with(Step.DATA_INITIATION, "dataInitiation", time);
    }

    /**
     * Limits how long the upstream may leave one block of the content unread (RFC 5321 section 4.5.3.2.5): content of
     * any size may pass as long as it makes progress. Default: 2 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withDataBlock(Duration time) {
        return with(Step.DATA_BLOCK, "dataBlock", time);
    }

    /**
     * Limits the wait for the reply to the end of the content, the final dot or the last chunk (RFC 5321 section
     * 4.5.3.2.6). After that time the message is {@link DeliveryResult.Reason#AMBIGUOUS}. Default: 5 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withDataTermination(Duration time) {
        return with(Step.DATA_TERMINATION, "dataTermination", time);
    }

    /**
     * Limits a delivery as a whole, so that its steps together stay within what a client waits: ten minutes after its
     * own final dot (RFC 5321 section 4.5.3.2.6). The wait for a free connection counts; a wait under {@link
     * DeliveryLimits} and earlier attempts with other upstreams do not. {@link Submission#timeLeft()} bounds all of
     * these together. Default: 9 min.
     *
     * @param time positive, at most a day
     * @return a copy
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public UpstreamTimeouts withDelivery(Duration time) {
        return with(Step.DELIVERY, "delivery", time);
    }

    /** {@return the limit for each of the name lookup, connecting to one address, and the TLS handshake} */
    public Duration connect() {
        return time(Step.CONNECT);
    }

    /** {@return the limit for the greeting} */
    public Duration greeting() {
        return time(Step.GREETING);
    }

    /** {@return the limit for each of EHLO, STARTTLS, the steps of AUTH, RSET and NOOP} */
    public Duration command() {
        return time(Step.COMMAND);
    }

    /** {@return the limit for the reply to MAIL} */
    public Duration mail() {
        return time(Step.MAIL);
    }

    /** {@return the limit for each reply to RCPT} */
    public Duration rcpt() {
        return time(Step.RCPT);
    }

    /** {@return the limit for the reply to DATA, before any content} */
    public Duration dataInitiation() {
        return time(Step.DATA_INITIATION);
    }

    /** {@return the limit for each block of content, at most {@value #BLOCK_OCTETS} octets} */
    public Duration dataBlock() {
        return time(Step.DATA_BLOCK);
    }

    /** {@return the limit for the reply to the end of the content} */
    public Duration dataTermination() {
        return time(Step.DATA_TERMINATION);
    }

    /** {@return the limit for the whole delivery, from asking for a connection to the last reply} */
    public Duration delivery() {
        return time(Step.DELIVERY);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof UpstreamTimeouts that && times.equals(that.times);
    }

    @Override
    public int hashCode() {
        return times.hashCode();
    }

    /** Returns each step with its time. */
    @Override
    public String toString() {
        return "UpstreamTimeouts" + new EnumMap<>(times);
    }

    private static Duration checked(String name, Duration time) {
        Objects.requireNonNull(time, name);
        if (time.isZero() || time.isNegative() || time.compareTo(DAY) > 0) {
            throw new IllegalArgumentException(name + " must be positive, and a day at most, not " + time);
        }
        return time;
    }
}
