package dev.postern.readme;

// DOC testkit
import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@OnAnyJdk
class GateTest {
    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                Upstream upstream = Upstream.smtp("127.0.0.1", env.upstream().port());
                SmtpRelay started = Gate.relay(0, upstream).clock(env.clock()).start();
                return RelayUnderTest.of(started, started.port());
            })
            .withLogin("alice@example.org", "correct horse");

    @Test
    void aMessageGetsThrough() {
        SmtpProbe probe = relay.atRcpt("alice@example.org", "bob@example.net");
        assertThat(probe.data("From: alice@example.org\r\n\r\nhello\r\n"))
                .isStandardReply(StandardReply.MESSAGE_ACCEPTED);
        assertThat(relay.upstream().awaitMessage()).isFrom("alice@example.org").isTo("bob@example.net");
    }

    @Test
    void aSilentClientIsHungUpOn() {
        SmtpProbe probe = relay.authenticated();
        relay.clock().advance(Duration.ofMinutes(2)); // no sleeping
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
    }
}
// end
