package dev.postern.internal.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.postern.testkit.TestClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TimedReadTest {

    private final TestClock clock = new TestClock();
    private final byte[] buffer = new byte[16];
    private Socket near = new Socket();
    private Socket far = new Socket();

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            far = new Socket(server.getInetAddress(), server.getLocalPort());
            near = server.accept();
        }
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
    }

    private int read(long deadline) throws IOException {
        return TimedRead.read(near, near.getInputStream(), buffer, 2, 4, clock, deadline);
    }

    @Test
    void readsWhatIsThere() throws IOException {
        far.getOutputStream().write(new byte[] {1, 2, 3, 4, 5, 6});
        assertThat(read(clock.nanoTime() + 1)).isEqualTo(4);
        assertThat(buffer).startsWith(0, 0, 1, 2, 3, 4, 0);
        assertThat(read(clock.nanoTime() + 1)).isEqualTo(2);
    }

    @Test
    void seesTheEndOfTheStream() throws IOException {
        far.close();
        assertThat(read(clock.nanoTime() + 1)).isEqualTo(-1);
    }

    @Test
    void throwsWhenTheMomentHasComeAlready() throws IOException {
        far.getOutputStream().write(1);
        assertThatExceptionOfType(DeadlineException.class).isThrownBy(() -> read(clock.nanoTime()));
        assertThatExceptionOfType(DeadlineException.class).isThrownBy(() -> read(clock.nanoTime() - 1));
    }

    /** Real time-outs pass again and again; only the clock decides, also over the overflow of its nanoseconds. */
    @Test
    void waitsUntilTheClockSaysSo() throws Exception {
        long deadline = clock.nanoTime() + Duration.ofMinutes(2).toNanos();
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<String> ended = CompletableFuture.supplyAsync(() -> {
            begun.countDown();
            try {
                return "read " + read(deadline);
            } catch (DeadlineException e) {
                return "deadline";
            } catch (IOException e) {
                return e.toString();
            }
        });
        begun.await();
        clock.advance(Duration.ofMinutes(2).minusNanos(1));
        assertThat(ended).isNotDone();
        clock.advance(Duration.ofNanos(1));
        assertThat(ended).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("deadline");
    }

    @Test
    void readsWhatComesWhileItWaits() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            begun.countDown();
            try {
                return read(clock.nanoTime() + Duration.ofMinutes(2).toNanos());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        begun.await();
        clock.advance(Duration.ofMinutes(1));
        far.getOutputStream().write(7);
        assertThat(read).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(1);
        assertThat(buffer[2]).isEqualTo((byte) 7);
    }
}
