package dev.postern.internal.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;

/** A listener that takes long is measured, and warned of once a minute. */
@ResourceLock("log of PluginGuard")
@Isolated("reads what all plug-ins' guards log")
class WatchedListenerTest {

    private final TestClock clock = new TestClock();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log = (Logger) LoggerFactory.getLogger(PluginGuard.class);
    private Duration takes = Duration.ZERO;
    private final WatchedListener listener =
            new WatchedListener(RelayListener.of(event -> clock.advance(takes)), clock);

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        log.detachAppender(lines);
    }

    private void takes(int millis) {
        takes = Duration.ofMillis(millis);
        listener.on(RelayEvent.StoreFound.of("Store"));
    }

    private String warnings() {
        return lines.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("is slow"))
                .reduce("", (all, line) -> all + line + "\n");
    }

    @Test
    void aQuickOneIsNotMentioned() {
        takes(0);
        takes(99);
        assertThat(warnings()).isEmpty();
    }

    @Test
    void theStartMayTakeLongForNoClientWaits() {
        takes = Duration.ofSeconds(1);
        listener.on(RelayEvent.RelayStarted.of(() -> {
            throw new IllegalStateException("nobody asks");
        }));
        assertThat(warnings()).isEmpty();
    }

    @Test
    void aSlowOneIsWarnedOfOnceAMinute() {
        takes(100);
        assertThat(warnings()).contains("100 ms for StoreFound; 1 calls").hasLineCount(1);
        takes(500);
        takes(200);
        assertThat(warnings()).hasLineCount(1);
        clock.advance(Duration.ofMinutes(1));
        takes(150);
        assertThat(warnings())
                .contains("150 ms for StoreFound; 3 calls took 100 ms or longer")
                .contains("the longest 500 ms")
                .hasLineCount(2);
    }
}
