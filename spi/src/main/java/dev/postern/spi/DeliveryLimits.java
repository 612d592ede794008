package dev.postern.spi;

import java.time.Duration;
import java.util.Objects;

/**
 * Limits on what a delivery is given, to respect a provider's own limits. {@code MAX_VALUE} means unlimited. Counts are
 * kept in memory: a restarted relay, or a second one beside it, does not know what this one sent.
 */
public final class DeliveryLimits {

    private static final Duration DAY = Duration.ofDays(1);
    private static final DeliveryLimits NONE =
            new DeliveryLimits(Integer.MAX_VALUE, Rate.UNLIMITED, Rate.UNLIMITED, Duration.ofSeconds(10));

    private final int atOnce;
    private final Rate messages;
    private final Rate recipients;
    private final Duration wait;

    /** A maximum within any time of this length. */
    record Rate(int max, Duration period) {

        private static final int MOST = 100_000; // each that was sent within the period is remembered
        private static final Rate UNLIMITED = new Rate(Integer.MAX_VALUE, DAY);

        private static Rate of(String parameter, int max, Duration period) {
            if (max < 1 || max > MOST && max != Integer.MAX_VALUE) {
                throw new IllegalArgumentException(parameter + " must be 1 to " + MOST + ", not " + max);
            }
            Objects.requireNonNull(period, "period");
            if (period.isNegative() || period.isZero() || period.compareTo(DAY) > 0) {
                throw new IllegalArgumentException("period must be positive, and a day at most, not " + period);
            }
            return new Rate(max, period);
        }

        boolean unlimited() {
            return max == Integer.MAX_VALUE;
        }
    }

    private DeliveryLimits(int atOnce, Rate messages, Rate recipients, Duration wait) {
        this.atOnce = atOnce;
        this.messages = messages;
        this.recipients = recipients;
        this.wait = wait;
    }

    /** {@return no limits, and a wait of 10 seconds} */
    public static DeliveryLimits none() {
        return NONE;
    }

    /**
     * Limits how many messages are delivered at the same time.
     *
     * @param max 1 or more
     * @return a copy
     * @throws IllegalArgumentException when max is under 1
     */
    public DeliveryLimits withMessagesAtOnce(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("messagesAtOnce must be 1 or more, not " + max);
        }
        return new DeliveryLimits(max, messages, recipients, wait);
    }

    /**
     * Limits how many deliveries begin within any span of this length. The span slides; it is not tied to the clock.
     *
     * @param max 1 to 100,000
     * @param period positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when an argument is out of bounds
     */
    public DeliveryLimits withMessages(int max, Duration period) {
        return new DeliveryLimits(atOnce, Rate.of("messages", max, period), recipients, wait);
    }

    /**
     * Limits the recipients within any span of this length. A message with more recipients than that gets a whole
     * period for itself.
     *
     * @param max 1 to 100,000
     * @param period positive, a day at most
     * @return a copy
     * @throws IllegalArgumentException when an argument is out of bounds
     */
    public DeliveryLimits withRecipients(int max, Duration period) {
        return new DeliveryLimits(atOnce, messages, Rate.of("recipients", max, period), wait);
    }

    /**
     * Sets how long a message may wait for its turn. The client waits as well, for at most ten minutes (RFC 5321
     * section 4.5.3.2.6), and that must also cover the delivery after the wait.
     *
     * @param limit 0 for no wait, at most a day
     * @return a copy
     * @throws IllegalArgumentException when limit is out of bounds
     */
    public DeliveryLimits withWait(Duration limit) {
        Objects.requireNonNull(limit, "wait");
        if (limit.isNegative() || limit.compareTo(DAY) > 0) {
            throw new IllegalArgumentException("wait must be 0 to a day, not " + limit);
        }
        return new DeliveryLimits(atOnce, messages, recipients, limit);
    }

    /** {@return how many messages may be delivered at the same time; {@code MAX_VALUE} without a limit} */
    public int messagesAtOnce() {
        return atOnce;
    }

    Rate messages() {
        return messages;
    }

    Rate recipients() {
        return recipients;
    }

    Duration waitLimit() {
        return wait;
    }
}
