package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a node owns, and does nothing to. */
@OnAnyJdk
class InFlightTest {

    private static final int TIMES = 2_000;
    private static final long PATIENCE = Duration.ofSeconds(5).toNanos();

    /** The pump asks all the time; what it does not hear of stays owned, and is not sent. */
    @Test
    void whatBecomesUnknownJustWhenItIsAskedForIsHeardOf() throws InterruptedException {
        InFlight inFlight = new InFlight();
        AtomicInteger heard = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        Thread pump = new Thread(() -> {
            while (!over.get()) {
                if (inFlight.takeUnknown()) {
                    heard.incrementAndGet();
                }
            }
        });
        pump.start();
        try {
            for (int i = 1; i <= TIMES; i++) {
                inFlight.claimIsUnknown();
                long begun = System.nanoTime();
                while (heard.get() < i && System.nanoTime() - begun < PATIENCE) {
                    Thread.onSpinWait();
                }
                assertThat(heard.get()).isEqualTo(i);
            }
        } finally {
            over.set(true);
            pump.join();
        }
    }
}
