package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.internal.upstream.UpstreamPool.Pooling;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PlacesTest {

    private static final Duration WAIT = Duration.ofSeconds(30);

    private final TestClock clock = new TestClock();
    private final Places places =
            new Places(new Pooling(0, 1, WAIT, Duration.ofSeconds(60), 1000, Duration.ofMinutes(10)), clock);

    /** Whoever comes when a place has just become free, and nobody has it yet. */
    @Test
    void aNewcomerDoesNotOvertakeWhoWaits() throws Exception {
        places.take(end(WAIT));
        CompletableFuture<Thread> waiting = new CompletableFuture<>();
        CompletableFuture<Void> served = CompletableFuture.runAsync(() -> {
            waiting.complete(Thread.currentThread());
            take(end(WAIT));
        });
        while (waiting.get().getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        places.giveBack();
        assertThatExceptionOfType(UpstreamException.class).isThrownBy(() -> places.take(end(Duration.ZERO)));
        served.get(10, TimeUnit.SECONDS);
        assertThat(places.taken()).isEqualTo(1);
    }

    @Test
    void nobodyWaitsLongerThanUntilHisMessageMustBeDelivered() throws Exception {
        places.take(end(WAIT));
        String late = clock.advanceUntil(Duration.ofMillis(500), () -> take(end(Duration.ofSeconds(3))));
        assertThat(late).startsWith("all 1 connections were in use for PT");
        assertThat(late).doesNotContain("PT30S");
    }

    private long end(Duration time) {
        return clock.nanoTime() + time.toNanos();
    }

    /** Takes a place, or says why there is none. */
    private String take(long end) {
        try {
            places.take(end);
            return "";
        } catch (UpstreamException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
