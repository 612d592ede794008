package dev.postern.internal.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SampledLinesTest {

    private final TestClock clock = new TestClock();
    private final SampledLines sampled = new SampledLines(clock);
    private final List<String> lines = new ArrayList<>();

    private void say(String kind, int times) {
        for (int i = 0; i < times; i++) {
            sampled.say(kind, more -> lines.add(kind + more));
        }
    }

    @Test
    void aFewLinesOfAKindAreLetThroughInAMinuteAndTheNextOneSaysHowManyThereWere() {
        say("slow", 1000);
        assertThat(lines).hasSize(SampledLines.MOST).containsOnly("slow");
        lines.clear();
        clock.advance(Duration.ofSeconds(59));
        say("slow", 1);
        assertThat(lines).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        say("slow", 2);
        assertThat(lines).containsExactly("slow (and 991 times more since the last such line)", "slow");
    }

    @Test
    void kindsAreCountedApart() {
        say("slow", 20);
        say("broken", 1);
        assertThat(lines).hasSize(SampledLines.MOST + 1).endsWith("broken");
    }

    @Test
    void whatComesNowAndThenIsSaidEachTime() {
        for (int i = 0; i < 100; i++) {
            say("slow", 1);
            clock.advance(Duration.ofSeconds(7));
        }
        assertThat(lines).hasSize(100).containsOnly("slow");
    }
}
