package dev.postern.spi;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * Delivers messages. The static methods combine several deliveries into one. Called on the session's thread,
 * concurrently for different sessions. May block, but must bound its own time because the client is waiting: {@link
 * Submission#timeLeft(java.time.Duration)} returns how long a step may take. When a delivery throws or returns null,
 * the client gets {@link StandardReply#UPSTREAM_RELAY_FAILED}, and listeners {@link DeliveryResult.Reason#AMBIGUOUS},
 * because what it did before is unknown.
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
 *   <li>All recipients get the message, or none do.
 *   <li>The result is {@link DeliveryResult.Accepted} only when the other side has taken responsibility, by an SMTP
 *       server's 250 or a queue's commit, for instance. After any other result, nothing is delivered.
 *   <li>Every accepted message arrives, even one that is identical to an earlier one.
 *   <li>Content is octets, not text: it arrives octet for octet, in whatever charset.
 *   <li>Addresses arrive as written, because the case of a local part matters (RFC 5321 section 2.4).
 *   <li>When the call returns, each content stream is closed and no longer read.
 *   <li>Content that cannot be read to its end is not accepted.
 *   <li>A closed delivery accepts nothing; closing it again is allowed.
 * </ul>
 */
@FunctionalInterface
public interface UpstreamDelivery extends AutoCloseable {

    /**
     * Delivers a message.
     *
     * @param submission the message; its content is freed after this method returns
     * @return the result, never null
     * @throws NullPointerException when the submission is null
     */
    DeliveryResult deliver(Submission submission);

    /**
     * {@return how many recipients any message may have; less than 1 counts as 1. {@link Integer#MAX_VALUE}, the
     * default, when no limit is known} The relay announces this number when it is below its own limit (RFC 9422 section
     * 4.2), so it may change from session to session. Called on the sessions' threads, at EHLO and RCPT, so it must
     * neither block nor compute. An exception is logged and means no known limit, because {@link #deliver} decides in
     * any case.
     */
    default int maxRecipients() {
        return Integer.MAX_VALUE;
    }

    /**
     * Returns how many recipients a message may have, if that depends on the message. Called at RCPT, under the terms
     * of {@link #maxRecipients()}, once a message has that many recipients. A client over the limit gets {@link
     * StandardReply#TOO_MANY_RECIPIENTS} and sends the rest as another message (RFC 5321 section 4.5.3.1.10).
     *
     * @param identity who sends
     * @param envelope sender and recipients so far, including the one to be accepted now
     * @return at least {@link #maxRecipients()}, which is the default
     */
    default int maxRecipients(Identity identity, Envelope envelope) {
        return maxRecipients();
    }

    /**
     * Returns why messages are not accepted now, for the relay's health, for instance because a queue's database is
     * unreachable. Called by any thread, so it must not block. Empty by default.
     *
     * @return what is wrong, for people; empty when nothing is known to be wrong
     */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /**
     * Frees connections. Called when the relay has stopped, possibly several times: once for each combined delivery
     * that contains this one. Does nothing by default.
     */
    @Override
    default void close() {}

    /**
     * Tries deliveries in order: the next one only if the one before accepted nothing, as {@link
     * DeliveryResult#anotherMayTry} tells.
     *
     * @param deliveries at least one, the preferred first
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when there are none
     */
    static UpstreamDelivery inOrder(List<? extends UpstreamDelivery> deliveries) {
        return Objects.requireNonNull(deliveries, "deliveries").size() == 1
                ? deliveries.get(0)
                : new OrderedDelivery(deliveries);
    }

    /**
     * Distributes messages by weight: with weights 3 and 1, the first gets three messages of four, evenly spread. When
     * one accepted nothing, as {@link DeliveryResult#anotherMayTry} tells, the others are tried, again by weight.
     *
     * @param shares at least one
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when there are none
     */
    static UpstreamDelivery weighted(Share... shares) {
        return new WeightedDelivery(List.of(Objects.requireNonNull(shares, "shares")));
    }

    /**
     * Creates a share for {@link #weighted}.
     *
     * @param weight 1 to 10,000
     * @param delivery the delivery that gets the share
     * @return the share
     * @throws IllegalArgumentException when weight is out of bounds
     */
    static Share share(int weight, UpstreamDelivery delivery) {
        return new Share(weight, delivery);
    }

    /**
     * A delivery's share of the messages.
     *
     * @param weight 1 to 10,000, in proportion to the other weights
     * @param delivery the delivery that gets the share
     */
    record Share(int weight, UpstreamDelivery delivery) {
        /**
         * Checks the weight.
         *
         * @param weight as {@link #weight()}
         * @param delivery as {@link #delivery()}
         * @throws IllegalArgumentException when the weight is out of bounds
         */
        public Share {
            if (weight < 1 || weight > 10_000) {
                throw new IllegalArgumentException("weight must be 1 to 10000, not " + weight);
            }
            Objects.requireNonNull(delivery, "delivery");
        }
    }

    /**
     * Routes messages by who sends them.
     *
     * @param key the value to route by, for instance {@code Identity::account}; never null
     * @param routes the deliveries by value
     * @param otherwise the delivery for all other values
     * @return a delivery that closes all of them
     */
    static UpstreamDelivery byIdentity(
            Function<Identity, String> key,
            Map<String, ? extends UpstreamDelivery> routes,
            UpstreamDelivery otherwise) {
        return RoutedDelivery.byKey(key, routes, otherwise);
    }

    /**
     * Routes messages by the domain of the reverse-path. Domains are folded by {@link MailAddress#foldDomain} and then
     * compared; {@code *.example.org} means all domains below example.org, and the longest match wins.
     *
     * @param routes the deliveries by domain
     * @param otherwise the delivery for all other domains and the null reverse-path
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when a key is not a domain, or two keys are the same domain
     */
    static UpstreamDelivery bySenderDomain(Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        return RoutedDelivery.bySenderDomain(routes, otherwise);
    }

    /**
     * Routes messages by the recipients' domains, compared as in {@link #bySenderDomain}. A message goes to all of its
     * recipients in one transaction or to none, so it takes the route that they all share. If they differ, it takes
     * {@code otherwise}, which must therefore be able to reach every domain.
     *
     * @param routes the deliveries by domain; domains with the same delivery share a route
     * @param otherwise the delivery for all other messages
     * @return a delivery that closes all of them
     * @throws IllegalArgumentException when a key is not a domain, or two keys are the same domain
     */
    static UpstreamDelivery byRecipientDomain(
            Map<String, ? extends UpstreamDelivery> routes, UpstreamDelivery otherwise) {
        return RoutedDelivery.byRecipientDomain(routes, otherwise);
    }

    /**
     * Holds a delivery to limits. Messages in excess wait, first come, first served; one whose turn does not come in
     * time is {@link DeliveryResult.Reason#UNREACHABLE}, so that another delivery may try.
     *
     * @param delivery the delivery to limit
     * @param limits the limits
     * @param clock the relay's clock, {@link RelayClock#system()} outside tests
     * @return a delivery that closes it
     */
    static UpstreamDelivery limited(UpstreamDelivery delivery, DeliveryLimits limits, RelayClock clock) {
        return new LimitedDelivery(delivery, limits, clock);
    }
}
