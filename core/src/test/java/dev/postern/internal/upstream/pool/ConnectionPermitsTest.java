package dev.postern.internal.upstream.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConnectionPermitsTest {

    private static final Duration WAIT = Duration.ofSeconds(30);

    private final TestClock clock = new TestClock();
    private final ConnectionPermits permits = new ConnectionPermits(1, WAIT, clock);

    /** Whoever comes when a place has just become free, and nobody has it yet. */
    @Test
    void aNewcomerDoesNotOvertakeWhoWaits() throws Exception {
        ConnectionPermits.Permit first = takeUntil(end(WAIT));
        CompletableFuture<Thread> waiting = new CompletableFuture<>();
        CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
            waiting.complete(Thread.currentThread());
            take(end(WAIT));
        });
        while (waiting.get().getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        first.close();
        first.close(); // a second time does nothing
        assertThatExceptionOfType(UpstreamException.class).isThrownBy(() -> takeUntil(end(Duration.ZERO)));
        served.get(10, TimeUnit.SECONDS);
        assertThat(permits.taken()).isEqualTo(1);
    }

    @Test
    void nobodyWaitsLongerThanUntilHisMessageMustBeDelivered() throws Exception {
        takeUntil(end(WAIT));
        String late = clock.advanceUntil(Duration.ofMillis(500), () -> take(end(Duration.ofSeconds(3))));
        assertThat(late).startsWith("all 1 connections were in use for PT");
        assertThat(late).doesNotContain("PT30S");
    }

    @Test
    void thereAreAsManyPlacesAsTheUpstreamTookConnections() throws Exception {
        ConnectionPermits four = new ConnectionPermits(4, WAIT, clock);
        four.refusedBeside(2);
        assertThat(four.tryTake()).isNotNull();
        assertThat(four.tryTake()).isNotNull();
        assertThat(four.tryTake()).isNull();
        four.refusedBeside(3); // more than there are is nothing new
        assertThat(four.capacity()).isEqualTo(2);
        four.refusedBeside(0);
        assertThat(four.capacity()).as("one at least").isEqualTo(1);
        four.took(3);
        assertThat(four.capacity()).isEqualTo(3);
        four.took(9);
        assertThat(four.capacity()).as("no more than configured").isEqualTo(4);
    }

    @Test
    void placesGrowAfterAMinuteWhenTheyAreAllTaken() throws Exception {
        ConnectionPermits many = new ConnectionPermits(9, WAIT, clock);
        many.refusedBeside(1);
        clock.advance(Duration.ofMinutes(2));
        many.take(many.deadline(end(WAIT)));
        assertThat(many.capacity()).as("nobody needs more").isEqualTo(1);
        for (int expected : new int[] {2, 4, 8, 9}) {
            many.take(many.deadline(end(WAIT)));
            assertThat(many.capacity()).isEqualTo(expected);
            while (many.taken() < expected) {
                assertThat(many.tryTake()).isNotNull();
            }
            clock.advance(Duration.ofMinutes(1));
        }
    }

    /** Who was refused has waited already. */
    @Test
    void whoGivesAPlaceBackAndWaitsAgainComesBeforeAllOthers() throws Exception {
        ConnectionPermits two = new ConnectionPermits(2, WAIT, clock);
        ConnectionPermits.Permit first = two.take(two.deadline(end(WAIT)));
        ConnectionPermits.Permit second = two.take(two.deadline(end(WAIT)));
        CompletableFuture<Thread> waiting = new CompletableFuture<>();
        CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
            waiting.complete(Thread.currentThread());
            try {
                two.take(two.deadline(end(WAIT)));
            } catch (UpstreamException e) {
                throw new IllegalStateException(e);
            }
        });
        while (waiting.get().getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        two.refusedBeside(1);
        second.close(); // one is left, and one place
        first.takeAgain(two.deadline(end(WAIT)));
        assertThat(other).isNotDone();
        first.close();
        other.get(10, TimeUnit.SECONDS);
        assertThat(two.taken()).isEqualTo(1);
    }

    private long end(Duration time) {
        return clock.nanoTime() + time.toNanos();
    }

    private ConnectionPermits.Permit takeUntil(long end) throws UpstreamException {
        return permits.take(permits.deadline(end));
    }

    /** Takes a place, or says why there is none. */
    private String take(long end) {
        try {
            takeUntil(end);
            return "";
        } catch (UpstreamException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
