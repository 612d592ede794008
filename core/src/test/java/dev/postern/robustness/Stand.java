package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.ServerTls;
import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.upstream.FakeUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A relay with room for one of everything: one session of a user, an account, an address, and one message of a block in
 * memory. What a client leaves behind is in the way of the next.
 */
final class Stand implements AutoCloseable {

    static final String MESSAGE = "From: alice@client.test\r\nSubject: hello\r\n\r\nHow are you?\r\n";

    static final SessionLimits ONE_OF_EACH =
            SessionLimits.defaults().withPerUser(1).withPerAccount(1).withPerAddress(1);

    private static final int BLOCK = 16 * 1024;
    private static final Identity ALICE = Identity.of("alice@client.test").withAccount("acme");
    private static final QuotaPlan PLAN = QuotaPlan.perMonth(1000);

    final FakeUpstream upstream = FakeUpstream.start();
    final TestClock clock = new TestClock();
    final SmtpRelay relay;
    private final SessionRegistry sessions = SessionGate.inProcessRegistry();
    private final QuotaStore quotas = QuotaGate.inProcessStore(clock);
    private final Path directory;

    private Stand(Path directory, BiFunction<Stand, SmtpRelayBuilder, SmtpRelayBuilder> change) {
        this.directory = directory;
        relay = change.apply(
                        this,
                        SmtpRelay.builder()
                                .listen("127.0.0.1", 0)
                                .listenTls("127.0.0.1", 0)
                                .hostName("relay.test")
                                .tls(TlsSettings.of(ServerTls.context()))
                                .auth(AuthSettings.passwords(Authenticator.inMemory()
                                                .user(ALICE, "alice")
                                                .build())
                                        .withPlaintext())
                                .clock(clock)
                                .stores(Stores.defaults().withSessions(sessions).withQuota(quotas))
                                .quota(PLAN)
                                .sessions(ONE_OF_EACH)
                                .storage(ContentStorage.defaults()
                                        .withMemoryPerMessage(BLOCK)
                                        .withMemory(BLOCK)
                                        .withDirectory(directory)))
                .start();
    }

    /** Delivers to the fake upstream. */
    static Stand open(Path directory) {
        return open(directory, builder -> builder);
    }

    /** Delivers to the fake upstream, with something changed. */
    static Stand open(Path directory, UnaryOperator<SmtpRelayBuilder> change) {
        return new Stand(
                directory,
                // so long to connect that a clock which runs fast does not end it
                (stand, builder) -> change.apply(builder.upstream(Upstream.smtp("127.0.0.1", stand.upstream.port())
                        .timeouts(UpstreamTimeouts.each(Duration.ofHours(20)).withDelivery(Duration.ofDays(1))))));
    }

    /** Delivers elsewhere. */
    static Stand delivering(Path directory, UpstreamDelivery delivery) {
        return new Stand(directory, (stand, builder) -> builder.delivery(delivery));
    }

    Client connect() {
        return new Client(relay.addresses().get(0));
    }

    Client connectTls() {
        return new Client(relay.addresses().get(1));
    }

    static void greet(Client client) {
        client.expect(220);
        client.say("EHLO client.test", 250);
    }

    static void logIn(Client client) {
        greet(client);
        client.say("AUTH PLAIN " + ClientScript.base64("\0alice@client.test\0alice"), 235);
    }

    static void envelope(Client client) {
        logIn(client);
        client.say("MAIL FROM:<alice@client.test>", 250);
        client.say("RCPT TO:<bob@dest.test>", 250);
    }

    /** Waits until nobody is there, and looks whether anything of them still is. */
    void assertFree() {
        Await.until(() -> "no connection, but there are " + relay.connections(), () -> relay.connections() == 0);
        for (Claim claim : new Claim[] {
            new Claim(Scope.USER, ALICE.user(), 1, "test"),
            new Claim(Scope.ACCOUNT, ALICE.account(), 1, "test"),
            new Claim(Scope.ADDRESS, "127.0.0.1", 1, "test")
        }) {
            Optional<Permit> permit = sessions.acquire(claim);
            assertThat(permit).as("a permit of %s", claim).isPresent();
            permit.get().close();
        }
        QuotaUsage usage = quotas.usage(ALICE.account(), PLAN);
        assertThat(usage.reserved()).as("quota reserved").isZero();
        assertThat(usage.used()).as("quota used").isEqualTo(upstream.messages().size());
        assertThat(Leftovers.spoolFiles(directory)).as("open temporary files").isEmpty();
    }

    /** The next client finds room for its session and, in memory, for its message. */
    void assertServes() {
        int before = upstream.messages().size();
        long directories = directories();
        try (Client next = connect()) {
            envelope(next);
            next.say("DATA", 354);
            next.say(MESSAGE + ".", 250);
            next.say("QUIT", 221);
        }
        assertThat(upstream.messages()).hasSize(before + 1);
        assertThat(directories())
                .as("directories for what memory had no room for")
                .isEqualTo(directories);
        assertFree();
    }

    private long directories() {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Stops the relay in another thread, while the clock runs. */
    void stop(Duration grace) {
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> relay.stop(grace));
        Await.until("the relay has stopped", () -> {
            clock.advance(Duration.ofMillis(100));
            return stopped.isDone();
        });
        stopped.join();
    }

    @Override
    public void close() {
        upstream.close();
        stop(Duration.ofSeconds(1));
        assertThat(relay.connections()).as("connections after the stop").isZero();
        assertThat(directories()).as("temporary directories after the stop").isZero();
    }
}
