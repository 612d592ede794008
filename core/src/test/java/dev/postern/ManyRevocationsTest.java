package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.Stores;
import dev.postern.spi.SessionRegistry;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Other relays have revoked many users, of which the registry tells once a second for half a minute. */
class ManyRevocationsTest {

    private static final class Registry implements SessionRegistry {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public Optional<Permit> acquire(Claim claim) {
            return Optional.of(() -> {});
        }

        @Override
        public List<Revocation> revoked(Duration within) {
            asked.incrementAndGet();
            return IntStream.range(0, 100)
                    .mapToObj(i -> new Revocation(Scope.USER, "user" + i + "@client.test", Duration.ofSeconds(20)))
                    .toList();
        }
    }

    @Test
    void thoseOfOthersBeforeALoginBeganDoNotEndIt() {
        Registry registry = new Registry();
        try (Scene scene = Scene.open(b -> b.stores(Stores.defaults().withSessions(registry)))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send("AUTH LOGIN YWxpY2VAY2xpZW50LnRlc3Q=")).hasCode(334);
            for (int second = 0; second < 12; second++) {
                int before = registry.asked.get();
                scene.clock.advance(Duration.ofSeconds(1));
                Await.until("it is asked once more", () -> registry.asked.get() > before);
            }
            assertThat(probe.send("YWxpY2U=")).hasCode(235);
        }
    }
}
