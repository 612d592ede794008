package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.SenderDomains;
import dev.postern.testkit.tck.AuthenticatorContract;
import dev.postern.testkit.tck.SenderDomainsContract;
import dev.postern.tools.OnAnyJdk;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@OnAnyJdk
class TestAccountsTest {

    private static TestAccounts accounts() {
        return new TestAccounts()
                .user("ann@a.test", "Anns-secret")
                .user("bob@b.test", "Bobs-secret")
                .user("dora@d.test", "Doras-secret")
                .disable("d.test")
                .unvalidate("NEW.test");
    }

    @Test
    void changesWhoAUserIs() {
        TestAccounts accounts = accounts()
                .account("ann@a.test", "acme")
                .domains("ann@a.test", "x.test", "y.test")
                .limits("ann@a.test", IdentityLimits.none().withSessionsPerUser(3))
                .quota("ann@a.test", QuotaPlan.perDay(7));
        Identity[] seen = new Identity[1];
        accounts.change("ann@a.test", identity -> seen[0] = identity);
        assertThat(seen[0].account()).isEqualTo("acme");
        assertThat(seen[0].domains()).containsExactlyInAnyOrder("x.test", "y.test");
        assertThat(seen[0].limits().sessionsPerUser()).hasValue(3);
        assertThat(seen[0].limits().quota()).contains(QuotaPlan.perDay(7));
    }

    @Test
    void namesTheUserWhoIsNotThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> accounts().account("nobody", "acme"))
                .withMessage("user must be one that was added, not nobody");
    }

    @Nested
    class AsAuthenticator extends AuthenticatorContract {
        @Override
        protected Authenticator newAuthenticator() {
            return accounts();
        }

        @Override
        protected Login rightLogin() {
            return new Login("ann@a.test", "Anns-secret");
        }

        @Override
        protected Optional<Login> otherLogin() {
            return Optional.of(new Login("bob@b.test", "Bobs-secret"));
        }

        @Override
        protected Optional<Login> disabledLogin() {
            return Optional.of(new Login("dora@d.test", "Doras-secret"));
        }
    }

    @Nested
    class AsSenderDomains extends SenderDomainsContract {
        @Override
        protected SenderDomains newSenderDomains() {
            return accounts();
        }

        @Override
        protected Identity identity() {
            return Identity.of("ann@a.test").withDomains("a.test", "new.test");
        }

        @Override
        protected String validatedDomain() {
            return "a.test";
        }

        @Override
        protected Optional<String> unvalidatedDomain() {
            return Optional.of("new.test");
        }
    }
}
