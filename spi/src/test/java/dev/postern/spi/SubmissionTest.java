package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmissionTest {

    private static final Duration NINE = Duration.ofMinutes(9);

    /** The nanoseconds of a clock overflow. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, -1_000, Long.MAX_VALUE, Long.MAX_VALUE - 1_000})
    void theTimeLeftRunsOut(long nanos) {
        MovedClock clock = new MovedClock(nanos);
        Submission message = Mail.simple().withTimeLeft(NINE, clock);
        assertThat(message.timeLeft()).hasValue(NINE);
        clock.advance(NINE.minusNanos(1));
        assertThat(message.timeLeft()).hasValue(Duration.ofNanos(1));
        clock.advance(Duration.ofNanos(1));
        assertThat(message.timeLeft()).hasValue(Duration.ZERO);
        clock.advance(NINE);
        assertThat(message.timeLeft()).hasValue(Duration.ZERO);
    }

    @Test
    void aStepTakesNoLongerThanTheClientWaits() {
        MovedClock clock = new MovedClock(0);
        Submission message = Mail.simple().withTimeLeft(NINE, clock);
        assertThat(message.timeLeft(NINE.minusNanos(1))).isEqualTo(NINE.minusNanos(1));
        assertThat(message.timeLeft(NINE)).isEqualTo(NINE);
        assertThat(message.timeLeft(NINE.plusNanos(1))).isEqualTo(NINE);
        clock.advance(NINE.plusNanos(1));
        assertThat(message.timeLeft(Duration.ofSeconds(1))).isZero();
    }

    @Test
    void anythingMayTakeItsTimeWhereNobodyWaits() {
        assertThat(Mail.simple().timeLeft()).isEmpty();
        assertThat(Mail.simple().timeLeft(Duration.ofDays(365))).isEqualTo(Duration.ofDays(365));
    }

    @Test
    void otherContentIsDueAtTheSameMoment() {
        MovedClock clock = new MovedClock(0);
        Submission message = Mail.simple().withTimeLeft(NINE, clock);
        assertThat(message.withContent(Mail.simple().content()).timeLeft()).hasValue(NINE);
    }
}
