package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayListener;
import dev.postern.testkit.TestClock;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process among those that share the database. */
@OnAnyJdk
class NodeTest {

    private static final Duration LEASE = Duration.ofMinutes(1);

    /** Its thread tells the host of what was taken over, who may close the relay then. */
    @Test
    void closesAlsoOnItsOwnThread(@TempDir Path directory) throws InterruptedException {
        TestClock clock = new TestClock();
        Engine engine = SpoolStore.directory(directory).open(Duration.ofSeconds(10));
        NodeTable table = new NodeTable(engine);
        table.register("dead");
        Node node = new Node(
                table, SpoolSettings.defaults().withLease(LEASE), clock, new SpoolEvents(RelayListener.none()));
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<Node> self = new AtomicReference<>(node);
        node.start(false, () -> {
            self.get().close();
            closed.countDown();
        });
        for (int i = 0; i < 1000 && !closed.await(5, TimeUnit.MILLISECONDS); i++) {
            clock.advance(LEASE.dividedBy(10));
        }
        assertThat(closed.getCount()).isZero();
        assertThat(table.beats()).isEmpty();
        engine.close();
    }
}
