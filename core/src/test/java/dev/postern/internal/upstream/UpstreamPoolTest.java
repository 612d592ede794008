package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.upstream.Mail.Way;
import dev.postern.internal.upstream.UpstreamPool.Security;
import dev.postern.settings.PoolSettings;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamPoolTest extends PoolFixture {

    @Test
    void usesAConnectionAgain() {
        deliverOne();
        deliverOne();
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(1);
        assertThat(upstream.messages()).hasSize(3);
    }

    @Test
    void usesAnEncryptedConnectionAgain() {
        upstream.withImplicitTls(TestCertificates.serverContext());
        Way settings = Mail.to(
                upstream.port(), Security.IMPLICIT_TLS, TestCertificates.clientContext(), "", Duration.ofSeconds(20));
        try (UpstreamPool encrypted = settings.pool(clock, watchdog, RelayListener.none())) {
            assertThat(encrypted.deliver(Mail.simple())).isInstanceOf(Accepted.class);
            assertThat(encrypted.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        }
        upstream.awaitOpenConnections(0);
        assertThat(upstream.connections()).isEqualTo(1);
        assertThat(upstream.commands()).endsWith("QUIT");
    }

    static Stream<Fault> deaths() {
        return Stream.of(
                Fault.replyThenClose("421 4.3.2 going down"), Fault.close(), Fault.reset(), Fault.reply("nonsense"));
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void replacesAConnectionThatIsDeadAtMail(Fault fault) {
        deliverOne();
        onConnection(0, Stage.MAIL, fault);
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
        assertThat(upstream.messages()).as("one copy of each").hasSize(2);
    }

    @Test
    void replacesAConnectionOnlyOnce() {
        deliverOne();
        upstream.script(Stage.MAIL, Fault.close());
        assertFailed(Reason.TURNED_AWAY);
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = Stage.class,
            names = {"RCPT", "DATA", "END_OF_DATA"})
    void doesNotTryAgainWhenMailWasAccepted(Stage lostAt) {
        deliverOne();
        onConnection(0, lostAt, Fault.close());
        assertFailed(lostAt == Stage.END_OF_DATA ? Reason.AMBIGUOUS : Reason.FAILED);
        assertThat(upstream.connections()).isEqualTo(1);
        assertThat(upstream.messages()).hasSize(1);
    }

    /** Without pipelining, RCPT is a step of its own: MAIL was accepted when it could not be said. */
    @Test
    void doesNotTryAgainWhenTheFirstRecipientCouldNotBeSaid() {
        upstream.withOnlyExtensions("8BITMIME");
        deliverOne();
        onConnection(0, Stage.MAIL, Fault.reply("250 2.1.0 ok\n421 4.3.2 and away"));
        assertFailed(Reason.FAILED);
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void saysUnreachableWhenADeadConnectionCannotBeReplaced() {
        deliverOne();
        Fault down = Fault.replyThenClose("421 4.3.2 down");
        upstream.script(Stage.MAIL, down).script(Stage.GREETING, down);
        assertFailed(Reason.UNREACHABLE);
    }

    @Test
    void aFarewellWhileIdleIsSeenBeforeMail() {
        upstream.script(Stage.RSET, Fault.reply("250 2.0.0 ok\n421 4.4.2 and away"));
        deliverOne();
        upstream.clearScripts();
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
        assertThat(upstream.commands())
                .filteredOn(line -> line.startsWith("MAIL"))
                .hasSize(2);
    }

    @Test
    void aConnectionThatDoesNotResetIsNotUsedAgain() {
        Fault no = Fault.reply("554 5.7.1 no");
        upstream.script(Stage.DATA, no).script(Stage.RSET, no);
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Rejected.class);
        upstream.clearScripts();
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void aConnectionThatWasIdleForTooLongIsNotUsedAgain() {
        deliverOne();
        clock.advance(Duration.ofSeconds(59));
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(60));
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void whatTheWallClockSaysIsNothingToAConnection() {
        deliverOne();
        clock.jumpWallClock(Duration.ofDays(400));
        deliverOne();
        clock.jumpWallClock(Duration.ofDays(-800));
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void anIdleConnectionIsClosedInTimeAlsoWhenNothingIsDelivered() throws Exception {
        deliverOne();
        clock.advance(Duration.ofSeconds(60));
        upstream.awaitOpenConnections(0);
    }

    @Test
    void saysQuitToEachWhenClosed() throws Exception {
        int sessions = 5;
        CountDownLatch all = new CountDownLatch(sessions);
        upstream.answering(turn -> {
            if (turn.stage() == Stage.DATA) {
                all.countDown();
                await(all);
            }
            return Optional.empty();
        });
        inParallel(sessions, 1, new AtomicInteger());
        assertThat(upstream.connections()).isEqualTo(sessions);
        pool.close();
        upstream.awaitOpenConnections(0);
        assertThat(upstream.commands()).filteredOn("QUIT"::equals).hasSize(sessions);
    }

    @Test
    void whoFindsAllConnectionsInUseWaitsInLine() throws Exception {
        pool.close();
        pool = inRealTime(way(0, 1, 1000)); // waits on a clock that is moved are cut into pieces
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch used = new CountDownLatch(1);
        upstream.answering(turn -> {
            if (turn.line().equals("RCPT TO:<first@example.org>")) {
                used.countDown();
                await(free);
            }
            return Optional.empty();
        });
        List<CompletableFuture<DeliveryResult>> inLine = new ArrayList<>();
        for (String name : List.of("first", "second", "third", "fourth")) {
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<DeliveryResult> result = new CompletableFuture<>();
            Thread thread = new Thread(() -> {
                begun.countDown();
                result.complete(deliver(name + "@example.org"));
            });
            thread.start();
            inLine.add(result);
            if (name.equals("first")) {
                await(used);
            } else {
                await(begun);
                awaitWaiting(thread);
            }
        }
        free.countDown();
        for (CompletableFuture<DeliveryResult> result : inLine) {
            assertThat(result.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
        }
        assertThat(upstream.messages())
                .flatExtracting(ReceivedMessage::recipientAddresses)
                .containsExactly("first@example.org", "second@example.org", "third@example.org", "fourth@example.org");
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void whoWaitsTooLongIsToldThatTheUpstreamCannotBeReached() throws Exception {
        pool = pooling(0, 1, 1000);
        upstream.script(Stage.END_OF_DATA, Fault.hang());
        CompletableFuture<DeliveryResult> first = deliverElsewhere();
        upstream.awaitFault();
        CompletableFuture<DeliveryResult> second = deliverElsewhere();
        for (int i = 0; i < 18 && !second.isDone(); i++) { // not as far as the time-out of the content
            clock.advance(Duration.ofSeconds(1));
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertThat(second.get(10, TimeUnit.SECONDS)).isInstanceOfSatisfying(Deferred.class, deferred -> {
            assertThat(deferred.reason()).isEqualTo(Reason.UNREACHABLE);
            assertThat(deferred.detail()).contains("all 1 connections were in use for PT5S");
        });
        assertThat(first).isNotDone();
    }

    @Test
    void aConnectionIsRenewedAfterSoManyMessages() throws Exception {
        pool = pooling(0, 1, 2);
        deliverOne();
        deliverOne();
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
        upstream.awaitOpenConnections(1);
        assertThat(upstream.commands()).filteredOn("QUIT"::equals).hasSize(1);
    }

    @Test
    void aConnectionIsRenewedAfterSoMuchTime() throws Exception {
        pool = pooling(0, 1, 1000);
        for (int i = 0; i < 11; i++) { // never idle for a minute, and not ten minutes old at the last
            deliverOne();
            clock.advance(Duration.ofSeconds(55));
        }
        assertThat(upstream.connections()).isEqualTo(1);
        deliverOne(); // grown too old while it rested
        assertThat(upstream.connections()).isEqualTo(2);
        upstream.awaitOpenConnections(1);
        assertThat(upstream.commands()).filteredOn("QUIT"::equals).hasSize(1);
    }

    /** A black hole: each connection that rests would cost one more message its time-out. */
    @Test
    void afterATimeOutTheConnectionsThatRestAreNotTrusted() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        upstream.answering(turn -> {
            if (turn.stage() == Stage.END_OF_DATA) {
                both.countDown();
                await(both);
            }
            return Optional.empty();
        });
        CompletableFuture<DeliveryResult> one = deliverElsewhere();
        CompletableFuture<DeliveryResult> two = deliverElsewhere();
        assertThat(one.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
        assertThat(two.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
        upstream.answering(turn ->
                turn.connection() > 1 || turn.stage() != Stage.MAIL ? Optional.empty() : Optional.of(Fault.hang()));
        CompletableFuture<DeliveryResult> swallowed = deliverElsewhere();
        upstream.awaitFault();
        assertThat(clock.advanceUntil(Duration.ofSeconds(5), swallowed::join)).isInstanceOf(Deferred.class);
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(3);
    }

    @Test
    void theMinimumIsOpenedAtOnceAndKeptOpen() throws Exception {
        pool = pooling(2, 4, 1000);
        await(() -> upstream.commands().size() == 2); // two EHLO, and no message
        awaitRound(() -> upstream.commands().contains("NOOP"));
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void theMinimumIsReplacedWhenTheUpstreamHasClosedIt() throws Exception {
        pool = pooling(1, 4, 1000);
        await(() -> upstream.commands().size() == 1);
        upstream.dropConnections();
        awaitRound(() -> upstream.connections() >= 2); // one round finds it lost, the next one replaces it
        deliverOne();
    }

    /** An end without a word is seen before MAIL, and costs the client nothing. */
    @Test
    void aConnectionThatEndedWhileItRestedIsSeenBeforeMail() throws Exception {
        deliverOne();
        upstream.dropConnections();
        upstream.awaitOpenConnections(0);
        clock.advance(Duration.ofSeconds(2));
        deliverOne();
        assertThat(upstream.connections()).isEqualTo(2);
        assertThat(upstream.commands())
                .filteredOn(line -> line.startsWith("MAIL"))
                .hasSize(2);
    }

    private UpstreamPool pooling(int min, int max, int maxMessages) {
        pool.close();
        return way(min, max, maxMessages).pool(clock, watchdog, RelayListener.none());
    }

    private Way way(int min, int max, int maxMessages) {
        return Mail.to(upstream.port())
                .with(PoolSettings.defaults()
                        .withConnections(min, max)
                        .withMaxWait(Duration.ofSeconds(5))
                        .withMaxMessages(maxMessages));
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    /** Lets the time of a round pass, and again: when one has begun cannot be seen. */
    private void awaitRound(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 20 && !condition.getAsBoolean(); i++) {
            clock.advance(Duration.ofSeconds(31));
            TimeUnit.MILLISECONDS.sleep(200); // so that no limit of the next connection is over before it begins
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waited too long").isNegative();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Each message that was accepted is there once, and each other one is not, whatever the connections do. */
    @Test
    void exactlyOneCopyOfWhatWasAcceptedWhileConnectionsBreak() throws Exception {
        pool.close();
        pool = inRealTime(
                Mail.to(upstream.port())); // all four may be told at once that the upstream is crowded, and pause
        AtomicInteger count = new AtomicInteger();
        upstream.answering(turn -> {
            boolean breaks = count.incrementAndGet() % 11 == 0 && turn.stage() != Stage.CONTENT;
            // 421 there may be the reply to the content
            boolean silently = count.get() % 2 == 0 || turn.stage() == Stage.RSET;
            Fault end = silently ? Fault.close() : Fault.replyThenClose("421 4.3.2 away");
            return breaks ? Optional.of(end) : Optional.empty();
        });
        AtomicInteger accepted = new AtomicInteger();
        inParallel(4, 50, accepted);
        assertThat(accepted.get()).isBetween(1, 199);
        assertThat(upstream.messages()).hasSize(accepted.get());
        assertThat(upstream.messages().stream()
                        .map(ReceivedMessage::recipientAddresses)
                        .distinct())
                .hasSize(accepted.get());
    }

    @Test
    void saysQuitToIdleConnectionsWhenClosed() throws Exception {
        deliverOne();
        pool.close();
        upstream.awaitOpenConnections(0);
        assertThat(upstream.commands()).endsWith("QUIT");
        assertFailed(Reason.UNREACHABLE);
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void doesNotWaitForAnAnswerToQuit() throws Exception {
        deliverOne();
        upstream.script(Stage.QUIT, Fault.hang());
        pool.close(); // the clock stands still: whoever waited for it would not come back
        upstream.awaitFault();
    }

    @Test
    void aMessageUnderWayIsCutWhenClosed() throws Exception {
        upstream.script(Stage.END_OF_DATA, Fault.hang());
        CompletableFuture<DeliveryResult> result = deliverElsewhere();
        upstream.awaitFault();
        pool.close(); // the clock stands still: no time-out ends it
        assertThat(result.get(10, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.reason()).isEqualTo(Reason.AMBIGUOUS));
    }

    /** On a thread of its own: the common pool of a small machine has one, which the first that waits would keep. */
    private CompletableFuture<DeliveryResult> deliverElsewhere() {
        CompletableFuture<DeliveryResult> result = new CompletableFuture<>();
        new Thread(() -> result.complete(pool.deliver(Mail.simple()))).start();
        return result;
    }

    private void deliverOne() {
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
    }

    private void assertFailed(Reason reason) {
        DeliveryResult result = pool.deliver(Mail.simple());
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason())
                .as(((Deferred) result).detail())
                .isEqualTo(reason);
    }

    private void inParallel(int sessions, int messages, AtomicInteger accepted) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(sessions);
        List<Future<?>> running = new ArrayList<>();
        for (int s = 0; s < sessions; s++) {
            String session = "s" + s;
            running.add(executor.submit(() -> {
                for (int m = 0; m < messages; m++) {
                    String recipient = session + "m" + m + "@example.org";
                    if (deliver(recipient) instanceof Accepted) {
                        accepted.incrementAndGet();
                    }
                }
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
}
