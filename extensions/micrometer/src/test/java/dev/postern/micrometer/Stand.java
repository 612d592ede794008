package dev.postern.micrometer;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A relay with meters, between a client and a fake upstream. */
final class Stand implements AutoCloseable {

    static final String ALICE = "alice@client.test";
    static final String CAROL = "carol@client.test";
    static final String MESSAGE = "From: alice@client.test\r\nSubject: hello\r\n\r\nHow are you?\r\n";

    final FakeUpstream upstream = FakeUpstream.start();
    final SmtpRelay relay;

    Stand(PosternMetrics metrics) {
        this(metrics, builder -> builder);
    }

    Stand(PosternMetrics metrics, UnaryOperator<SmtpRelayBuilder> change) {
        this(metrics, change, PoolSettings.defaults());
    }

    Stand(PosternMetrics metrics, PoolSettings pool) {
        this(metrics, builder -> builder, pool);
    }

    private Stand(PosternMetrics metrics, UnaryOperator<SmtpRelayBuilder> change, PoolSettings pool) {
        Authenticator users = Authenticator.inMemory()
                .user(Identity.of(ALICE).withAccount("acme"), "alice")
                .user(Identity.of(CAROL), "carol")
                .build();
        relay = change.apply(SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .hostName("relay.test")
                        // not the authenticator itself, which cannot block and needs no time-out
                        .auth(AuthSettings.passwords((credentials, client) -> users.authenticate(credentials, client))
                                .withPlaintext())
                        .quota(QuotaPlan.perDay(100))
                        .storage(ContentStorage.defaults().withMemoryPerMessage(32 * 1024))
                        .upstream(Upstream.smtp("127.0.0.1", upstream.port())
                                .circuit(CircuitSettings.defaults().withFailures(1))
                                .pool(pool))
                        .listener(metrics))
                .start();
    }

    SmtpProbe connected() {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).isOk();
        return probe;
    }

    SmtpProbe alice() {
        SmtpProbe probe = connected();
        assertThat(probe.authPlain(ALICE, "alice")).hasCode(235);
        return probe;
    }

    static ProbeReply send(SmtpProbe probe, String message) {
        return send(probe, ALICE, message);
    }

    static ProbeReply send(SmtpProbe probe, String sender, String message) {
        assertThat(probe.mail(sender)).hasCode(250);
        assertThat(probe.rcpt("bob@dest.test")).hasCode(250);
        return probe.data(message);
    }

    /** A session's end is told after its client has gone. */
    static void await(BooleanSupplier holds) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within 10 s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        relay.close();
        upstream.close();
    }
}
