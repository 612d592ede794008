package dev.postern.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The faults command on fewer messages; and whether its report would say so when the relay broke its word. */
class FaultRunTest {

    private static final Answer ACCEPTED = new Answer(250, "250 2.0.0 Ok");
    private static final Answer REFUSED = new Answer(421, "421 4.4.2 No");

    @ParameterizedTest
    @EnumSource
    void eachMessageIsWhereTheRelaySaysItIs(Scenario scenario) throws IOException, InterruptedException {
        FaultReport report = new FaultRun(scenario, 500, 10).run();

        assertThat(report.holds()).as(report.toString()).isTrue();
        if (scenario != Scenario.HALF_OF_THE_UPSTREAMS_DOWN && scenario != Scenario.POOL_EXHAUSTED) {
            // each of these faults begins with a message that has arrived and is not answered
            assertThat(report.ambiguous()).as(report.toString()).isNotEmpty();
        }
    }

    @Test
    void acceptedAndNotArrivedIsLost() {
        FaultReport report = report(Map.of("m0", ACCEPTED, "m1", REFUSED), Map.of(), Set.of());
        assertThat(report.holds()).isFalse();
        assertThat(report.lost()).containsExactly("m0");
    }

    @Test
    void arrivedTwiceIsDuplicated() {
        FaultReport report = report(Map.of("m0", ACCEPTED, "m1", REFUSED), Map.of("m0", 2), Set.of());
        assertThat(report.holds()).isFalse();
        assertThat(report.duplicated()).containsExactly("m0");
    }

    @Test
    void refusedAndArrivedIsUnexpectedUnlessItWasNamed() {
        Map<String, Answer> answers = Map.of("m0", ACCEPTED, "m1", REFUSED);
        Map<String, Integer> arrivals = Map.of("m0", 1, "m1", 1);
        FaultReport report = report(answers, arrivals, Set.of());
        assertThat(report.holds()).isFalse();
        assertThat(report.unexpected()).containsExactly("m1");

        FaultReport named = report(answers, arrivals, Set.of("m1"));
        assertThat(named.holds()).isTrue();
        assertThat(named.ambiguous()).containsExactly("m1");
    }

    @Test
    void aMessageWithoutAnAnswerBreaksThePromise() {
        FaultReport report = report(Map.of("m0", ACCEPTED), Map.of("m0", 1), Set.of());
        assertThat(report.holds()).isFalse();
        assertThat(report.unanswered()).containsExactly("m1");
    }

    private static FaultReport report(
            Map<String, Answer> answers, Map<String, Integer> arrivals, Set<String> doubtful) {
        return FaultReport.of(Scenario.UPSTREAM_RESTARTED, answers, 2, arrivals, doubtful);
    }
}
