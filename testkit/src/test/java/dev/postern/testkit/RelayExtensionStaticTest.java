package dev.postern.testkit;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One relay for all tests of a class, which do not see each other's traces. */
class RelayExtensionStaticTest {

    @RegisterExtension
    static final RelayExtension RELAY = RelayExtension.with(env -> {
                FakeUpstream played = FakeUpstream.start();
                return RelayUnderTest.of(played, played.port());
            })
            .allowing(Leak.UNUSED_FAULT);

    private static final Set<InetSocketAddress> ADDRESSES = new HashSet<>();

    @RepeatedTest(3)
    void startsOnceAndForgetsBetweenTests(SmtpProbe probe, RelayEvents events, TestAccounts accounts) {
        ADDRESSES.add(RELAY.address());
        assertThat(probe.ehlo()).isOk();
        assertThat(probe.mail("a@x.test")).as("no fault of the test before").isOk();
        assertThat(RELAY.upstream()).hasNoMessages().hasConnections(0);
        assertThat(events.all()).as("no event of the test before").isEmpty();
        assertThat(events).isSameAs(RELAY.events());
        assertThat(accounts).isSameAs(RELAY.accounts());
        events.on(RelayEvent.RelayClosed.of());
        try (SmtpProbe application = SmtpProbe.connect(RELAY.upstream().address())) {
            assertThat(application.readReply()).hasCode(220);
            assertThat(application.quit()).hasCode(221);
        }
        RELAY.upstream().awaitOpenConnections(0);
        RELAY.nextAnswers(StandardReply.QUOTA_EXCEEDED);
    }

    @AfterAll
    static void allTheSame() {
        assertThat(ADDRESSES).hasSize(1);
    }
}
