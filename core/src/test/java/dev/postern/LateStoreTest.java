package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.Stores;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.Reservation;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that grants when nobody waits for it any more: nobody would ever give back what it granted. */
class LateStoreTest {

    private static final Duration STEP = Duration.ofMillis(500);
    private static final String LOGIN = "AUTH PLAIN "
            + Base64.getEncoder().encodeToString("\0alice@client.test\0alice".getBytes(StandardCharsets.US_ASCII));

    private final CompletableFuture<String> givenBack = new CompletableFuture<>();

    /** Comes back only when the relay has given the call up, with what was done all the same. */
    private static <T> T late(T answer) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            return answer;
        }
        throw new IllegalStateException("nobody gave it up");
    }

    @ParameterizedTest
    @EnumSource
    void aPlaceIsGivenBack(StoreFailure then) {
        SessionRegistry registry = claim -> claim.scope() == Scope.USER
                ? late(Optional.of(() -> givenBack.complete(claim.key())))
                : Optional.of(() -> {});
        try (Scene scene = Scene.open(builder ->
                builder.stores(Stores.defaults().withSessions(registry).onFailure(then)))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            probe.write(LOGIN + "\r\n");
            assertThat(scene.replyInTime(probe, STEP))
                    .isStandardReply(
                            then == StoreFailure.REFUSE
                                    ? StandardReply.AUTH_UNAVAILABLE
                                    : StandardReply.AUTH_SUCCEEDED);
            assertThat(givenBack).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("alice@client.test");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAttemptIsGivenBack(StoreFailure then) {
        try (Scene scene = Scene.open(builder ->
                builder.stores(Stores.defaults().withLogins(new LateThrottle()).onFailure(then)))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            probe.write(LOGIN + "\r\n");
            assertThat(scene.replyInTime(probe, STEP))
                    .isStandardReply(
                            then == StoreFailure.REFUSE
                                    ? StandardReply.AUTH_UNAVAILABLE
                                    : StandardReply.AUTH_SUCCEEDED);
            assertThat(givenBack).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("127.0.0.1");
        }
    }

    private final class LateThrottle implements LoginThrottle {
        @Override
        public boolean blocked(String address, Rule rule) {
            return false;
        }

        @Override
        public Decision attempt(String address, Rule rule) {
            return late(new Decision.Granted(new Attempt() {
                @Override
                public void failed() {
                    throw new IllegalStateException("nobody has looked at it");
                }

                @Override
                public void withdraw() {
                    givenBack.complete(address);
                }
            }));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReservationIsGivenBack(StoreFailure then) {
        try (Scene scene = Scene.open(builder -> builder.quota(QuotaPlan.perDay(10))
                .stores(Stores.defaults().withQuota(new LateQuota()).onFailure(then)))) {
            SmtpProbe probe = scene.alice();
            probe.write("MAIL FROM:<alice@client.test>\r\n");
            assertThat(scene.replyInTime(probe, STEP))
                    .isStandardReply(
                            then == StoreFailure.REFUSE
                                    ? StandardReply.UPSTREAM_RELAY_FAILED
                                    : StandardReply.SENDER_OK);
            assertThat(givenBack).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("acme");
        }
    }

    private final class LateQuota extends GrantingQuota {
        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return late(super.reserve(request));
        }

        @Override
        public void release(Reservation reservation) {
            givenBack.complete(reservation.account());
        }
    }
}
