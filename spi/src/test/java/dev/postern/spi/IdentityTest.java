package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTest {

    @ParameterizedTest
    @CsvSource({
        "Alice@Example.org, alice@example.org, example.org, example.org",
        "alice@b\u00fccher.example, alice@xn--bcher-kva.example, xn--bcher-kva.example, xn--bcher-kva.example",
        "Alice, alice, alice, ",
        "alice@[192.0.2.1], alice@[192.0.2.1], alice@[192.0.2.1], ",
        "alice@, alice@, alice@, ",
        "Not an address@Example.org, not an address@example.org, not an address@example.org, ",
    })
    void isMadeOfAUsersName(String given, String user, String account, @Nullable String domain) {
        Identity identity = Identity.of(given);
        assertThat(identity.userAsGiven()).isEqualTo(given);
        assertThat(identity.user()).isEqualTo(user);
        assertThat(identity.account()).isEqualTo(account);
        assertThat(identity.domains()).isEqualTo(domain == null ? Set.of() : Set.of(domain));
    }

    @Test
    void foldsDomains() {
        assertThat(Identity.of("x")
                        .withDomains("EXAMPLE.org", "b\u00fccher.example", "example.org")
                        .domains())
                .containsExactlyInAnyOrder("example.org", "xn--bcher-kva.example");
    }

    @Test
    void aDomainGivenTwiceIsOneDomain() {
        assertThat(Identity.of("x").withDomains("example.org", "example.org").domains())
                .containsExactly("example.org");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a..b", "[192.0.2.1]", "a\r\nb", "-a"})
    void refusesWhatIsNoDomain(String domain) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of("x").withDomains("good.example", domain))
                .withMessageMatching("domains: not a domain: [ -~]*");
    }

    @Test
    void refusesEmptyNames() {
        assertThatIllegalArgumentException().isThrownBy(() -> Identity.of(""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Identity.of("x").withAccount(""))
                .withMessageContaining("account");
    }

    @Test
    void changesOneThingAtATime() {
        IdentityLimits limits = IdentityLimits.none().withSessionsPerUser(3).withMessageSize(9);
        Identity identity = Identity.of("alice@example.org").withAccount("acme").withLimits(limits);
        assertThat(List.of(identity.user(), identity.account(), identity.domains(), identity.limits()))
                .containsExactly("alice@example.org", "acme", Set.of("example.org"), limits);
        assertThat(identity.limits().sessionsPerUser()).hasValue(3);
        assertThat(identity.limits().messageSize()).hasValue(9);
        assertThat(identity.limits().sessionsPerAccount()).isEmpty();
        assertThat(identity.limits().messagesPerSession()).isEmpty();
        assertThat(identity.limits().recipientsPerMessage()).isEmpty();
        assertThat(identity.limits().quota()).isEmpty();
        assertThat(identity.withDomains().domains()).isEmpty();
    }

    @Test
    void isTheSameInAnyCase() {
        Identity typed = Identity.of("ALICE@example.ORG").withAccount("Acme");
        Identity other = Identity.of("alice@EXAMPLE.org").withAccount("ACME");
        assertThat(typed).isEqualTo(other).hasSameHashCodeAs(other).hasToString(other.toString());
        assertThat(List.of(typed.user(), typed.account())).containsExactly("alice@example.org", "acme");
        assertThat(List.of(typed.userAsGiven(), typed.accountAsGiven())).containsExactly("ALICE@example.ORG", "Acme");
        assertThat(typed.withDomains("example.net")
                        .withLimits(IdentityLimits.none())
                        .userAsGiven())
                .isEqualTo("ALICE@example.ORG");
        assertThat(typed)
                .isNotEqualTo(Identity.of("bob@example.org").withAccount("acme"))
                .isNotEqualTo(other.withAccount("other"))
                .isNotEqualTo(other.withDomains("example.net"))
                .isNotEqualTo(other.withLimits(IdentityLimits.none().withSessionsPerUser(1)))
                .isNotEqualTo("alice@example.org");
    }

    /** A local part with a blank is none on the wire. */
    @ParameterizedTest
    @CsvSource({
        "Ann Lee@M\u00dcNCHEN.example, ann lee@xn--mnchen-3ya.example",
        "a@b@m\u00fcnchen.example, a@b@xn--mnchen-3ya.example"
    })
    void aUserHasOneAccountHoweverTheNameIsTyped(String typed, String other) {
        assertThat(Identity.of(typed))
                .isEqualTo(Identity.of(other))
                .hasToString(Identity.of(other).toString());
    }

    /** Some letters need more octets in lower case, so that a local part may be too long for the wire in that one alone. */
    @Test
    void aUserHasOneAccountHoweverLongTheNameIs() {
        assertThat(Identity.of("\u023a".repeat(24) + "@example.org"))
                .isEqualTo(Identity.of("\u2c65".repeat(24) + "@example.org"));
    }

    /** A host that finds no plan would let the user send by the relay's. */
    @Test
    void aQuotaIsAPlan() {
        assertThatNullPointerException()
                .isThrownBy(() -> IdentityLimits.none().withQuota(null))
                .withMessage("plan");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void limitsAreOneOrMore(int max) {
        IdentityLimits none = IdentityLimits.none();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withSessionsPerUser(max))
                .withMessageContaining("sessionsPerUser");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withSessionsPerAccount(max))
                .withMessageContaining("sessionsPerAccount");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withMessagesPerSession(max))
                .withMessageContaining("messagesPerSession");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withRecipientsPerMessage(max))
                .withMessageContaining("recipientsPerMessage");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> none.withMessageSize(max))
                .withMessageContaining("messageSize");
        for (IdentityLimits.Limit limit : IdentityLimits.Limit.values()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> none.with(limit, max))
                    .withMessage("max of " + limit + " must be 1 or more, not " + max);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org",
        "a.example.org, ",
        "example.com, ",
        "a.example.com, example.com",
        "b.a.example.com, example.com",
        "x.deep.example.com, deep.example.com",
        "deep.example.com, deep.example.com",
        "notexample.com, ",
        "com, ",
        "'', ",
        "xn--bcher-kva.example, ",
        "mail.xn--bcher-kva.example, xn--bcher-kva.example",
    })
    void coversSubDomainsWhereItHasThem(String domain, @Nullable String owned) {
        Identity identity = Identity.of("alice")
                .withDomains(
                        "Example.ORG",
                        "*.Example.com",
                        "*.deep.example.com",
                        "deep.example.com",
                        "*.b\u00fccher.example");
        assertThat(identity.covering(domain)).isEqualTo(Optional.ofNullable(owned));
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*.", "*.*.example.org", "a.*.example.org", "*example.org", "**.example.org"})
    void refusesOtherWildcards(String domain) {
        assertThatThrownBy(() -> Identity.of("alice").withDomains(domain))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("domains");
    }
}
