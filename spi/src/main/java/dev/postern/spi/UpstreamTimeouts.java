package dev.postern.spi;

import java.time.Duration;

/**
 * How long an upstream may take, step by step (RFC 5321 section 4.5.3.2). By default each is shorter than what the RFC has
 * a client wait, for the relay's own client waits meanwhile. What is too slow is ended, also a write that is blocked.
 * Each time is positive, and a day at most.
 *
 * <p>Before MAIL, a time that is over is {@link DeliveryResult.Reason#UNREACHABLE}, at MAIL {@link
 * DeliveryResult.Reason#TURNED_AWAY}, behind the content's end {@link DeliveryResult.Reason#AMBIGUOUS}, else {@link
 * DeliveryResult.Reason#FAILED}.
 *
 * @param connect for a TCP connection to one address, and again for the TLS handshake
 * @param greeting for the greeting
 * @param command for each of EHLO, STARTTLS, the steps of AUTH, RSET and NOOP
 * @param mail for the reply to MAIL
 * @param rcpt for each reply to RCPT
 * @param dataInitiation for the reply to DATA, before there is content
 * @param dataBlock for each block of the content to be handed over, {@value #BLOCK_OCTETS} octets at most
 * @param dataTermination for the reply to the end of the content
 * @param delivery for all of it together, from asking for a connection to the last reply
 */
public record UpstreamTimeouts(
        Duration connect,
        Duration greeting,
        Duration command,
        Duration mail,
        Duration rcpt,
        Duration dataInitiation,
        Duration dataBlock,
        Duration dataTermination,
        Duration delivery) {

    /** The most that is written as one block. */
    public static final int BLOCK_OCTETS = 128 * 1024;

    private static final Duration DAY = Duration.ofDays(1);
    private static final UpstreamTimeouts DEFAULTS = new UpstreamTimeouts(
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(2),
            Duration.ofMinutes(1),
            Duration.ofMinutes(2),
            Duration.ofMinutes(5),
            Duration.ofMinutes(9));

    /**
     * Checks the times.
     *
     * @param connect as {@link #connect()}
     * @param greeting as {@link #greeting()}
     * @param command as {@link #command()}
     * @param mail as {@link #mail()}
     * @param rcpt as {@link #rcpt()}
     * @param dataInitiation as {@link #dataInitiation()}
     * @param dataBlock as {@link #dataBlock()}
     * @param dataTermination as {@link #dataTermination()}
     * @param delivery as {@link #delivery()}
     * @throws IllegalArgumentException when one is not positive or over a day
     */
    public UpstreamTimeouts {
        check("connect", connect);
        check("greeting", greeting);
        check("command", command);
        check("mail", mail);
        check("rcpt", rcpt);
        check("dataInitiation", dataInitiation);
        check("dataBlock", dataBlock);
        check("dataTermination", dataTermination);
        check("delivery", delivery);
    }

    /**
     * Returns the times that an upstream has without being told others.
     *
     * @return 30 s to connect, 1 min for each of greeting, command and DATA, 2 min for each of MAIL, RCPT and block of content,
     *     5 min for the reply to its end, 9 min together
     */
    public static UpstreamTimeouts defaults() {
        return DEFAULTS;
    }

    /**
     * Makes all steps equally long; all of them together may still take the default of 9 min.
     *
     * @param time for each step
     * @return the times
     * @throws IllegalArgumentException when it is not positive or over a day
     */
    public static UpstreamTimeouts each(Duration time) {
        check("time", time);
        return new UpstreamTimeouts(time, time, time, time, time, time, time, time, DEFAULTS.delivery);
    }

    /**
     * Limits connecting to one address of the upstream, and again the TLS handshake. Default: 30 s.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withConnect(Duration time) {
        return new UpstreamTimeouts(
                time, greeting, command, mail, rcpt, dataInitiation, dataBlock, dataTermination, delivery);
    }

    /**
     * Limits the wait for the greeting (RFC 5321 section 4.5.3.2.1). Default: 1 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withGreeting(Duration time) {
        return new UpstreamTimeouts(
                connect, time, command, mail, rcpt, dataInitiation, dataBlock, dataTermination, delivery);
    }

    /**
     * Limits each of EHLO, STARTTLS, the steps of AUTH, RSET and NOOP. Default: 1 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withCommand(Duration time) {
        return new UpstreamTimeouts(
                connect, greeting, time, mail, rcpt, dataInitiation, dataBlock, dataTermination, delivery);
    }

    /**
     * Limits the wait for the reply to MAIL (RFC 5321 section 4.5.3.2.2). Default: 2 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withMail(Duration time) {
        return new UpstreamTimeouts(
                connect, greeting, command, time, rcpt, dataInitiation, dataBlock, dataTermination, delivery);
    }

    /**
     * Limits the wait for each reply to RCPT (RFC 5321 section 4.5.3.2.3). Default: 2 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withRcpt(Duration time) {
        return new UpstreamTimeouts(
                connect, greeting, command, mail, time, dataInitiation, dataBlock, dataTermination, delivery);
    }

    /**
     * Limits the wait for the reply to DATA (RFC 5321 section 4.5.3.2.4). Default: 1 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withDataInitiation(Duration time) {
        return new UpstreamTimeouts(connect, greeting, command, mail, rcpt, time, dataBlock, dataTermination, delivery);
    }

    /**
     * Limits how long the upstream may leave one block of the content unread (RFC 5321 section 4.5.3.2.5): content of any
     * size may pass, as long as it moves. Default: 2 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withDataBlock(Duration time) {
        return new UpstreamTimeouts(
                connect, greeting, command, mail, rcpt, dataInitiation, time, dataTermination, delivery);
    }

    /**
     * Limits the wait for the reply to the end of the content, by the final dot or the last chunk (RFC 5321 section
     * 4.5.3.2.6). When it is over the message is {@link DeliveryResult.Reason#AMBIGUOUS}. Default: 5 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withDataTermination(Duration time) {
        return new UpstreamTimeouts(connect, greeting, command, mail, rcpt, dataInitiation, dataBlock, time, delivery);
    }

    /**
     * Limits a delivery as a whole, so that the sum of its steps is no longer than a client waits either: ten minutes behind
     * its own final dot (RFC 5321 section 4.5.3.2.6). Waiting for a free connection counts; being limited by {@link
     * DeliveryLimits} and asking another upstream before do not: all of these together end when {@link
     * Submission#timeLeft()} says. Default: 9 min.
     *
     * @param time positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when it is not
     */
    public UpstreamTimeouts withDelivery(Duration time) {
        return new UpstreamTimeouts(
                connect, greeting, command, mail, rcpt, dataInitiation, dataBlock, dataTermination, time);
    }

    private static void check(String name, Duration time) {
        if (time.isZero() || time.isNegative() || time.compareTo(DAY) > 0) {
            throw new IllegalArgumentException(name + " must be positive, and a day at most, not " + time);
        }
    }
}
