package dev.postern.spi;

import static dev.postern.spi.UpstreamDelivery.share;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many recipients the deliveries that are made of others take. */
class MaxRecipientsTest {

    private final CountingDelivery any = CountingDelivery.accepting("any");
    private final CountingDelivery ten = CountingDelivery.accepting("ten").taking(10);
    private final CountingDelivery five = CountingDelivery.accepting("five").taking(5);

    @Test
    void nothingIsKnownOfADeliveryThatDoesNotSay() {
        UpstreamDelivery silent = submission -> any.result;
        assertThat(silent.maxRecipients()).isEqualTo(Integer.MAX_VALUE);
        assertThat(of(silent, "ann", "", "b@dest.test")).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void eachOfSeveralMayGetTheMessageSoTheFewestCount() {
        for (UpstreamDelivery delivery : List.of(
                UpstreamDelivery.inOrder(List.of(any, ten, five)),
                UpstreamDelivery.weighted(share(9, any), share(1, five), share(9, ten)))) {
            assertThat(delivery.maxRecipients()).isEqualTo(5);
            assertThat(of(delivery, "ann", "", "b@dest.test")).isEqualTo(5);
        }
    }

    @Test
    void whatIsLimitedTakesWhatItTakes() {
        UpstreamDelivery delivery = UpstreamDelivery.limited(ten, DeliveryLimits.none(), RelayClock.system());
        assertThat(delivery.maxRecipients()).isEqualTo(10);
        assertThat(of(delivery, "ann", "", "b@dest.test")).isEqualTo(10);
    }

    @Test
    void theRouteOfTheIdentityCounts() {
        UpstreamDelivery delivery = UpstreamDelivery.byIdentity(Identity::user, Map.of("ann", five), ten);
        assertThat(delivery.maxRecipients()).as("of any message").isEqualTo(5);
        assertThat(of(delivery, "ann", "", "b@dest.test")).isEqualTo(5);
        assertThat(of(delivery, "bob", "", "b@dest.test")).isEqualTo(10);
    }

    @Test
    void theRouteOfTheSenderCounts() {
        UpstreamDelivery delivery = UpstreamDelivery.bySenderDomain(Map.of("five.test", five), any);
        assertThat(delivery.maxRecipients()).as("of any message").isEqualTo(5);
        assertThat(of(delivery, "ann", "a@five.test", "b@dest.test")).isEqualTo(5);
        assertThat(of(delivery, "ann", "a@client.test", "b@dest.test")).isEqualTo(Integer.MAX_VALUE);
        assertThat(of(delivery, "ann", "", "b@dest.test")).isEqualTo(Integer.MAX_VALUE);
    }

    /** A recipient of another domain takes the message another way. */
    @Test
    void theRouteOfTheRecipientsCounts() {
        UpstreamDelivery delivery = UpstreamDelivery.byRecipientDomain(Map.of("ten.test", ten), five);
        assertThat(delivery.maxRecipients()).as("of any message").isEqualTo(5);
        assertThat(of(delivery, "ann", "", "b@ten.test", "c@ten.test")).isEqualTo(10);
        assertThat(of(delivery, "ann", "", "b@ten.test", "c@dest.test")).isEqualTo(5);
    }

    /** Each asks those inside for the message, not for any. */
    @Test
    void routesInsideOfOthersCount() {
        UpstreamDelivery routed = UpstreamDelivery.byIdentity(Identity::user, Map.of("ann", five), ten);
        for (UpstreamDelivery delivery : List.of(
                UpstreamDelivery.inOrder(List.of(any, routed)),
                UpstreamDelivery.weighted(share(1, routed), share(1, any)),
                UpstreamDelivery.limited(routed, DeliveryLimits.none(), RelayClock.system()),
                UpstreamDelivery.bySenderDomain(Map.of("x.test", any), routed))) {
            assertThat(of(delivery, "ann", "", "b@dest.test")).isEqualTo(5);
            assertThat(of(delivery, "bob", "", "b@dest.test")).isEqualTo(10);
        }
    }

    private static int of(UpstreamDelivery delivery, String user, String sender, String... recipients) {
        ReversePath path = sender.isEmpty() ? ReversePath.empty() : ReversePath.of(MailAddress.parse(sender));
        Envelope envelope = new Envelope(
                path,
                EsmtpParameters.none(),
                Arrays.stream(recipients).map(Recipient::of).toList());
        return delivery.maxRecipients(Identity.of(user), envelope);
    }
}
