package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.postern.testkit.assertions.SmtpAssertions;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Another fake upstream stands in for the relay: the extension sees an address. */
class RelayExtensionTest {

    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                FakeUpstream started =
                        FakeUpstream.start().withStartTls(env.serverTls()).withCredentials("alice", "secret");
                return RelayUnderTest.of(started, started.port());
            })
            .withLogin("alice", "secret");

    @Test
    void climbsTheLadder() {
        SmtpAssertions.assertThat(relay.connect().readReply()).hasCode(220);
        SmtpAssertions.assertThat(relay.probe().ehlo()).isOk();
        SmtpAssertions.assertThat(relay.greeted().ehlo()).isOk();
        SmtpAssertions.assertThat(relay.afterEhlo().mail("a@x.test")).hasCode(530);
        SmtpAssertions.assertThat(relay.authenticated().mail("a@x.test")).isOk();
        SmtpAssertions.assertThat(relay.authenticated("alice", "secret").mail("a@x.test"))
                .isOk();
        SmtpAssertions.assertThat(relay.atRcpt("a@x.test", "b@x.test").data("hello"))
                .isOk();
        SmtpProbe atData = relay.atData("a@x.test", "b@x.test", "c@x.test");
        atData.write("hello\r\n.\r\n");
        SmtpAssertions.assertThat(atData.readReply()).isOk();
    }

    @Test
    void usesTlsBeforeItLogsInWhereThatIsOffered() {
        assertThat(relay.authenticated().transcript())
                .containsSubsequence("STARTTLS", "TLS handshake", "AUTH PLAIN ***");
    }

    @Test
    void failsOnTheRungThatIsRefused() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> relay.authenticated("alice", "wrong"))
                .withMessageStartingWith("[AUTH] Expected reply:\n  any 2xx\nbut was:\n  AUTH_CREDENTIALS_INVALID ");
    }

    @Test
    void connectsAsAnotherClient() throws UnknownHostException {
        SmtpAssertions.assertThat(
                        relay.connectFrom(InetAddress.getByName("127.0.0.2")).readReply())
                .hasCode(220);
    }

    @Test
    void resolvesParameters(SmtpProbe probe, FakeUpstream upstream, TestClock clock, RelayUnderTest running) {
        SmtpAssertions.assertThat(probe.ehlo()).isOk();
        assertThat(upstream).isSameAs(relay.upstream());
        assertThat(clock).isSameAs(relay.clock());
        assertThat(running.address()).isEqualTo(relay.directAddress());
        assertThat(upstream.port()).isNotEqualTo(relay.address().getPort());
    }

    @Test
    void runsOnlyWhileATestRuns() {
        RelayExtension unused = RelayExtension.with(env -> {
            throw new IllegalStateException("never started");
        });

        assertThatIllegalStateException()
                .isThrownBy(unused::probe)
                .withMessage("the relay runs only while a test runs");
        assertThatIllegalStateException()
                .isThrownBy(unused::authenticated)
                .withMessage("no login; use withLogin(user, password)");
    }

    @Test
    void listensOnLoopbackWhenOnlyAPortIsGiven() {
        InetSocketAddress address = RelayUnderTest.of(() -> {}, 25).address();

        assertThat(address).hasToString("/127.0.0.1:25");
    }
}
