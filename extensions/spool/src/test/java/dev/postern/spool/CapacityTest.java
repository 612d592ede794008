package dev.postern.spool;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.StandardReply;
import dev.postern.spool.Engine.Step;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients of a relay hear when its spool is full. */
@OnAnyJdk
class CapacityTest {

    private static final String ANN = "ann@example.org";
    private static final int CAPACITY = 10_000; // octets
    private static final String TOO_MUCH = ("x".repeat(98) + "\r\n").repeat(CAPACITY / 100);

    @TempDir
    private Path directory;

    private SmtpRelay relay(Policies policies, Spool spool) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.of(Map.of(ANN, "secret")))
                        .withPlaintext())
                .policies(policies)
                .delivery(spool)
                .start();
    }

    private Spool spool() {
        return Spool.builder(SpoolStore.directory(directory.resolve("spool")))
                .settings(SpoolSettings.defaults().withCapacity(100, CAPACITY))
                .start(message -> DeliveryResult.deferred("up", Reason.FAILED, "not now"));
    }

    private static SmtpProbe session(SmtpRelay relay) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port());
        assertThat(probe.readReply()).hasCode(220);
        probe.ehlo();
        assertThat(probe.authPlain(ANN, "secret")).hasCode(235);
        return probe;
    }

    private static void send(SmtpProbe probe, String text, StandardReply reply) {
        assertThat(probe.mail(ANN)).hasCode(250);
        assertThat(probe.rcpt("bob@example.net")).hasCode(250);
        assertThat(probe.data("From: ann@example.org\r\n\r\n" + text)).isStandardReply(reply);
    }

    @Test
    void aWrongSettingIsNamedAsItIsCalled() {
        SpoolSettings settings = SpoolSettings.defaults();
        assertThatThrownBy(() -> settings.withGiveUp(Duration.ZERO))
                .hasMessage("giveUp must be 100 ms to 30 days, not PT0S");
        assertThatThrownBy(() -> settings.withAttempts(0)).hasMessage("attempts must be 1 to 1000, not 0");
        assertThatThrownBy(() -> settings.withHostName("a b")).hasMessage("hostName must be a domain, not a b");
    }

    /** Nobody could know before; it is no fault of the upstream, so the session goes on. */
    @Test
    void fullAtTheEndOfContent_isAnsweredBy452AndTheSessionGoesOn() {
        try (Spool spool = spool();
                SmtpRelay relay = relay(Policies.defaults(), spool);
                SmtpProbe probe = session(relay)) {
            send(probe, TOO_MUCH, StandardReply.CONTENT_SPACE);
            send(probe, "hello\r\n", StandardReply.MESSAGE_QUEUED);
        }
    }

    /** What is being written will be on the disk too. */
    @Test
    @Timeout(60)
    void messagesThatComeAtOnce_shareWhatTheDiskHasLeft() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch written = new CountDownLatch(1);
        SpoolStore store = SpoolStore.directory(directory.resolve("spool")).wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.PUT && writing.getCount() > 0) {
                    writing.countDown();
                    Assertions.assertThatCode(written::await).doesNotThrowAnyException();
                }
                return super.transact(step, work);
            }

            @Override
            public long room() {
                return (64 << 20) + 3 * CAPACITY; // for one, in the log and in its place
            }
        });
        TestMessage message = TestMessage.of("From: ann@example.org\r\n\r\n" + TOO_MUCH);
        try (Spool spool = Spool.builder(store).start(any -> DeliveryResult.deferred("up", Reason.FAILED, "no"))) {
            CompletableFuture<DeliveryResult> first =
                    CompletableFuture.supplyAsync(() -> spool.deliver(message.submission()));
            writing.await();
            DeliveryResult second = spool.deliver(message.submission());
            written.countDown();
            Assertions.assertThat(first.get()).isInstanceOf(DeliveryResult.Accepted.class);
            Assertions.assertThat(second).isInstanceOf(DeliveryResult.Deferred.class);
        }
    }

    /** However many come at the same moment, an account has as many as it may. */
    @Test
    @Timeout(60)
    void messagesThatComeAtOnce_shareWhatTheAccountMayHave() {
        int most = 3;
        SpoolSettings settings = SpoolSettings.defaults().withCapacityPerAccount(most, CAPACITY);
        TestMessage message = TestMessage.of("Subject: hello\r\n\r\nhello\r\n");
        try (Spool spool = Spool.builder(SpoolStore.directory(directory.resolve("spool")))
                .settings(settings)
                .start(any -> DeliveryResult.deferred("up", Reason.FAILED, "not now"))) {
            List<CompletableFuture<DeliveryResult>> sent = Stream.generate(() -> CompletableFuture.supplyAsync(
                            () -> spool.deliver(message.submission()), task -> new Thread(task).start()))
                    .limit(10)
                    .toList();
            List<DeliveryResult> results =
                    sent.stream().map(CompletableFuture::join).toList();
            Assertions.assertThat(results)
                    .filteredOn(DeliveryResult.Accepted.class::isInstance)
                    .hasSize(most);
        }
    }

    /** Whoever tries again later would have more threads each time. */
    @Test
    @Timeout(60)
    void startThatFails_leavesNoThread() throws Exception {
        SpoolStore store = SpoolStore.directory(directory.resolve("spool")).wrapped(whole -> new MortalEngine(whole) {
            @Override
            public boolean alone() {
                return false;
            }

            @Override
            public <T> T read(Work<T> work) {
                throw new SpoolException("as the test wants it");
            }
        });
        FutureTask<Spool> start = new FutureTask<>(() -> Spool.builder(store).start(message -> Scene.accepted()));
        ThreadGroup threads = new ThreadGroup("a start that fails"); // other tests' spools run meanwhile
        Thread starting = new Thread(threads, start);
        starting.start();
        Assertions.assertThatThrownBy(start::get).hasCauseInstanceOf(SpoolException.class);
        starting.join();
        Assertions.assertThat(threads.activeCount()).isZero();
    }

    @Test
    void fullAtMail_isAnsweredBy452BeforeTheContentIsSent() {
        try (Spool spool = spool();
                SmtpRelay relay = relay(Policies.defaults().withEnvelope(spool.capacityPolicy()), spool);
                SmtpProbe probe = session(relay)) {
            assertThat(probe.send("MAIL FROM:<" + ANN + "> SIZE=" + (CAPACITY + 1)))
                    .isStandardReply(StandardReply.CONTENT_SPACE);
            send(probe, TOO_MUCH, StandardReply.CONTENT_SPACE); // its size was not said
            send(probe, "hello\r\n", StandardReply.MESSAGE_QUEUED);
        }
    }
}
