package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubmissionTest {

    /** A message whose reply is due at a moment. */
    static Submission due(long moment) {
        return Mail.simple().withReplyDue(moment);
    }

    /** The nanoseconds of a clock overflow. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, -1_000, Long.MAX_VALUE})
    void nothingTakesLongerThanUntilTheReplyIsDue(long due) {
        assertThat(due(due).noLaterThanDue(due - 1)).isEqualTo(due - 1);
        assertThat(due(due).noLaterThanDue(due)).isEqualTo(due);
        assertThat(due(due).noLaterThanDue(due + 1)).isEqualTo(due);
    }

    @Test
    void anythingMayTakeItsTimeWhereNobodyWaits() {
        assertThat(Mail.simple().replyDue()).isEmpty();
        assertThat(Mail.simple().noLaterThanDue(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void otherContentIsDueAtTheSameMoment() {
        assertThat(due(7).withContent(Mail.simple().content()).replyDue()).hasValue(7);
    }
}
