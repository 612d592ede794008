package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VerdictTest {

    private static final Reply LOCAL = Reply.of(550, EnhancedStatus.parse("5.7.1"), "Not here");

    @Test
    void proceedRefusesNothing() {
        assertThat(Verdict.proceed()).isSameAs(Verdict.proceed()).isEqualTo(new Verdict.Proceed());
        assertThat(Verdict.proceed().refusal()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = StandardReply.class,
            names = {"AUTH_REQUIRED", "QUOTA_EXCEEDED", "INACTIVITY", "IP_SESSIONS_EXCEEDED", "SERVER_BUSY"})
    void aRowSaysWhetherTheConnectionIsClosed(StandardReply row) {
        Verdict verdict = Verdict.refuse(row);
        assertThat(verdict).isEqualTo(new Verdict.Refuse(row.reply()));
        assertThat(verdict.refusal().orElseThrow().closes()).isEqualTo(row.closes());
    }

    @Test
    void aReplySaysWhetherTheConnectionIsClosed() {
        assertThat(Verdict.refuse(LOCAL)).isEqualTo(new Verdict.Refuse(LOCAL));
        assertThat(Verdict.refuse(LOCAL).refusal().orElseThrow().closes()).isFalse();
        assertThat(Verdict.refuse(LOCAL.closing()).refusal().orElseThrow().closes())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = StandardReply.class,
            names = {"SENDER_OK", "NOOP_OK", "CONTENT_START", "GOODBYE"})
    void aSuccessIsNoRefusal(StandardReply row) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Verdict.refuse(row))
                .withMessageContaining("4xx or 5xx");
        assertThatIllegalArgumentException().isThrownBy(() -> new Verdict.Refuse(row.reply()));
    }

    @Test
    void fillsInARowsParameters() {
        assertThat(Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS, 3).refusal())
                .contains(StandardReply.TOO_MANY_RECIPIENTS.reply(3));
        assertThatIllegalArgumentException().isThrownBy(() -> Verdict.refuse(StandardReply.TOO_MANY_RECIPIENTS));
    }
}
