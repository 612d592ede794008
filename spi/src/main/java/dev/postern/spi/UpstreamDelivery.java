package dev.postern.spi;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Delivers messages. The static methods combine several deliveries into one. Called on the session's thread, concurrently
 * for different sessions. May block, but must bound its own time because the client is waiting: {@link
 * Submission#timeLeft(java.time.Duration)} says how long a step may take. When a delivery throws or returns null, the client
 * gets {@link StandardReply#UPSTREAM_RELAY_FAILED}, and listeners {@link DeliveryResult.Reason#AMBIGUOUS}: nobody knows what it
 * did before.
 *
 * <pre>{@code
 * static UpstreamDelivery into(Store store) {
 *     return message -> {
 *         Duration longest = message.timeLeft(Duration.ofSeconds(30));
 *         return store.write(message, longest) // false when it was not done in time
 *                 ? DeliveryResult.accepted("store", Reply.fromUpstream(250, List.of("stored")))
 *                 : DeliveryResult.deferred("store", Reason.FAILED, "not stored within " + longest);
 *     };
 * }
 * }</pre>
 *
 * <p>Rules:
 *
 * <ul>
 *   <li>All recipients get the message, or nobody does.
 *   <li>The result is {@link DeliveryResult.Accepted} only when the other side has taken responsibility, by an SMTP server's
 *       250 or a queue's commit, for instance. After any other result, nothing is delivered.
 *   <li>Every message that is accepted arrives, also one that is the same as an earlier one.
 *   <li>Content is octets, not text: it arrives octet for octet, in whatever charset.
 *   <li>Addresses arrive as written, because the case of a local part matters (RFC 5321 section 2.4).
 *   <li>When the call returns, each stream of the content is closed, and none is read any more.
 *   <li>Content that cannot be read to its end is not accepted.
 *   <li>A closed delivery accepts nothing, and may be closed again.
 * </ul>
 */
@FunctionalInterface
public interface UpstreamDelivery extends AutoCloseable {

    /**
     * Delivers a message.
     *
     * @param submission the message; its content is freed after this method returns
     * @return what became of it, never null
     * @throws NullPointerException when the submission is null
     */
    DeliveryResult deliver(Submission submission);

    /**
     * {@return how many recipients any message may have; less than 1 counts as 1. {@link Integer#MAX_VALUE}, the
     * default, when no limit is known} A relay that takes fewer than its own limit announces that (RFC 9422 section
     * 4.2), so the number may change from session to session. Called on the sessions' threads, at EHLO and RCPT, so it
     * must neither block nor compute; one that throws is logged and taken to know of no limit, for what is accepted is
     * decided by {@link #deliver} all the same.
     */
    default int maxRecipients() {
        return Integer.MAX_VALUE;
    }

    /**
     * Tells how many recipients a message may have, where that depends on the message. Asked at RCPT, under the terms of
     * {@link #maxRecipients()}, once a message has as many recipients as that: the client is told {@link
     * StandardReply#TOO_MANY_RECIPIENTS}, on which it sends the rest as another message (RFC 5321 section 4.5.3.1.10).
     *
     * @param identity who sends
     * @param envelope sender and recipients so far, with the one that is to be accepted now
     * @return no less than {@link #maxRecipients()} tells, which is the default
     */
    default int maxRecipients(Identity identity, Envelope envelope) {
        return maxRecipients();
    }

    /**
     * Tells why messages are not taken just now, for the relay's health: of a queue that its database is away, for instance.
     * Called by any thread, so it must not wait for anybody. Nothing unless overridden.
     *
     * @return what is wrong, for people; empty when nothing is known to be
     */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /**
     * Frees connections. Called when the relay has stopped, once for each delivery that this one is a part of. Does
     * nothing unless overridden.
     */
    @Override
    default void close() {}

    /**
     * Tries deliveries in order: the next one only when the one before has accepted nothing, as {@link
     * DeliveryResult#anotherMayTry} says.
     *
     * @param deliveries at least one, the preferred first
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when there is none
     */
    static UpstreamDelivery inOrder(List<? extends UpstreamDelivery> deliveries) {
        return Objects.requireNonNull(deliveries, "deliveries").size() == 1
                ? deliveries.get(0)
                : new OrderedDelivery(deliveries);
    }

    /**
     * Shares messages out by weight: of 3 and 1, the first one gets three messages of four, evenly spread. When one has
     * accepted nothing, as {@link DeliveryResult#anotherMayTry} says, the others are tried, again by weight.
     *
     * @param shares at least one
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when there is none
     */
    static UpstreamDelivery weighted(Share... shares) {
        return new WeightedDelivery(List.of(Objects.requireNonNull(shares, "shares")));
    }

    /**
     * One of several for {@link #weighted}.
     *
     * @param weight 1 to 10,000
     * @param delivery who gets the share
     * @return the share
     * @throws IllegalArgumentException when weight is out of its bounds
     */
    static Share share(int weight, UpstreamDelivery delivery) {
        return new Share(weight, delivery);
    }

    /**
     * How much of the whole a delivery gets.
     *
     * @param weight 1 to 10,000, in proportion to the other weights
     * @param delivery who gets it
     */
    record Share(int weight, UpstreamDelivery delivery) {
        /**
         * Checks the weight.
         *
         * @param weight as {@link #weight()}
         * @param delivery as {@link #delivery()}
         * @throws IllegalArgumentException when it is out of its bounds
         */
        public Share {
            if (weight < 1 || weight > 10_000) {
                throw new IllegalArgumentException("weight must be 1 to 10000, not " + weight);
            }
            Objects.requireNonNull(delivery, "delivery");
        }
    }

    /**
     * Goes by who sends.
     *
     * @param key what counts, for instance {@code Identity::account}; never null
     * @param routes a delivery for each value that has its own
     * @param otherwise for all others
     * @return a delivery that closes all of them
     */
    static UpstreamDelivery byIdentity(
            Function<Identity, String> key,
            Map<String, ? extends UpstreamDelivery> routes,
            UpstreamDelivery otherwise) {
        return RoutedDelivery.byKey(key, routes, otherwise);
    }

    /**
     * Goes by the domain of the reverse-path. Domains are compared as {@link MailAddress#foldDomain} folds them; {@code
     * *.example.org} stands for all domains below example.org, and the longest that fits counts.
     *
     * @param routes a delivery for each domain that has its own
     * @param otherwise for all others, and the null reverse-path
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when a key is no domain, or two are the same one
     */
    static UpstreamDelivery bySenderDomain(Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        return RoutedDelivery.bySenderDomain(routes, otherwise);
    }

    /**
     * Goes by the recipients' domains, compared as {@link #bySenderDomain} does. A message goes to all of its recipients
     * in one transaction or to none, so it takes the route that all of them share, and where they differ {@code
     * otherwise}, which therefore must be able to reach every domain.
     *
     * @param routes a delivery for each domain that has its own; domains with the same delivery share a route
     * @param otherwise for all others
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when a key is no domain, or two are the same one
     */
    static UpstreamDelivery byRecipientDomain(
            Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        return RoutedDelivery.byRecipientDomain(routes, otherwise);
    }

    /**
     * Gives a delivery no more than it may have. A message that is too much waits, first come, first served; one whose
     * turn does not come in time is {@link DeliveryResult.Reason#UNREACHABLE}, so that another delivery may try.
     *
     * @param delivery whom to protect
     * @param limits how much
     * @param clock the relay's, {@link RelayClock#system()} outside of tests
     * @return a delivery that closes it
     */
    static UpstreamDelivery limited(UpstreamDelivery delivery, DeliveryLimits limits, RelayClock clock) {
        return new LimitedDelivery(delivery, limits, clock);
    }
}
