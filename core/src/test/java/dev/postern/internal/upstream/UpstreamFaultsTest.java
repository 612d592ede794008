package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.UpstreamPool.Security;
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
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every stage and everything that an upstream can do wrong there: what is told, and that nothing was delivered. */
class UpstreamFaultsTest extends PoolFixture {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Fault START_TLS = Fault.reply("220 2.0.0 go ahead");

    @Override
    @BeforeEach
    void startPool() {
        pool = pool(Security.NONE, "");
    }

    static Stream<Fault> refusals() {
        return Stream.of(
                Fault.replyThenClose("421 4.3.2 busy"),
                Fault.reply("454 4.7.0 later"),
                Fault.reply("554 5.7.1 never"),
                Fault.close(),
                Fault.reset());
    }

    static Stream<Arguments> faultsBeforeMail() {
        return Stream.of(Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.AUTH)
                .flatMap(stage -> refusals().map(fault -> arguments(stage, fault)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void faultsBeforeMail(Stage stage, Fault fault) {
        secure();
        upstream.script(stage, fault);
        assertDeferred(deliver("alice@example.org"), Reason.UNREACHABLE);
        assertServesAgain();
    }

    /** In place of the server's part of the TLS handshake, once the client's has come. */
    @ParameterizedTest
    @MethodSource("refusals")
    void faultsInTheHandshake(Fault fault) {
        secure();
        upstream.script(Stage.STARTTLS, START_TLS.then(Fault.loseInput(LIMIT)).then(fault));
        assertDeferred(deliver("alice@example.org"), Reason.UNREACHABLE);
        assertServesAgain();
    }

    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"GREETING", "EHLO", "STARTTLS", "AUTH"})
    void hangsBeforeMail(Stage stage) {
        secure();
        upstream.script(stage, Fault.hang());
        assertDeferred(afterHanging(Mail.simple()), Reason.UNREACHABLE);
        assertServesAgain();
    }

    @Test
    void hangsInTheHandshake() {
        secure();
        upstream.script(Stage.STARTTLS, START_TLS.then(Fault.hang()));
        assertDeferred(afterHanging(Mail.simple()), Reason.UNREACHABLE);
        assertServesAgain();
    }

    /** With STARTTLS, and a login over it. */
    private void secure() {
        upstream.withStartTls(TestCertificates.serverContext())
                .withCredentials("bob", "secret")
                .withOnlyExtensions()
                .withOnlyExtensionsOverTls("AUTH PLAIN");
        pool.close();
        pool = pool(Security.STARTTLS_REQUIRED, "bob");
    }

    static Stream<Arguments> temporaryFaults() {
        return Stream.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END_OF_DATA)
                .flatMap(stage -> Stream.of(
                        arguments(stage, Fault.replyThenClose("421 4.3.2 busy"), "421 4.3.2 busy"),
                        arguments(stage, Fault.reply("451 4.3.0 later"), "451 4.3.0 later")));
    }

    @OnAnyJdk
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void temporaryFaults(Stage stage, Fault fault, String reply) {
        upstream.script(stage, fault);
        DeliveryResult result = pool.deliver(Mail.simple());
        assertDeferred(result, stage == Stage.MAIL ? Reason.TURNED_AWAY : Reason.FAILED);
        String place = stage == Stage.END_OF_DATA ? "END" : stage.name();
        assertThat(((Deferred) result).detail()).isEqualTo(place + ": " + reply);
        assertServesAgain();
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"MAIL", "RCPT", "DATA", "END_OF_DATA"})
    void permanentFaults(Stage stage) {
        upstream.script(stage, Fault.reply("554-5.7.1 no \u0007bell\n554 5.7.1 never"));
        DeliveryResult result = pool.deliver(Mail.simple());
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).reply()).hasToString("554 5.7.1 no ?bell / never");
        assertThat(((Rejected) result).recipients()).hasSize(stage == Stage.RCPT ? 1 : 0);
        assertThat(upstream.messages()).isEmpty();
        assertServesAgain();
        assertThat(upstream.connections()).as("the connection is used again").isEqualTo(1);
    }

    static Stream<Arguments> lostConnections() {
        return Stream.of(Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.CONTENT, Stage.END_OF_DATA)
                .flatMap(stage -> Stream.of(
                                Fault.close(),
                                Fault.reset(),
                                Fault.reply("nonsense"),
                                Fault.octets("250 bare line feed\n"),
                                Fault.reply("999 what"),
                                Fault.reply("251-a\n252 b"))
                        .filter(fault -> stage != Stage.CONTENT || !fault.equals(Fault.close())) // which reads on
                        .map(fault -> arguments(stage, fault)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void lostConnections(Stage stage, Fault fault) {
        boolean stopsReading = fault.equals(Fault.reset());
        // a small message is handed over whole, and then nobody can say any more where the connection was lost
        MessageContent content = stage == Stage.CONTENT && stopsReading ? Mail.large() : Mail.content(Mail.TEXT);
        boolean ambiguous = stage == Stage.END_OF_DATA || stage == Stage.CONTENT && !stopsReading;
        upstream.script(stage, fault);
        DeliveryResult result = pool.deliver(Mail.submission(content, "alice@example.org"));
        Reason before = stage == Stage.MAIL ? Reason.TURNED_AWAY : Reason.FAILED;
        assertDeferred(result, ambiguous ? Reason.AMBIGUOUS : before);
        assertThat(upstream.connections()).as("no second try").isEqualTo(1);
        assertServesAgain();
    }

    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"MAIL", "RCPT", "DATA", "CONTENT", "END_OF_DATA"})
    void hangs(Stage stage) {
        MessageContent content = stage == Stage.CONTENT ? Mail.large() : Mail.content(Mail.TEXT);
        upstream.script(stage, stage == Stage.CONTENT ? Fault.stall() : Fault.hang());
        DeliveryResult result = afterHanging(Mail.submission(content, "alice@example.org"));
        assertDeferred(
                result,
                switch (stage) {
                    case MAIL -> Reason.TURNED_AWAY;
                    case END_OF_DATA -> Reason.AMBIGUOUS;
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
        upstream.withOnlyExtensions("SIZE")
                .answering(
                        turn -> { // without PIPELINING
                            if (turn.stage() == Stage.RCPT) {
                                clock.advance(LIMIT.minusSeconds(5));
                            }
                            return Optional.empty();
                        });
        DeliveryResult result = deliver("a@example.org", "b@example.org", "c@example.org");
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

    /** The end fills the buffer, so it leaves before the RSET behind it, and in between the time is over. */
    @Test
    void theEndThatLeavesJustBeforeTheTimeIsOverIsAmbiguous() {
        AtomicReference<Thread> late = new AtomicReference<>();
        AtomicInteger writes = new AtomicInteger();
        limitDeliveries(LIMIT.multipliedBy(2), new RelayClock() {
            @Override
            public Instant now() {
                return clock.now();
            }

            @Override
            public long nanoTime() {
                if (Thread.currentThread() == late.get() && writes.incrementAndGet() == 2) {
                    clock.advance(LIMIT.multipliedBy(3));
                }
                return clock.nanoTime();
            }

            @Override
            public int waitMillis(long nanos) {
                return clock.waitMillis(nanos);
            }
        });
        byte[] text = (Mail.TEXT + "x".repeat(Connection.BUFFER_OCTETS)).getBytes(StandardCharsets.US_ASCII);
        int length = Connection.BUFFER_OCTETS - "RSET\r\n".length();
        text[length - 2] = '\r';
        text[length - 1] = '\n';
        MessageContent whole = new Broken(length) {
            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(text, 0, length);
                late.set(Thread.currentThread());
            }
        };
        assertDeferred(pool.deliver(Mail.submission(whole, "alice@example.org")), Reason.AMBIGUOUS);
        assertThat(upstream.awaitMessage().content()).isNotNull();
    }

    private void limitDeliveries(Duration limit) {
        limitDeliveries(limit, clock);
    }

    private void limitDeliveries(Duration limit, RelayClock itsClock) {
        pool.close();
        pool = Mail.to(upstream.port())
                .with(UpstreamTimeouts.each(LIMIT).withDelivery(limit))
                .pool(itsClock, watchdog, RelayListener.none());
    }

    @Test
    void aReplyThatTricklesIsBoundedAsAWhole() {
        // without PIPELINING nothing comes behind it
        upstream.withOnlyExtensions("SIZE").script(Stage.MAIL, Fault.octets("250-still\r\n250-"));
        DeliveryResult result = clock.advanceUntil(Duration.ofSeconds(1), () -> pool.deliver(Mail.simple()));
        assertDeferred(result, Reason.TURNED_AWAY);
        assertThat(((Deferred) result).detail()).endsWith("time-out");
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(ints = {101, 5_000})
    void endlessReplyLinesAreALostConnection(int lines) {
        upstream.script(Stage.MAIL, Fault.reply("250-more\n".repeat(lines) + "250 end"));
        assertDeferred(pool.deliver(Mail.simple()), Reason.TURNED_AWAY);
    }

    @OnAnyJdk
    @Test
    void anEndlessLineIsALostConnection() {
        upstream.script(Stage.MAIL, Fault.reply("250 " + "x".repeat(100_000)));
        assertDeferred(pool.deliver(Mail.simple()), Reason.TURNED_AWAY);
    }

    @OnAnyJdk
    @Test
    void aReplyOfManyLongLinesIsCutAndPassedOn() {
        upstream.script(Stage.DATA, Fault.reply(("550-" + "x".repeat(600) + "\n").repeat(99) + "550 end"));
        DeliveryResult result = pool.deliver(Mail.simple());
        assertThat(((Rejected) result).reply().lines()).hasSize(100).allMatch(line -> line.length() <= 512);
    }

    /** Also where both are beyond the grammar, or one is what such a one is passed on as. */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"550-one\n571 other", "571-one\n572 other"})
    void aReplyWithTwoCodesIsNone(String reply) {
        upstream.script(Stage.DATA, Fault.reply(reply));
        assertDeferred(pool.deliver(Mail.simple()), Reason.FAILED);
    }

    @OnAnyJdk
    @Test
    void aSecondReplyIsNotTakenForTheNextOne() {
        upstream.script(Stage.DATA, Fault.reply("354 go on\n250 2.0.0 queued"));
        assertDeferred(pool.deliver(Mail.simple()), Reason.FAILED);
    }

    @OnAnyJdk
    @Test
    void successInPlaceOf354IsALostConnection() {
        upstream.script(Stage.DATA, Fault.reply("250 2.0.0 queued"));
        assertDeferred(pool.deliver(Mail.simple()), Reason.FAILED);
    }

    @OnAnyJdk
    @Test
    void an354AfterTheEndIsAmbiguous() {
        upstream.script(Stage.END_OF_DATA, Fault.reply("354 more"));
        assertDeferred(pool.deliver(Mail.simple()), Reason.AMBIGUOUS);
    }

    @Test
    void aPermanentRefusalInsideTheContentIsHeard() {
        upstream.script(Stage.CONTENT, Fault.replyThenClose("552 5.3.4 too much"));
        DeliveryResult result = pool.deliver(Mail.submission(Mail.large(), "alice@example.org"));
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).reply()).hasToString("552 5.3.4 too much");
        assertServesAgain();
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.3.2 away", "452 4.3.1 full"})
    void aTemporaryRefusalInsideTheContentIsHeard(String reply) {
        upstream.script(Stage.CONTENT, Fault.replyThenClose(reply));
        DeliveryResult result = pool.deliver(Mail.submission(Mail.large(), "alice@example.org"));
        assertDeferred(result, Reason.FAILED);
        assertThat(((Deferred) result).detail()).isEqualTo("CONTENT: " + reply);
    }

    @Test
    void successInsideTheContentIsNoSuccess() {
        upstream.script(Stage.CONTENT, Fault.replyThenClose("250 2.0.0 queued"));
        assertDeferred(pool.deliver(Mail.submission(Mail.large(), "alice@example.org")), Reason.FAILED);
    }

    @OnAnyJdk
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

    @OnAnyJdk
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
        try (UpstreamPool nowhere = inRealTime(Mail.to(port))) {
            assertDeferred(nowhere.deliver(Mail.simple()), Reason.UNREACHABLE);
        }
    }

    private UpstreamPool pool(Security security, String user) {
        return Mail.to(upstream.port(), security, TestCertificates.clientContext(), user, LIMIT)
                .pool(clock, watchdog, RelayListener.none());
    }

    /** Lets the time run out while the upstream hangs. */
    private DeliveryResult afterHanging(Submission submission) {
        CompletableFuture<DeliveryResult> result = CompletableFuture.supplyAsync(() -> pool.deliver(submission));
        upstream.awaitFault();
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
        upstream.clearScripts();
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
