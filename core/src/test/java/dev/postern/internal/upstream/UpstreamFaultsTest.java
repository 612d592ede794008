package dev.postern.internal.upstream;

import static dev.postern.internal.upstream.ScriptedUpstream.CLOSE;
import static dev.postern.internal.upstream.ScriptedUpstream.HANG;
import static dev.postern.internal.upstream.ScriptedUpstream.RESET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.ScriptedUpstream.Stage;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.internal.upstream.UpstreamPool.Settings;
import dev.postern.internal.upstream.client.Connection;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.MessageContent;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every stage and everything that an upstream can do wrong there: what is told, and that nothing was delivered. */
class UpstreamFaultsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TestClock clock = new TestClock();
    private final Watchdog watchdog = new Watchdog(clock);
    private ScriptedUpstream upstream;
    private UpstreamPool pool;

    @BeforeEach
    void start() throws IOException {
        upstream = new ScriptedUpstream().tls(TestCertificates.serverContext(), false);
        pool = pool(Security.NONE, "");
    }

    @AfterEach
    void stop() throws IOException {
        pool.close();
        upstream.close();
        watchdog.close();
    }

    static Stream<Arguments> faultsBeforeMail() {
        return Stream.of(Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.HANDSHAKE, Stage.AUTH)
                .flatMap(stage -> Stream.of(
                                "421 4.3.2 busy\r\n", "454 4.7.0 later\r\n", "554 5.7.1 never\r\n", CLOSE, RESET)
                        .map(fault -> arguments(stage, fault)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void faultsBeforeMail(Stage stage, String fault) {
        upstream.offers("STARTTLS").offersInTls("AUTH PLAIN").script((connection, at, line) -> {
            boolean helloToo = stage == Stage.EHLO && at == Stage.HELO; // EHLO refused for good is no fault by itself
            return at == stage || helloToo ? Optional.of(fault) : Optional.empty();
        });
        pool = pool(Security.STARTTLS_REQUIRED, "bob");
        assertDeferred(pool.deliver(Mail.simple()), Reason.UNREACHABLE);
        assertServesAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GREETING", "EHLO", "STARTTLS", "HANDSHAKE", "AUTH"})
    void hangsBeforeMail(Stage stage) throws Exception {
        upstream.offers("STARTTLS").offersInTls("AUTH PLAIN").script(stage, HANG);
        pool = pool(Security.STARTTLS_REQUIRED, "bob");
        assertDeferred(afterHanging(Mail.simple()), Reason.UNREACHABLE);
        assertServesAgain();
    }

    static Stream<Arguments> temporaryFaults() {
        return Stream.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END)
                .flatMap(stage ->
                        Stream.of("421 4.3.2 busy\r\n", "451 4.3.0 later\r\n").map(fault -> arguments(stage, fault)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void temporaryFaults(Stage stage, String fault) {
        upstream.script(stage, fault);
        DeliveryResult result = pool.deliver(Mail.simple());
        assertDeferred(result, stage == Stage.MAIL ? Reason.TURNED_AWAY : Reason.FAILED);
        assertThat(((Deferred) result).detail()).isEqualTo(stage + ": " + fault.strip());
        assertServesAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA", "END"})
    void permanentFaults(Stage stage) {
        upstream.script(stage, "554-5.7.1 no \u0007bell\r\n554 5.7.1 never\r\n");
        DeliveryResult result = pool.deliver(Mail.simple());
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).reply()).hasToString("554 5.7.1 no ?bell / never");
        assertThat(((Rejected) result).recipients()).hasSize(stage == Stage.RCPT ? 1 : 0);
        assertThat(upstream.messages()).isEmpty();
        assertServesAgain();
        assertThat(upstream.connections()).as("the connection is used again").isEqualTo(1);
    }

    static Stream<Arguments> lostConnections() {
        return Stream.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.END)
                .flatMap(stage -> Stream.of(
                                CLOSE,
                                RESET,
                                "nonsense\r\n",
                                "250 bare line feed\n",
                                "999 what\r\n",
                                "251-a\r\n252 b\r\n")
                        .map(fault -> arguments(stage, fault)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void lostConnections(Stage stage, String fault) {
        boolean stopsReading = fault.equals(CLOSE) || fault.equals(RESET);
        // a small message is handed over whole, and then nobody can say any more where the connection was lost
        MessageContent content = stage == Stage.CONTENT && stopsReading ? Mail.large() : Mail.content(Mail.TEXT);
        boolean ambiguous = stage == Stage.END || stage == Stage.CONTENT && !stopsReading;
        upstream.script(stage, fault);
        DeliveryResult result = pool.deliver(Mail.submission(content, "alice@example.org"));
        Reason before = stage == Stage.MAIL ? Reason.TURNED_AWAY : Reason.FAILED;
        assertDeferred(result, ambiguous ? Reason.AMBIGUOUS : before);
        assertThat(upstream.connections()).as("no second try").isEqualTo(1);
        assertServesAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT", "DATA", "CONTENT", "END"})
    void hangs(Stage stage) throws Exception {
        upstream.script(stage, HANG);
        MessageContent content = stage == Stage.CONTENT ? Mail.large() : Mail.content(Mail.TEXT);
        DeliveryResult result = afterHanging(Mail.submission(content, "alice@example.org"));
        assertDeferred(
                result,
                switch (stage) {
                    case MAIL -> Reason.TURNED_AWAY;
                    case END -> Reason.AMBIGUOUS;
                    default -> Reason.FAILED;
                });
        assertThat(((Deferred) result).detail()).endsWith("time-out");
        assertThat(upstream.connections()).as("no second try").isEqualTo(1);
        assertServesAgain();
    }

    /** RFC 5321 section 4.5.3.2.5: the limit is for a block, not for all of them. */
    @Test
    void contentThatMovesIsNotEndedHoweverLongItTakes() {
        int block = Connection.BUFFER_OCTETS;
        MessageContent slow = new Broken(4L * block) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                for (int i = 0; i < 4; i++) {
                    clock.advance(LIMIT.minusSeconds(1));
                    awaitRoundOfTheWatchdog();
                    out.write(new byte[block]);
                }
            }
        };
        assertThat(pool.deliver(Mail.submission(slow, "alice@example.org")))
                .isInstanceOf(DeliveryResult.Accepted.class);
    }

    /** What is overdue now has been closed when this returns. */
    private void awaitRoundOfTheWatchdog() {
        for (int i = 0; i < 2; i++) { // the second may have been looked at before what we wait for, not the first
            CountDownLatch closed = new CountDownLatch(1);
            try (Watchdog.Watch watch = watchdog.watch(closed::countDown)) {
                watch.armUntil(clock.nanoTime());
                closed.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Each reply comes within its limit, and all of them together take too long. */
    @Test
    void theStepsOfADeliveryTogetherAreLimitedToo() {
        limitDeliveries(LIMIT.multipliedBy(2));
        upstream.offers("SIZE").script((connection, stage, line) -> { // without PIPELINING
            if (stage == Stage.RCPT) {
                clock.advance(LIMIT.minusSeconds(5));
            }
            return Optional.empty();
        });
        DeliveryResult result = pool.deliver(
                Mail.submission(Mail.content(Mail.TEXT), "a@example.org", "b@example.org", "c@example.org"));
        assertDeferred(result, Reason.FAILED);
        assertThat(((Deferred) result).detail()).endsWith("time-out");
        assertServesAgain();
    }

    /** Its client would be told that it failed, whatever came of it. */
    @Test
    void theEndOfTheContentIsNotSentWhenTheTimeIsOver() {
        limitDeliveries(LIMIT.multipliedBy(2));
        MessageContent late = new Broken(Mail.TEXT.length()) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(Mail.TEXT.getBytes(StandardCharsets.US_ASCII));
                clock.advance(LIMIT.multipliedBy(3));
            }
        };
        assertDeferred(pool.deliver(Mail.submission(late, "alice@example.org")), Reason.FAILED);
        assertServesAgain();
    }

    private void limitDeliveries(Duration limit) {
        Settings patient = Mail.settings(upstream.port());
        pool.close();
        pool = new UpstreamPool(
                new Settings(
                        patient.host(),
                        patient.port(),
                        patient.security(),
                        patient.tls(),
                        patient.verifyHostName(),
                        "",
                        "",
                        null,
                        UpstreamTimeouts.each(LIMIT).withDelivery(limit),
                        patient.pooling(),
                        patient.heloName(),
                        patient.circuit()),
                clock,
                watchdog,
                RelayListener.none());
    }

    @Test
    void aReplyThatTricklesIsBoundedAsAWhole() {
        upstream.offers("SIZE").script(Stage.MAIL, "250-still\r\n250-"); // without PIPELINING nothing comes behind it
        DeliveryResult result = clock.advanceUntil(Duration.ofSeconds(1), () -> pool.deliver(Mail.simple()));
        assertDeferred(result, Reason.TURNED_AWAY);
        assertThat(((Deferred) result).detail()).endsWith("time-out");
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 5_000})
    void endlessReplyLinesAreALostConnection(int lines) {
        upstream.script(Stage.MAIL, "250-more\r\n".repeat(lines) + "250 end\r\n");
        assertDeferred(pool.deliver(Mail.simple()), Reason.TURNED_AWAY);
    }

    @Test
    void anEndlessLineIsALostConnection() {
        upstream.script(Stage.MAIL, "250 " + "x".repeat(100_000) + "\r\n");
        assertDeferred(pool.deliver(Mail.simple()), Reason.TURNED_AWAY);
    }

    @Test
    void aReplyOfManyLongLinesIsCutAndPassedOn() {
        upstream.script(Stage.DATA, ("550-" + "x".repeat(600) + "\r\n").repeat(99) + "550 end\r\n");
        DeliveryResult result = pool.deliver(Mail.simple());
        assertThat(((Rejected) result).reply().lines()).hasSize(100).allMatch(line -> line.length() <= 512);
    }

    @Test
    void aSecondReplyIsNotTakenForTheNextOne() {
        upstream.script(Stage.DATA, "354 go on\r\n250 2.0.0 queued\r\n");
        assertDeferred(pool.deliver(Mail.simple()), Reason.FAILED);
    }

    @Test
    void successInPlaceOf354IsALostConnection() {
        upstream.script(Stage.DATA, "250 2.0.0 queued\r\n");
        assertDeferred(pool.deliver(Mail.simple()), Reason.FAILED);
    }

    @Test
    void an354AfterTheEndIsAmbiguous() {
        upstream.script(Stage.END, "354 more\r\n");
        assertDeferred(pool.deliver(Mail.simple()), Reason.AMBIGUOUS);
    }

    @Test
    void aPermanentRefusalInsideTheContentIsHeard() {
        upstream.script(Stage.CONTENT, "552 5.3.4 too much\r\n" + CLOSE);
        DeliveryResult result = pool.deliver(Mail.submission(Mail.large(), "alice@example.org"));
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).reply()).hasToString("552 5.3.4 too much");
        assertServesAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.3.2 away\r\n", "452 4.3.1 full\r\n"})
    void aTemporaryRefusalInsideTheContentIsHeard(String reply) {
        upstream.script(Stage.CONTENT, reply + CLOSE);
        DeliveryResult result = pool.deliver(Mail.submission(Mail.large(), "alice@example.org"));
        assertDeferred(result, Reason.FAILED);
        assertThat(((Deferred) result).detail()).isEqualTo("CONTENT: " + reply.strip());
    }

    @Test
    void successInsideTheContentIsNoSuccess() {
        upstream.script(Stage.CONTENT, "250 2.0.0 queued\r\n" + CLOSE);
        assertDeferred(pool.deliver(Mail.submission(Mail.large(), "alice@example.org")), Reason.FAILED);
    }

    @Test
    void contentThatCannotBeReadIsNotEnded() throws Exception {
        MessageContent broken = new Broken(Mail.TEXT.length()) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(Mail.TEXT.getBytes(StandardCharsets.US_ASCII));
                throw new IOException("disk on fire");
            }
        };
        DeliveryResult result = pool.deliver(Mail.submission(broken, "alice@example.org"));
        assertDeferred(result, Reason.FAILED);
        assertThat(((Deferred) result).detail()).contains("disk on fire");
        assertServesAgain();
    }

    @Test
    void contentThatIsShorterThanItsSizeIsNotEnded() {
        MessageContent truncated = new Broken(1000) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(Mail.TEXT.getBytes(StandardCharsets.US_ASCII));
            }
        };
        assertDeferred(pool.deliver(Mail.submission(truncated, "alice@example.org")), Reason.FAILED);
        assertServesAgain();
    }

    @Test
    void nobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        try (UpstreamPool nowhere =
                new UpstreamPool(Mail.settings(port), RelayClock.system(), watchdog, RelayListener.none())) {
            assertDeferred(nowhere.deliver(Mail.simple()), Reason.UNREACHABLE);
        }
    }

    private UpstreamPool pool(Security security, String user) {
        return new UpstreamPool(
                Mail.settings(upstream.port(), security, TestCertificates.clientContext(), user, LIMIT),
                clock,
                watchdog,
                RelayListener.none());
    }

    /** Lets the time run out while the upstream hangs. */
    private DeliveryResult afterHanging(Submission submission) throws Exception {
        CompletableFuture<DeliveryResult> result = CompletableFuture.supplyAsync(() -> pool.deliver(submission));
        upstream.awaitHanging();
        clock.advance(LIMIT.minusSeconds(1));
        assertThat(result).isNotDone();
        return clock.advanceUntil(Duration.ofSeconds(5), result::join);
    }

    private void assertDeferred(DeliveryResult result, Reason reason) {
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason())
                .as(((Deferred) result).detail())
                .isEqualTo(reason);
        if (reason != Reason.AMBIGUOUS) {
            assertThat(upstream.messages()).isEmpty();
        }
    }

    private void assertServesAgain() {
        int before = upstream.messages().size();
        upstream.script((connection, stage, line) -> Optional.empty());
        DeliveryResult result = pool.deliver(Mail.simple());
        assertThat(result).isInstanceOf(DeliveryResult.Accepted.class);
        assertThat(result.upstream()).isEqualTo("localhost:" + upstream.port());
        assertThat(upstream.messages()).hasSize(before + 1);
    }

    private abstract static class Broken implements MessageContent {

        private final long size;

        Broken(long size) {
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public boolean eightBit() {
            return false;
        }

        @Override
        public InputStream open() {
            throw new UnsupportedOperationException();
        }
    }
}
