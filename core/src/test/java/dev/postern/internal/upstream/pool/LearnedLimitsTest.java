package dev.postern.internal.upstream.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.upstream.client.Extensions;
import dev.postern.internal.upstream.client.UpstreamReply;
import dev.postern.testkit.TestClock;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnAnyJdk
class LearnedLimitsTest {

    private final TestClock clock = new TestClock();
    private final LearnedLimits limits = new LearnedLimits("smtp.test:25", clock);

    @Test
    void theSameNumberOfMessagesTwiceIsALimitForAnHour() {
        limits.wornAfter(100, clock.nanoTime());
        assertThat(limits.maxMessages()).isEqualTo(LearnedLimits.NONE);
        limits.wornAfter(100, clock.nanoTime());
        assertThat(limits.maxMessages()).isEqualTo(100);
        clock.advance(Duration.ofHours(1).minusNanos(1));
        assertThat(limits.maxMessages()).isEqualTo(100);
        clock.advance(Duration.ofNanos(1));
        assertThat(limits.maxMessages()).isEqualTo(LearnedLimits.NONE);
    }

    /** They were opened before it, and may have carried equally many. */
    @Test
    void aServerThatRestartsTeachesNothing() {
        long before = clock.nanoTime();
        clock.advance(Duration.ofSeconds(1));
        limits.wornAfter(3, before);
        limits.wornAfter(3, before);
        assertThat(limits.maxMessages()).isEqualTo(LearnedLimits.NONE);
        limits.wornAfter(3, clock.nanoTime());
        assertThat(limits.maxMessages()).isEqualTo(3);
    }

    @Test
    void otherNumbersAreChance() {
        for (int number : new int[] {1, 5, 1, 7, 2}) {
            limits.wornAfter(number, clock.nanoTime());
        }
        assertThat(limits.maxMessages()).isEqualTo(LearnedLimits.NONE);
    }

    @Test
    void aConnectionThatCarriesMoreSpeaksAgainstIt() {
        limits.wornAfter(1, clock.nanoTime());
        limits.carriedBeyond(0);
        limits.carriedBeyond(1);
        limits.wornAfter(1, clock.nanoTime());
        assertThat(limits.maxMessages()).isEqualTo(LearnedLimits.NONE);
        limits.wornAfter(1, clock.nanoTime());
        assertThat(limits.maxMessages()).isEqualTo(1);
        limits.carriedBeyond(1);
        assertThat(limits.maxMessages()).isEqualTo(LearnedLimits.NONE);
    }

    @Test
    void theFewestRecipientsAreKnownForADay() {
        limits.tookRecipients(40);
        limits.tookRecipients(50);
        assertThat(limits.maxRecipients()).isEqualTo(40);
        limits.announced(offering("LIMITS RCPTMAX=30"));
        assertThat(limits.maxRecipients()).isEqualTo(30);
        limits.announced(offering("PIPELINING"));
        clock.advance(Duration.ofDays(1));
        assertThat(limits.maxRecipients()).isEqualTo(LearnedLimits.NONE);
    }

    /** RFC 9422 section 4: up to six digits, no zero in front. */
    @ParameterizedTest
    @CsvSource({
        "LIMITS RCPTMAX=7 MAILMAX=5, 7",
        "limits mailmax=5 rcptmax=999999, 999999",
        "LIMITS XRCPTMAX=7, 2147483647",
        "LIMITS RCPTMAX=0, 2147483647",
        "LIMITS RCPTMAX=07, 2147483647",
        "LIMITS RCPTMAX=-1, 2147483647",
        "LIMITS RCPTMAX=1000000, 2147483647",
        "LIMITS RCPTMAX=, 2147483647",
        "LIMITS RCPTMAX, 2147483647",
        "LIMITS, 2147483647",
    })
    void limitsAreReadByTheGrammar(String line, int expected) {
        assertThat(offering(line).maxRecipients()).isEqualTo(expected);
    }

    private static Extensions offering(String line) {
        return Extensions.of(new UpstreamReply(250, List.of("smtp.test", line)));
    }
}
