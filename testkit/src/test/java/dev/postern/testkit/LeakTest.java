package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a test leaves behind fails it, by its name. */
class LeakTest {

    private static TestRelay relay(Leak... allowed) throws Exception {
        return TestRelay.start(env -> {
                    FakeUpstream played = FakeUpstream.start();
                    return RelayUnderTest.of(played, played.port());
                })
                .allowing(allowed);
    }

    /** An application that goes to the upstream past the relay. */
    private static void deliver(TestRelay relay) {
        try (SmtpProbe application = SmtpProbe.connect(relay.upstream().address())) {
            application.readReply();
            application.ehlo();
            application.mail("a@x.test");
            application.rcpt("b@x.test");
            application.data("hello");
        }
    }

    @Test
    void nothingIsLeft() throws Exception {
        TestRelay relay = relay();
        assertThat(relay.afterEhlo().send("NOOP").code()).isEqualTo(250);
        deliver(relay);
        relay.upstream().awaitMessage();
        relay.close();
        relay.close();
        assertThatThrownBy(relay::address).hasMessage("the relay is closed");
    }

    /** A mistake of the starter that shows only when its relay runs. */
    @Test
    @SuppressWarnings("NullAway")
    void aRelayThatCannotBeReachedIsClosed() {
        AtomicInteger closed = new AtomicInteger();
        List<FakeUpstream> upstreams = new ArrayList<>();
        assertThatThrownBy(() -> TestRelay.start(env -> {
                    upstreams.add(env.upstream());
                    return new RelayUnderTest(env.upstream().address(), null, closed::incrementAndGet);
                }))
                .isInstanceOf(NullPointerException.class);
        assertThat(closed).hasValue(1);
        assertThatThrownBy(() -> SmtpProbe.connect(upstreams.get(0).address()).close())
                .hasMessageStartingWith("Cannot connect");
        assertThatThrownBy(() -> TestRelay.start(env -> null)).hasMessage("the starter has returned no relay");
    }

    /** An application that asserts something when it is closed. */
    @Test
    void aRelayWhoseCloseFailsLeavesNoUpstream() throws Exception {
        TestRelay relay = TestRelay.start(env -> RelayUnderTest.of(
                () -> {
                    throw new AssertionError("not clean");
                },
                env.upstream().port()));
        InetSocketAddress upstream = relay.upstream().address();
        assertThatThrownBy(relay::close).isInstanceOf(AssertionError.class).hasMessage("not clean");
        assertThatThrownBy(() -> SmtpProbe.connect(upstream).close()).hasMessageStartingWith("Cannot connect");
    }

    @Test
    void anUnreadReply() throws Exception {
        TestRelay relay = relay();
        SmtpProbe probe = relay.afterEhlo();
        probe.write("NOOP\r\nNOOP\r\n");
        probe.readReply();
        awaitSecondReply(probe);
        assertThatThrownBy(relay::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith("The test has left something behind; where that is as it should be, say so with"
                        + " allowing(Leak...):\n  UNREAD_REPLY: \"250 2.0.0 Ok\\r\\n\"\nTranscripts:\n  probe 0:\n")
                .hasMessageContaining("C: NOOP");
    }

    private static void awaitSecondReply(SmtpProbe probe) {
        while (!probe.hasUnread()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anUnreadFarewellIsNone() throws Exception {
        TestRelay relay = relay();
        relay.afterEhlo();
        relay.endSessions(StandardReply.SHUTTING_DOWN);
        relay.close();
    }

    @Test
    void anOpenSession() throws Exception {
        TestRelay relay = relay();
        try (Socket application = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            read(application);
            assertThatThrownBy(relay::close)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("OPEN_SESSION: session 0\n    S: 220 upstream.test");
        }
    }

    @Test
    void anUnseenMessage() throws Exception {
        TestRelay relay = relay();
        deliver(relay);
        assertThatThrownBy(relay::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("UNSEEN_MESSAGE: ReceivedMessage[<a@x.test> to [b@x.test], 7 octets");
    }

    @Test
    void anUnusedFault() throws Exception {
        TestRelay relay = relay();
        relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
        relay.at(Stage.RCPT).forUser("ann").forAddress("b@x.test").times(2, Fault.reset());
        relay.at(Stage.MAIL).always(Fault.close());
        relay.upstream().at(Stage.EHLO).once(Fault.close());
        assertThatThrownBy(relay::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(
                        "UNUSED_FAULT: \"452 4.2.2 Quota exceeded for the current period\\r\\n\" at MAIL\n")
                .hasMessageContaining("UNUSED_FAULT: RESET at RCPT for user ann for b@x.test, 2 times\n")
                .hasMessageContaining("UNUSED_FAULT: CLOSE at EHLO");
    }

    @Test
    void whatIsAllowedIsNoLeak() throws Exception {
        TestRelay relay = relay(Leak.values());
        relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
        deliver(relay);
        relay.afterEhlo().write("NOOP\r\n");
        try (Socket application = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
            read(application);
            relay.close();
        }
    }

    private static void read(Socket application) {
        try {
            byte[] greeting = application.getInputStream().readNBytes(3);
            assertThat(new String(greeting, StandardCharsets.US_ASCII)).isEqualTo("220");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
