package dev.postern.stores;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeartTest {

    @Test
    void anErrorEndsOneBeatAlone() throws InterruptedException {
        CountDownLatch beats = new CountDownLatch(3);
        Heart heart = new Heart("postern-test-heart", Duration.ofMillis(30), () -> {
            beats.countDown();
            throw new OutOfMemoryError("of this beat");
        });
        try (heart) {
            assertThat(beats.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
