package dev.postern.internal.upstream;

import dev.postern.internal.time.Watchdog;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.FakeUpstream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A pool of connections to a fake upstream, on a clock that stands still. */
abstract class PoolFixture {

    final TestClock clock = new TestClock();
    final Watchdog watchdog = new Watchdog(clock);
    final FakeUpstream upstream = FakeUpstream.start();
    UpstreamPool pool;
    private @Nullable Watchdog inRealTime;

    @BeforeEach
    void startPool() {
        pool = Mail.to(upstream.port()).pool(clock, watchdog, RelayListener.none());
    }

    @AfterEach
    void stopPool() {
        pool.close();
        upstream.close();
        watchdog.close();
        if (inRealTime != null) {
            inRealTime.close();
        }
    }

    /** For waits that nobody would move a clock for; the watchdog has to count by the pool's clock. */
    UpstreamPool inRealTime(Mail.Way way) {
        inRealTime = new Watchdog(RelayClock.system());
        return way.pool(RelayClock.system(), inRealTime, RelayListener.none());
    }

    DeliveryResult deliver(String... recipients) {
        return pool.deliver(Mail.submission(Mail.content(Mail.TEXT), recipients));
    }

    /** Has something happen at a stage of one connection. */
    void onConnection(int connection, Stage stage, Fault fault) {
        upstream.answering(turn ->
                turn.connection() == connection && turn.stage() == stage ? Optional.of(fault) : Optional.empty());
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
