package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.RelayListener;
import dev.postern.spool.SpoolEvent.Kind;
import dev.postern.testkit.TestClock;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A listener that leaves the spool's own thread interrupted, as one that was and says so to whoever called it. */
@OnAnyJdk
@Timeout(60)
class InterruptingListenerTest {

    @Test
    void messagesGoOn(@TempDir Path directory) {
        TestClock clock = new TestClock();
        AtomicBoolean delayed = new AtomicBoolean();
        AtomicInteger sent = new AtomicInteger();
        try (Spool spool = Spool.builder(SpoolStore.directory(directory.resolve("spool")))
                .settings(SpoolSettings.defaults().withHostName("relay.test"))
                .clock(clock)
                .listener(RelayListener.of(event -> {
                    if (event instanceof SpoolEvent of && of.kind() == Kind.DELAYED) {
                        delayed.set(true);
                        Thread.currentThread().interrupt();
                    }
                }))
                .start(message -> {
                    if (!delayed.get()) {
                        return DeliveryResult.deferred("up", Reason.FAILED, "not now");
                    }
                    sent.incrementAndGet();
                    return Scene.accepted();
                })) {
            spool.deliver(Scene.message("one", "bob@example.net"));
            while (!spool.list(SpoolFilter.all(), 1).isEmpty()) {
                clock.advance(Duration.ofSeconds(10));
                Scene.pause();
            }
        }
        assertThat(sent).as("the message, and the notice of its delay").hasValue(2);
    }
}
