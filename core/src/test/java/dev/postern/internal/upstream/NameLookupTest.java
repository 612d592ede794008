package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.testkit.TestClock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameLookupTest {

    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    private final TestClock clock = new TestClock();
    private final CountDownLatch over = new CountDownLatch(1);

    private NameLookup lookup(String host, int most, NameLookup.Resolver resolver) {
        return new NameLookup(host, resolver, most, clock);
    }

    private long in(Duration time) {
        return clock.nanoTime() + time.toNanos();
    }

    private InetAddress[] hang(String host) throws UnknownHostException {
        try {
            over.await();
        } catch (InterruptedException e) {
            throw new UnknownHostException(host);
        }
        return new InetAddress[] {HERE};
    }

    @Test
    void aNameIsLookedUpOnAThreadOfItsOwn() throws UpstreamException {
        AtomicReference<String> thread = new AtomicReference<>("");
        assertThat(lookup("mx.example", 1, host -> {
                            thread.set(Thread.currentThread().getName());
                            return new InetAddress[] {HERE, HERE};
                        })
                        .addresses(in(Duration.ofSeconds(1))))
                .containsExactly(HERE, HERE);
        assertThat(thread.get()).isEqualTo("postern-name-lookup");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1", "[2001:db8::1]"})
    void anAddressIsNotLookedUp(String address) throws UpstreamException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        lookup(address, 1, host -> {
                    thread.set(Thread.currentThread());
                    return new InetAddress[] {HERE};
                })
                .addresses(in(Duration.ofSeconds(1)));
        assertThat(thread.get()).isSameAs(Thread.currentThread());
    }

    @Test
    void aLookupThatDoesNotEndIsGivenUpAndKeepsItsPlaceUntilItDoes() {
        NameLookup lookup = lookup("mx.example", 1, host -> {
            while (over.getCount() > 0) { // as the JDK's, which nothing interrupts
                Thread.onSpinWait();
            }
            return new InetAddress[] {HERE};
        });
        long deadline = in(Duration.ofSeconds(30));
        UpstreamException late = clock.advanceUntil(Duration.ofSeconds(10), () -> failure(lookup, deadline));
        assertThat(late.kind()).isEqualTo(Kind.TIMED_OUT);
        assertThat(late).hasMessage("no address: lookup of mx.example did not end within PT30S");
        assertThatThrownBy(() -> lookup.addresses(in(Duration.ofSeconds(30))))
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNUSABLE))
                .hasMessageContaining("too many lookups");
        over.countDown();
    }

    private static UpstreamException failure(NameLookup lookup, long deadline) {
        try {
            throw new AssertionError("found " + lookup.addresses(deadline).length);
        } catch (UpstreamException e) {
            return e;
        }
    }

    @Test
    void aNameWithoutAddressIsUnusable() {
        assertThatThrownBy(() -> lookup("mx.example", 1, host -> {
                            throw new UnknownHostException(host);
                        })
                        .addresses(in(Duration.ofSeconds(1))))
                .isInstanceOf(UpstreamException.class)
                .hasMessage("no address: mx.example");
        assertThatThrownBy(() -> lookup("mx.example", 1, host -> {
                            throw new IllegalStateException("a defect");
                        })
                        .addresses(in(Duration.ofSeconds(1))))
                .isInstanceOf(UpstreamException.class)
                .hasMessageEndingWith("IllegalStateException");
    }

    @Test
    void whoeverStopsTheRelayEndsTheWait() throws InterruptedException {
        NameLookup lookup = lookup("mx.example", 1, this::hang);
        AtomicReference<UpstreamException> seen = new AtomicReference<>();
        Thread thread = new Thread(() -> seen.set(failure(lookup, in(Duration.ofHours(1)))));
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        thread.interrupt();
        thread.join();
        assertThat(seen.get()).hasMessageContaining("given up");
    }
}
