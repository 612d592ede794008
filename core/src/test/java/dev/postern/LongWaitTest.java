package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Waits on a clock that runs by itself, as in production: the socket has no time-out then, the watchdog ends the wait. It
 * looks at the clock a few times a second, so each test takes about one.
 */
class LongWaitTest {

    private final JumpingClock clock = new JumpingClock();
    private final FakeUpstream upstream = FakeUpstream.start();
    private final SmtpRelay relay = SmtpRelay.builder()
            .listen("127.0.0.1", 0)
            .hostName("relay.test")
            .clock(clock)
            .authenticator(Authenticator.inMemory()
                    .user(Identity.of("alice@client.test"), "alice")
                    .build())
            .allowPlaintextAuth()
            .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
            .start();

    @AfterEach
    void stop() {
        relay.close();
        upstream.close();
    }

    @Test
    void aSilentClientGetsItsFarewell() {
        try (SmtpProbe probe = connect()) {
            probe.ehlo();
            clock.jump(Duration.ofSeconds(121));
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
            assertThat(probe).isClosed();
        }
    }

    @Test
    void aClientThatFallsSilentInsideItsContentGetsItsFarewell() {
        try (SmtpProbe probe = connect()) {
            probe.ehlo();
            probe.authPlain("alice@client.test", "alice");
            assertThat(probe.send("MAIL FROM:<alice@client.test>")).hasCode(250);
            assertThat(probe.send("RCPT TO:<bob@dest.test>")).hasCode(250);
            assertThat(probe.send("DATA")).hasCode(354);
            probe.write("From: alice@client.test\r\n");
            clock.jump(Duration.ofSeconds(121));
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        }
    }

    @Test
    void anUpstreamThatHangsIsGivenUp() throws Exception {
        upstream.script(Stage.MAIL, Fault.hang());
        try (SmtpProbe probe = connect()) {
            probe.ehlo();
            probe.authPlain("alice@client.test", "alice");
            assertThat(probe.send("MAIL FROM:<alice@client.test>")).hasCode(250);
            assertThat(probe.send("RCPT TO:<bob@dest.test>")).hasCode(250);
            assertThat(probe.send("DATA")).hasCode(354);
            probe.write("From: alice@client.test\r\n\r\nhello\r\n.\r\n");
            awaitMail();
            CompletableFuture<ProbeReply> reply = CompletableFuture.supplyAsync(probe::readReply);
            do {
                clock.jump(Duration.ofMinutes(3)); // once more, should the wait have begun only after it
            } while (!endsSoon(reply));
            assertThat(reply.join()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
        }
    }

    /** In less time the watchdog has not looked twice. */
    private static boolean endsSoon(CompletableFuture<ProbeReply> reply) throws Exception {
        try {
            reply.get(1, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false; // the clock is to jump once more
        }
    }

    private void awaitMail() {
        while (upstream.commands().stream().noneMatch(line -> line.startsWith("MAIL"))) {
            Thread.onSpinWait();
        }
    }

    private SmtpProbe connect() {
        SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0));
        assertThat(probe.readReply()).hasCode(220);
        return probe;
    }
}
