package com.example.shop.tests;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import com.example.shop.MailGate;
import com.example.shop.Staff;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One relay for all tests of the class, and what surrounds it as parameters. */
class ParametersTest {

    @RegisterExtension
    static final RelayExtension RELAY = RelayExtension.with(env -> {
        Upstream upstream = Upstream.smtp("127.0.0.1", env.upstream().port());
        SmtpRelay started = MailGate.settings(env.serverTls(), new Staff(Map.of()), upstream)
                .clock(env.clock())
                .start();
        return RelayUnderTest.of(started, started.port());
    });

    @Test
    void aMessageArrives(SmtpProbe probe, FakeUpstream upstream) {
        assertThat(probe.ehlo()).offers("STARTTLS");
        assertThat(probe.mail("orders@shop.example")).isOk();
        assertThat(probe.rcpt("bob@example.net")).isOk();
        assertThat(probe.data("From: orders@shop.example\r\n\r\nhello\r\n")).isOk();
        assertThat(upstream).hasMessages(1);
    }

    @Test
    void silenceEnds(SmtpProbe probe, TestClock clock) {
        assertThat(probe.ehlo()).isOk();
        clock.advance(Duration.ofMinutes(2));
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
    }
}
