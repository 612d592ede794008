package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What ends while nobody calls a store that is lost: the store is there, and holds it for a relay that lives. */
class LostStoreTest {

    private final Set<Object> held = ConcurrentHashMap.newKeySet();
    private volatile boolean lost;

    private void beThere() {
        if (lost) {
            throw new IllegalStateException("the store is away");
        }
    }

    private Optional<SessionRegistry.Permit> acquire(SessionRegistry.Claim claim) {
        beThere();
        held.add(claim);
        return Optional.of(() -> {
            beThere();
            held.remove(claim);
        });
    }

    @ParameterizedTest
    @EnumSource
    void placesReturnWhenItIsBack(StoreFailure then) {
        try (Scene scene = Scene.open(builder -> builder.sessions(
                        SessionLimits.defaults().withPerUser(1).withPerAddress(10))
                .stores(Stores.defaults().withSessions(this::acquire).onFailure(then)))) {
            SmtpProbe alice = scene.alice();
            assertThat(held).hasSizeGreaterThan(1);
            lost = true;
            for (int i = 0; i < 3; i++) { // as often as it is called
                scene.connect(Access.CLEAR).close();
            }
            Await.until("it is lost", () -> scene.relay.health().toString().contains("STORE_LOST"));
            lost = false;
            alice.quit();

            scene.clock.advance(Duration.ofSeconds(1)); // nobody calls it before
            scene.alice().quit();
            Await.until("places returned", held::isEmpty);
        }
    }

    private final class Lendings extends GrantingQuota {
        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            beThere();
            held.add(request.reservationId());
            return super.reserve(request);
        }

        @Override
        public void release(Reservation reservation) {
            beThere();
            held.remove(reservation.id());
        }
    }

    @ParameterizedTest
    @EnumSource
    void unitsReturnWhenItIsBack(StoreFailure then) {
        try (Scene scene = Scene.open(builder -> builder.quota(QuotaPlan.perDay(10))
                .stores(Stores.defaults().withQuota(new Lendings()).onFailure(then)))) {
            SmtpProbe alice = scene.alice();
            assertThat(alice.mail("alice@client.test")).hasCode(250);
            lost = true;
            for (int i = 0; i < 3; i++) {
                mailOfBert(scene, then == StoreFailure.REFUSE);
            }
            lost = false;
            alice.send("RSET");

            scene.clock.advance(Duration.ofSeconds(1));
            mailOfBert(scene, false);
            alice.quit();
            Await.until("units returned", held::isEmpty);
        }
    }

    private static void mailOfBert(Scene scene, boolean refused) {
        SmtpProbe bert = scene.loggedIn(Access.CLEAR, "bert@beta.test");
        assertThat(bert.mail("bert@beta.test"))
                .isStandardReply(refused ? StandardReply.UPSTREAM_RELAY_FAILED : StandardReply.SENDER_OK);
        bert.close();
    }
}
