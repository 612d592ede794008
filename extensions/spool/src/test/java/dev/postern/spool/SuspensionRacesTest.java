package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spool.BreakingEngine.Break;
import dev.postern.spool.Engine.Step;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A suspension that ends before its time, just when a message begins to wait for it: the message must not wait on. */
@OnAnyJdk
@Timeout(60)
class SuspensionRacesTest {

    @TempDir
    Path directory;

    private Scene scene;

    @BeforeEach
    void setUp() {
        scene = new Scene(SpoolStore.directory(directory.resolve("spool")));
    }

    @AfterEach
    void tearDown() {
        scene.close();
    }

    /** The message is still owned when those are woken that wait for the end. */
    @Test
    void resumedWhileAMessageIsAboutToWait_isTriedNow() throws InterruptedException {
        CountDownLatch settling = new CountDownLatch(1);
        CountDownLatch resumed = new CountDownLatch(1);
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.SETTLE) {
                    settling.countDown();
                    Scene.await(resumed);
                }
                return super.transact(step, work);
            }
        }));
        spool.suspendDomain("slow.test", Duration.ofDays(1));
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        settling.await();
        assertThat(spool.resumeDomain("slow.test")).isTrue();
        resumed.countDown();
        awaitArrival();
    }

    /** One end in the database, and the other is not: whoever asks a second time hears that there is none any more. */
    @Test
    void databaseThatFailsBehindTheResumption_keepsNoMessage() {
        AtomicBoolean failing = new AtomicBoolean();
        Spool spool = scene.open(scene.store.wrapped(whole -> new MortalEngine(whole) {
            @Override
            public <T> T transact(Step step, Work<T> work) {
                if (step == Step.RELEASE && failing.get()) {
                    throw new SpoolException("the connection was lost");
                }
                return super.transact(step, work);
            }
        }));
        waiting(spool);
        failing.set(true);
        assertThatThrownBy(() -> spool.resumeDomain("slow.test")).isInstanceOf(SpoolException.class);
        failing.set(false);
        assertThat(spool.resumeDomain("slow.test")).isFalse();
        awaitArrival();
    }

    @Test
    void processThatDiesBehindTheResumption_leavesNoMessageThatWaits() {
        Spool first = scene.open();
        waiting(first);
        first.close();
        Spool second =
                scene.open(scene.store.wrapped(whole -> new BreakingEngine(whole, Step.CONTROL, Break.KILLED_AFTER)));
        assertThatThrownBy(() -> second.resumeDomain("slow.test")).isInstanceOf(SpoolException.class);
        second.close();
        scene.open();
        awaitArrival();
    }

    private void waiting(Spool spool) {
        spool.suspendDomain("slow.test", Duration.ofDays(1));
        spool.deliver(Scene.message("slow", "dora@slow.test"));
        scene.until(() -> spool.list(SpoolFilter.all(), 10).stream().noneMatch(SpooledMessage::sending));
    }

    /** Without moving the clock further than a beat of a second or so, let alone to the suspension's end. */
    private void awaitArrival() {
        while (scene.arrived.isEmpty()) {
            scene.clock.advance(Duration.ofMillis(10));
            Scene.pause();
        }
    }
}
