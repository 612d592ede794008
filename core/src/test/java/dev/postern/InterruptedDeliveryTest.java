package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.Stores;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.Reply;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.RelayEvents;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A host's delivery that is interrupted, and keeps its thread's interruption as good code does. */
class InterruptedDeliveryTest {

    private static DeliveryResult accepted() {
        return DeliveryResult.accepted("own", Reply.fromUpstream(250, List.of("2.0.0 taken")));
    }

    private static SmtpRelayBuilder relay(UpstreamDelivery delivery) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .auth(AuthSettings.defaults().withTrusted("127.0.0.1/32", Identity.of("alice@client.test")))
                .delivery(delivery);
    }

    private static void begin(SmtpProbe probe) {
        assertThat(probe.mail("alice@client.test")).hasCode(250);
        assertThat(probe.rcpt("bob@example.net")).hasCode(250);
        assertThat(probe.send("DATA")).hasCode(354);
        probe.write(Scene.MESSAGE + ".\r\n");
    }

    @Test
    void itsSessionGoesOn() {
        UpstreamDelivery interrupted = message -> {
            Thread.currentThread().interrupt();
            return accepted();
        };
        try (SmtpRelay relay = relay(interrupted).start();
                SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0))) {
            assertThat(probe.readReply()).hasCode(220);
            probe.ehlo();
            for (int i = 0; i < 2; i++) {
                begin(probe);
                assertThat(probe.readReply()).hasCode(250);
            }
            probe.quit();
        }
    }

    @Test
    void whatItsSessionHeldIsGivenBackWhenTheRelayStops() throws InterruptedException {
        TestClock clock = new TestClock();
        AtomicInteger held = new AtomicInteger();
        SessionRegistry registry = claim -> {
            held.incrementAndGet();
            return Optional.of(held::decrementAndGet);
        };
        RelayEvents events = new RelayEvents();
        CountDownLatch begun = new CountDownLatch(1);
        UpstreamDelivery endless = message -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return accepted();
        };
        SmtpRelay relay = relay(endless)
                .clock(clock)
                .listener(events)
                .stores(Stores.defaults().withSessions(registry))
                .start();
        try (SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0))) {
            assertThat(probe.readReply()).hasCode(220);
            probe.ehlo();
            begin(probe);
            begun.await();
            assertThat(held.get()).isPositive();
            clock.advanceUntil(Duration.ofSeconds(1), () -> {
                relay.stop(Duration.ZERO);
                return true;
            });
            assertThat(held.get()).isZero();
            assertThat(events.of(RelayEvent.StoreLost.class)).isEmpty();
        }
    }
}
