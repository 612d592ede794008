package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.Stores;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reservation;
import dev.postern.testkit.probe.SmtpProbe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An Error of the host's when the upstream has the message: a client that is not told so sends it once more. */
class ErrorBehindTheMessageTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                RelayEvent.SessionOpened.class,
                RelayEvent.MessageReceived.class,
                RelayEvent.Relayed.class,
                RelayEvent.QuotaThreshold.class,
                RelayEvent.MessageAnswered.class
            })
    void ofAListener(Class<? extends RelayEvent> event) {
        RelayListener listener = RelayListener.of(told -> {
            if (event.isInstance(told)) {
                throw new NoClassDefFoundError("of the host");
            }
        });
        try (Scene scene = Scene.open(b -> b.quota(QuotaPlan.perDay(2)).listener(listener))) {
            SmtpProbe alice = scene.alice();
            Scene.send(alice);
            Scene.send(alice);
            assertThat(scene.upstream.messages()).hasSize(2);
            assertThat(scene.relay.usage("acme").orElseThrow().used()).isEqualTo(2);
        }
    }

    @Test
    void ofAQuotaStore() {
        GrantingQuota store = new GrantingQuota() {
            @Override
            public QuotaUsage commitAndTell(Reservation reservation) {
                throw new StackOverflowError("of the host");
            }

            @Override
            public void release(Reservation reservation) {}
        };
        try (Scene scene = Scene.open(
                b -> b.quota(QuotaPlan.perDay(10)).stores(Stores.defaults().withQuota(store)))) {
            SmtpProbe alice = scene.alice();
            Scene.send(alice);
            Scene.send(alice);
            assertThat(scene.upstream.messages()).hasSize(2);
        }
    }
}
