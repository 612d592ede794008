package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Await;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An Error of a host's store while a session is taken down: what is not given back then is taken for ever. */
class ErrorAtTheEndTest {

    private static final class Unforgiving extends GrantingQuota {
        @Override
        public void release(Reservation reservation) {
            throw new StackOverflowError("of the host");
        }
    }

    /** How a client goes away. */
    enum Going {
        LOST {
            @Override
            void go(SmtpProbe probe) {
                probe.close();
            }
        },
        QUIT {
            @Override
            void go(SmtpProbe probe) {
                probe.write("QUIT\r\n");
                probe.close();
            }
        };

        abstract void go(SmtpProbe probe);
    }

    @ParameterizedTest
    @EnumSource
    void aReservationThatCannotBeReleased(Going how) {
        try (Scene scene = Scene.open(builder -> builder.quota(QuotaPlan.perDay(10))
                .sessions(SessionLimits.defaults().withPerUser(1))
                .stores(Stores.defaults().withQuota(new Unforgiving())))) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.mail("alice@client.test")).hasCode(250);
            how.go(probe);
            Await.until("the session is gone", () -> scene.relay.sessions().isEmpty());
            assertThat(scene.relay.connections()).isZero();
            assertThat(scene.relay.figures().authenticated()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPlaceThatCannotBeGivenBack(Going how) {
        Set<Scope> held = ConcurrentHashMap.newKeySet();
        SessionRegistry registry = claim -> {
            held.add(claim.scope());
            return Optional.of(() -> {
                held.remove(claim.scope());
                if (claim.scope() == Scope.USER) {
                    throw new StackOverflowError("of the host");
                }
            });
        };
        try (Scene scene =
                Scene.open(builder -> builder.stores(Stores.defaults().withSessions(registry)))) {
            SmtpProbe probe = scene.alice(Access.CLEAR);
            how.go(probe);
            Await.until("the session is gone", () -> scene.relay.sessions().isEmpty());
            assertThat(scene.relay.connections()).isZero();
            assertThat(scene.relay.figures().authenticated()).isZero();
            assertThat(held).isEmpty();
        }
    }
}
