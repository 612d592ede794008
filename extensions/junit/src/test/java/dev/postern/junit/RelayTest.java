package dev.postern.junit;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayFixture;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@SuppressWarnings("NullAway.Init") // the extension sets the fields
class RelayTest {

    @Relay
    private SmtpRelay itself;

    @Relay
    private RelayFixture relay;

    @Test
    void aMessageGetsThrough() {
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        assertThat(probe.data("From: ann@example.org\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        assertThat(relay.upstream().awaitMessage()).isTo("bob@example.net").isFrom("ann@example.org");
        assertThat(relay).hasRelayed(1);
    }

    @Test
    void bothFieldsHaveTheSameRelay() {
        assertThat(relay.directAddress().getPort()).isEqualTo(itself.port());
        assertThat(relay.connect().readReply()).hasCode(220);
        assertThat(itself.connections()).isEqualTo(1);
    }

    @Test
    void itsTimeIsTheTests() {
        SmtpProbe probe = relay.authenticated();
        relay.clock().advance(Duration.ofMinutes(2));
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
    }

    @Nested
    class WithSettingsOfItsOwn {
        @RegisterExtension
        final RelayExtension narrow = RelayExtension.with(env -> {
                    env.accounts().user("bea@example.org", "other");
                    return Relays.start(Relays.builder(env).quota(QuotaPlan.perDay(1)));
                })
                .withLogin("bea@example.org", "other");

        @Test
        void refusesWhatTheyForbid() {
            SmtpProbe probe = narrow.atRcpt("bea@example.org", "bob@example.net");
            assertThat(probe.rcpt("carl@example.net")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        }
    }

    @Nested
    class WithARelayOfItsOwnBesides {
        @Relay(user = "dee@example.com", password = "fourth")
        private RelayFixture inner;

        @Test
        void bothRun() {
            assertThat(inner.authenticated().mail("dee@example.com")).isOk();
            assertThat(relay.authenticated().mail("ann@example.org")).isOk();
            assertThat(itself.connections()).isEqualTo(1);
        }
    }

    @Nested
    class AsAnExtension {
        @RegisterExtension
        final RelayExtension other = Relays.extension("cleo@example.org", "third");

        @Test
        void knowsItsUser() {
            assertThat(other.authenticated().quit()).hasCode(221);
        }
    }
}
