package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.robustness.Await;
import dev.postern.spi.AsyncListener;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.testkit.RelayEvents;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Listeners that are told by a thread of their own, and of the beginning and the end of relays. */
class ListenersTest {

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isThere(String thread) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(one -> one.isAlive() && one.getName().equals(thread));
    }

    @Test
    void aRelaysBeginningAndEndAreTheFirstAndTheLastThatItTells() {
        RelayEvents events = new RelayEvents();
        try (Scene scene = Scene.open(b -> b.listener(events))) {
            Scene.send(scene.alice());
            assertThat(events.of(RelayEvent.RelayStarted.class).get(0).figures().authenticated())
                    .isEqualTo(1);
        }
        assertThat(events.all()).first().isInstanceOf(RelayEvent.RelayStarted.class);
        assertThat(events.all()).last().isInstanceOf(RelayEvent.RelayClosed.class);
        assertThat(events.of(RelayEvent.RelayStarted.class).get(0).figures().connections())
                .as("also when it is closed")
                .isZero();
    }

    @Test
    void aSlowListenerHoldsNoSessionUpAndEndsWithItsRelay() {
        CountDownLatch open = new CountDownLatch(1);
        RelayEvents told = new RelayEvents();
        AsyncListener async = RelayListener.async(
                RelayListener.of(event -> {
                    await(open);
                    told.on(event);
                }),
                1000);
        try (Scene scene = Scene.open(b -> b.listener(async))) {
            Scene.send(scene.alice());
            assertThat(told.all()).isEmpty();
            assertThat(async.waiting()).isPositive();
            open.countDown();
        }
        assertThat(async.dropped()).isZero();
        assertThat(async.waiting()).isZero();
        assertThat(told.all()).first().isInstanceOf(RelayEvent.RelayStarted.class);
        assertThat(told.all()).last().isInstanceOf(RelayEvent.RelayClosed.class);
        assertThat(told.of(RelayEvent.Relayed.class)).hasSize(1);
        assertThat(isThere("postern-listener")).isFalse();
    }

    /** Elsewhere than in a session, nothing keeps a listener from it. */
    @Test
    void aListenerThatEndsItsRelayIsToldOfTheEndAndItsThreadEnds() throws InterruptedException {
        AtomicReference<SmtpRelay> relay = new AtomicReference<>();
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch closed = new CountDownLatch(1);
        AsyncListener async = RelayListener.async(
                RelayListener.of(event -> {
                    if (event instanceof RelayEvent.SessionClosed) {
                        thread.set(Thread.currentThread());
                        relay.get().close();
                    } else if (event instanceof RelayEvent.RelayClosed) {
                        closed.countDown();
                    }
                }),
                100);
        try (Scene scene = Scene.open(b -> b.listener(async))) {
            relay.set(scene.relay);
            scene.alice().quit();
            await(closed);
            thread.get().join(TimeUnit.SECONDS.toMillis(2));
            assertThat(thread.get().isAlive()).isFalse();
        }
    }

    @Test
    void whatDoesNotFitIsDroppedAndCounted() {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch open = new CountDownLatch(1);
        RelayEvents told = new RelayEvents();
        try (AsyncListener async = RelayListener.async(
                RelayListener.of(event -> {
                    taken.countDown();
                    await(open);
                    told.on(event);
                }),
                2)) {
            RelayEvent event = RelayEvent.StoreFound.of("Store");
            async.on(event);
            await(taken);
            for (int i = 0; i < 5; i++) {
                async.on(event);
            }
            assertThat(async.waiting()).isEqualTo(2);
            assertThat(async.dropped()).isEqualTo(3);
            open.countDown();
            Await.until("the others are told", () -> told.all().size() == 3);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> RelayListener.async(RelayListener.none(), 0));
    }

    @Test
    void aListenerThatThrowsIsToldTheNextAllTheSame() {
        RelayEvents told = new RelayEvents();
        try (AsyncListener async = RelayListener.async(
                RelayListener.of(event -> {
                    told.on(event);
                    throw new IllegalStateException("of the host");
                }),
                10)) {
            async.on(RelayEvent.StoreFound.of("Store"));
            async.on(RelayEvent.StoreFound.of("Store"));
            Await.until("both are told", () -> told.all().size() == 2);
        }
    }
}
