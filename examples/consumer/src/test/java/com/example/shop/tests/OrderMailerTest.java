package com.example.shop.tests;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThatSending;
import static org.assertj.core.api.Assertions.assertThat;

import com.example.shop.MailGate;
import com.example.shop.OrderMailer;
import com.example.shop.Staff;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.fault.Stage;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OrderMailerTest {

    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                Upstream upstream = Upstream.smtp("127.0.0.1", env.upstream().port());
                SmtpRelay started = MailGate.settings(
                                env.serverTls(), new Staff(Map.of("ann@shop.example", "secret")), upstream)
                        .listener(env.events())
                        .clock(env.clock())
                        .start();
                return RelayUnderTest.of(started, started.port());
            })
            .withLogin("ann@shop.example", "secret");

    @Test
    void anOrderIsConfirmed() throws Exception {
        new OrderMailer(relay.port()).confirm("bob@example.net", 7);
        assertThat(relay.upstream().awaitMessage()).isTo("bob@example.net").hasSubject("Order 7");
        assertThat(relay).hasRelayed(1);
    }

    @Test
    void triesAgainOn452() throws Exception {
        relay.at(Stage.MAIL).times(2, Fault.reply(StandardReply.QUOTA_EXCEEDED));
        new OrderMailer(relay.port()).confirm("bob@example.net", 7);
        assertThat(relay.upstream()).hasMessages(1);
        assertThat(relay).hasSessions(3);
    }

    @Test
    void aRefusalIsTold() {
        relay.at(Stage.END_OF_DATA).times(3, Fault.reply(StandardReply.FROM_DOMAIN_MISMATCH));
        assertThatSending(() -> new OrderMailer(relay.port()).confirm("bob@example.net", 7))
                .isRefusedWith(StandardReply.FROM_DOMAIN_MISMATCH);
    }

    @Test
    void theRelayRefusesReally() {
        SmtpProbe probe = relay.authenticated();
        relay.clock().advance(Duration.ofMinutes(2));
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
    }

    @Test
    void aMessageOfTheStaffIsRelayed() {
        SmtpProbe probe = relay.atRcpt("ann@shop.example", "bob@example.net");
        assertThat(probe.data("From: ann@shop.example\r\nSubject: hello\r\n\r\nhello\r\n")).isOk();
        assertThat(relay.upstream().awaitMessage()).hasSubject("hello");
        assertThat(relay.lastSession()).isAuthenticatedAs("ann@shop.example");
    }

    /** The run says which it is to be: on the class path, both are the unnamed module. */
    @Test
    void runsOnThePathThatIsAskedFor() {
        boolean modules = Boolean.getBoolean("shop.modules");
        assertThat(getClass().getModule().isNamed()).isEqualTo(modules);
        assertThat(RelayExtension.class.getModule().isNamed()).isEqualTo(modules);
        assertThat(Test.class.getModule().isNamed()).isEqualTo(modules);
    }
}
