package dev.postern.testkit;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Probes over each access, through the testkit's own ports and past them; two fake upstreams play the relay's listeners. */
class LadderTest {

    private final FakeUpstream clear = FakeUpstream.start().withCredentials("ann", "secret");
    private final FakeUpstream secured = FakeUpstream.start().withCredentials("ann", "secret");

    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                clear.withStartTls(env.serverTls());
                secured.withImplicitTls(env.serverTls());
                return RelayUnderTest.of(clear, clear.port()).withTlsPort(secured.port());
            })
            .withLogin("ann", "secret");

    @AfterEach
    void closeListener() {
        secured.close();
    }

    @ParameterizedTest
    @EnumSource
    void climbsOverEachAccess(Access access) {
        for (Ladder ladder : new Ladder[] {relay.ladder(), relay.ladder().directly()}) {
            SmtpProbe probe = ladder.over(access).atData("ann@x.test", "bob@x.test");
            probe.write("Subject: hello\r\n\r\nhello\r\n.\r\n");
            assertThat(probe.readReply()).isOk();
            FakeUpstream reached = access == Access.IMPLICIT_TLS ? secured : clear;
            ReceivedMessage message = reached.awaitMessage();
            assertThat(message).isTo("bob@x.test").hasSubject("hello");
            assertThat(message.overTls()).isEqualTo(access != Access.CLEAR);
        }
        assertThat(relay).hasSessions(1); // the other one went past
    }

    @Test
    void repliesAreProvokedOverImplicitTlsToo() {
        relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
        relay.at(Stage.OTHER).once(Fault.reset());
        SmtpProbe probe = relay.ladder().over(Access.IMPLICIT_TLS).authenticated();
        assertThat(probe.mail("ann@x.test")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        assertThat(relay.lastSession()).isAuthenticatedAs("ann").saysInOrder("-- TLS", "C: EHLO", "S: 452");
        probe.write("NOOP\r\n");
        assertThat(probe).isClosed();
        assertThat(relay.connectTls().readReply()).hasCode(220);
        try (SmtpProbe own = SmtpProbe.connectTls(
                new InetSocketAddress(relay.address().getAddress(), relay.tlsPort()),
                TestCertificates.clientContext())) {
            assertThat(own.readReply()).hasCode(220);
        }
    }

    @Test
    void logsInAsSomebodyElse() {
        assertThatThrownBy(() -> relay.ladder().as("ann", "wrong").authenticated())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("AUTH");
    }

    @Test
    void presentsAnotherCertificateWhereverTlsBegins() {
        relay.present(TestCertificates.untrustedServerContext());
        for (Access access : new Access[] {Access.STARTTLS, Access.IMPLICIT_TLS}) {
            assertThatThrownBy(() -> relay.ladder().over(access).afterEhlo())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("handshake failed");
        }
        relay.present(TestCertificates.serverContext());
        assertThat(relay.ladder().over(Access.IMPLICIT_TLS).authenticated().send("NOOP"))
                .isOk();
    }

    @Test
    void trustsWhatItIsToldTo() throws Exception {
        Ladder distrustful = relay.ladder().with(SSLContext.getDefault());
        for (Access access : new Access[] {Access.STARTTLS, Access.IMPLICIT_TLS}) {
            assertThatThrownBy(() -> distrustful.over(access).afterEhlo())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("handshake failed");
        }
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        try (TestRelay other = TestRelay.start(env -> RelayUnderTest.of(clear, clear.port()))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.ladder().over(Access.IMPLICIT_TLS).connect())
                    .withMessageContaining("RelayUnderTest.withTlsPort(port)");
            assertThatIllegalStateException().isThrownBy(other::tlsPort);
            assertThatIllegalStateException()
                    .isThrownBy(() -> other.ladder().authenticated())
                    .withMessageContaining("withLogin(user, password)");
        }
    }
}
