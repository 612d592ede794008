package dev.postern.internal.reply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes into log lines, and values or refusals. */
@OnAnyJdk
class PrintableTest {

    @Test
    void aTextIsOneLineOfUsAscii() {
        assertThat(Printable.of("a\r\nb \u00fc")).isEqualTo("a??b ?");
        assertThat(Printable.of("x".repeat(1000))).hasSizeLessThanOrEqualTo(400).startsWith("xxx");
    }

    @ParameterizedTest
    @CsvSource({"mail.test, mail.test:25", "192.0.2.1, 192.0.2.1:25", "2001:db8::1, [2001:db8::1]:25", ":, [:]:25"})
    void anIpv6AddressHasBrackets(String host, String text) {
        assertThat(Printable.hostAndPort(host, 25)).isEqualTo(text);
    }

    @Test
    void aFailureThatCanBeLoggedStaysAsItIs() {
        Throwable failure = new IOException("a", new IllegalStateException("b"));
        assertThat(Printable.failure(failure)).isSameAs(failure);
    }

    @Test
    void aFailureThatQuotesAPeerIsMadePrintableWithItsCausesAndStack() {
        Throwable cause = new IllegalStateException("a\nforged line");
        Throwable failure = new IOException("b", cause);
        Throwable printable = Printable.failure(failure);
        assertThat(printable).hasMessage("java.io.IOException: b");
        assertThat(printable.getStackTrace()).isEqualTo(failure.getStackTrace());
        assertThat(printable.getCause()).satisfies(inner -> {
            assertThat(inner)
                    .hasMessage("java.lang.IllegalStateException: a?forged line")
                    .hasNoCause();
            assertThat(inner.getStackTrace()).isEqualTo(cause.getStackTrace());
        });
    }

    /** Whatever the chain of causes, also one that never ends. */
    @Test
    void tenCausesAreLookedAtAndKept() {
        Throwable deep = new IllegalStateException("\n");
        for (int i = 0; i < 10; i++) {
            deep = new IllegalStateException("x", deep);
        }
        assertThat(depth(Printable.failure(deep)))
                .as("the tenth cause is looked at")
                .isEqualTo(10);
        assertThat(Printable.failure(deep)).isNotSameAs(deep);
        Throwable deeper = new IllegalStateException("x", deep);
        assertThat(Printable.failure(deeper)).as("the eleventh is not").isSameAs(deeper);
        Throwable endless = new IllegalStateException("\n");
        endless.initCause(new IllegalStateException("x", endless));
        assertThat(depth(Printable.failure(endless))).isEqualTo(10);
    }

    private static int depth(Throwable failure) {
        int depth = 0;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            depth++;
        }
        return depth;
    }

    @Test
    void aJudgementIsAValueOrARefusal() {
        Judged<Integer> passed = Judged.passed(7);
        assertThat(passed.value()).isEqualTo(7);
        assertThat(passed.refusal()).isEmpty();
        assertThat(passed.then(value -> Judged.passed(value + 1)).value()).isEqualTo(8);
        Judged<Integer> refused = Judged.refused(StandardReply.BAD_ARGUMENTS, "RSET");
        assertThat(refused.refusal()).contains(StandardReply.BAD_ARGUMENTS.reply("RSET"));
        assertThat(refused.then(value -> Judged.passed(value + 1)).refusal().flatMap(Reply::standard))
                .contains(StandardReply.BAD_ARGUMENTS);
        assertThatIllegalStateException().isThrownBy(refused::value);
    }
}
