package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutedDeliveryTest {

    private final CountingDelivery inside = CountingDelivery.accepting("inside");
    private final CountingDelivery below = CountingDelivery.accepting("below");
    private final CountingDelivery umlaut = CountingDelivery.accepting("umlaut");
    private final CountingDelivery otherwise = CountingDelivery.accepting("otherwise");
    private final Map<String, UpstreamDelivery> routes = Map.of(
            "Corp.example",
            inside,
            "also-corp.example",
            inside,
            "*.corp.example",
            below,
            "inner.corp.example",
            inside,
            "*.deep.corp.example",
            umlaut,
            "b\u00fccher.example",
            umlaut,
            "[192.0.2.1]",
            inside);

    @ParameterizedTest
    @CsvSource({
        "b@corp.example, inside",
        "b@CORP.EXAMPLE, inside",
        "b@a.corp.example, below",
        "b@b.a.corp.example, below",
        "b@inner.corp.example, inside",
        "b@a.inner.corp.example, below",
        "b@deep.corp.example, below",
        "b@a.deep.corp.example, umlaut",
        "b@notcorp.example, otherwise",
        "b@example, otherwise",
        "b@xn--bcher-kva.example, umlaut",
        "b@B\u00dcCHER.example, umlaut",
        "b@[192.0.2.1], inside",
        "b@[192.0.2.2], otherwise",
        "a@corp.example b@corp.example, inside",
        "a@corp.example b@also-corp.example, inside",
        "a@corp.example b@a.corp.example, otherwise",
        "a@corp.example b@elsewhere.example, otherwise",
        "a@elsewhere.example b@corp.example, otherwise",
    })
    void recipientsTakeTheRouteThatTheyShare(String recipients, String route) {
        UpstreamDelivery delivery = UpstreamDelivery.byRecipientDomain(routes, otherwise);
        assertThat(delivery.deliver(Mail.to(recipients.split(" "))).upstream()).isEqualTo(route);
    }

    @ParameterizedTest
    @CsvSource({"a@corp.example, inside", "a@x.corp.example, below", "a@elsewhere.example, otherwise"})
    void theReversePathDecides(String sender, String route) {
        UpstreamDelivery delivery = UpstreamDelivery.bySenderDomain(routes, otherwise);
        Submission submission =
                Mail.of(Identity.of("alice"), ReversePath.of(MailAddress.parse(sender)), "b@corp.example");
        assertThat(delivery.deliver(submission).upstream()).isEqualTo(route);
    }

    @Test
    void theNullReversePathHasNoDomain() {
        assertThat(UpstreamDelivery.bySenderDomain(routes, otherwise)
                        .deliver(Mail.to("b@corp.example"))
                        .upstream())
                .isEqualTo("otherwise");
    }

    @ParameterizedTest
    @CsvSource({"acme, inside", "beta, otherwise"})
    void theIdentityDecides(String account, String route) {
        UpstreamDelivery delivery = UpstreamDelivery.byIdentity(Identity::account, Map.of("acme", inside), otherwise);
        Submission submission = Mail.of(Identity.of("alice").withAccount(account), ReversePath.empty(), "b@dest.test");
        assertThat(delivery.deliver(submission).upstream()).isEqualTo(route);
    }

    @Test
    void closesEachOnce() {
        UpstreamDelivery.byRecipientDomain(routes, otherwise).close();
        UpstreamDelivery.bySenderDomain(Map.of("corp.example", below), below).close();
        assertThat(inside.closed).hasValue(1);
        assertThat(below.closed).hasValue(2);
        assertThat(umlaut.closed).hasValue(1);
        assertThat(otherwise.closed).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "*", "*.", "*corp.example", "a.*.example", "corp..example", "*.[192.0.2.1]", "a b"})
    void aKeyThatIsNoDomainIsNamed(String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamDelivery.byRecipientDomain(Map.of(key, inside), otherwise))
                .withMessageStartingWith("routes")
                .withMessageContaining(key);
    }

    @Test
    void twoRoutesForOneDomainAreAMistake() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UpstreamDelivery.bySenderDomain(
                        Map.of("b\u00fccher.example", inside, "xn--bcher-kva.example", below), otherwise))
                .withMessage("routes has xn--bcher-kva.example twice");
    }
}
