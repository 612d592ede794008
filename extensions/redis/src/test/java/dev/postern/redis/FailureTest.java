package dev.postern.redis;

import static dev.postern.testkit.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.testkit.FakeUpstream;
import dev.postern.testkit.ProbeReply;
import dev.postern.testkit.SmtpProbe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay whose Redis is killed, suspended and started again. */
class FailureTest {

    private static final String MESSAGE = "From: ann@example.org\r\nSubject: hello\r\n\r\nHow are you?\r\n";
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(5);

    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = new RedisServer();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    /** A relay that counts on the server. */
    private static final class Scene implements AutoCloseable {
        private final RedisStores stores = RedisStores.builder(server.uri())
                .lease(Duration.ofSeconds(3))
                .timeout(Duration.ofMillis(500))
                .start();
        private final FakeUpstream upstream = FakeUpstream.start();
        private final List<RelayEvent> events = new CopyOnWriteArrayList<>();
        private final SmtpRelay relay;
        private final String user;

        private Scene(String user, UnaryOperator<SmtpRelay.Builder> change) {
            this.user = user;
            relay = change.apply(SmtpRelay.builder()
                            .listen("127.0.0.1", 0)
                            .authenticator(Authenticator.inMemory()
                                    .user(Identity.of(user).withAccount(user).withDomains("example.org"), "secret")
                                    .build())
                            .allowPlaintextAuth()
                            .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                            .quota(PLAN)
                            .quotaStore(stores.quota())
                            .maxSessionsPerAddress(1000)
                            .listener(events::add))
                    .start();
        }

        /** Sends a message in a session of its own, and returns the reply that decided. */
        private ProbeReply send() {
            try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
                probe.readReply();
                probe.ehlo();
                assertThat(probe.authPlain(user, "secret")).hasCode(235);
                ProbeReply reply = probe.mail("ann@example.org");
                if (reply.code() == 250) {
                    reply = probe.rcpt("bob@example.net");
                }
                return reply.code() == 250 ? probe.data(MESSAGE) : reply;
            }
        }

        private void awaitAnswer(StandardReply expected) {
            long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
            ProbeReply reply = send();
            while (reply.code() == 421 && System.nanoTime() - deadline < 0) {
                reply = send();
            }
            assertThat(reply).isStandardReply(expected);
        }

        /** A request that was given up may have been done by a server that was suspended; a heartbeat takes it back. */
        private void awaitNothingReserved() {
            long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
            while (relay.usage(user).map(QuotaUsage::reserved).orElse(1L) > 0 && System.nanoTime() - deadline < 0) {
                Thread.onSpinWait();
            }
            assertThat(relay.usage(user).map(QuotaUsage::reserved)).contains(0L);
        }

        private long used() {
            return relay.usage(user).map(QuotaUsage::used).orElse(-1L);
        }

        @Override
        public void close() {
            relay.close();
            upstream.close();
            stores.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesTemporarilyWithoutItsStoreAndServesAgainWithIt(boolean killed) {
        try (Scene scene = new Scene("fail-closed-" + killed, builder -> builder)) {
            assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            lose(killed);
            for (int i = 0; i < 5; i++) {
                assertThat(scene.send()).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
            }
            assertThat(scene.events).contains(new RelayEvent.StoreLost("QuotaStore", StoreFailure.REFUSE));
            assertThat(scene.upstream.messages()).hasSize(1);
            find(killed);
            scene.awaitNothingReserved();
            scene.awaitAnswer(StandardReply.MESSAGE_ACCEPTED);
            assertThat(scene.events).contains(new RelayEvent.StoreFound("QuotaStore"));
            assertThat(scene.upstream.messages()).hasSize(2);
            assertThat(scene.used()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void countsInProcessWhereTheHostChoseItAndGrantsNothingTwice(boolean killed) {
        try (Scene scene =
                new Scene("degrade-" + killed, builder -> builder.onStoreFailure(StoreFailure.COUNT_IN_PROCESS))) {
            assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            lose(killed);
            for (int i = 0; i < 3; i++) {
                assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            }
            assertThat(scene.events).contains(new RelayEvent.StoreLost("QuotaStore", StoreFailure.COUNT_IN_PROCESS));
            assertThat(scene.used()).isEqualTo(4); // the one that was seen of the store among them
            find(killed);
            long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
            while (!scene.events.contains(new RelayEvent.StoreFound("QuotaStore"))
                    && System.nanoTime() - deadline < 0) {
                scene.used(); // asks the store as soon as it may
            }
            assertThat(scene.stores.quota().usage(scene.user, PLAN).used()).isEqualTo(4);
            scene.awaitNothingReserved();
            assertThat(scene.send()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            assertThat(scene.send()).isStandardReply(StandardReply.QUOTA_EXCEEDED);
            assertThat(scene.upstream.messages()).hasSize(5);
        }
    }

    private static void lose(boolean killed) {
        if (killed) {
            server.kill();
        } else {
            server.pause();
        }
    }

    private static void find(boolean killed) {
        if (killed) {
            server.start();
        } else {
            server.resume();
        }
    }
}
