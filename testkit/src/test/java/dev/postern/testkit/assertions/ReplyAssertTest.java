package dev.postern.testkit.assertions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class ReplyAssertTest {

    private static final ProbeReply QUOTA = ProbeReply.parse("452 4.2.2 Quota exceeded for the current period\r\n");
    private static final ProbeReply RECIPIENTS =
            ProbeReply.parse("452 4.5.3 Too many recipients (max 50 per message)\r\n");

    @ParameterizedTest
    @EnumSource
    void recognizesEachRowOfTheCatalogueAndNoOther(StandardReply row) throws IOException {
        ProbeReply reply = reply(row);

        SmtpAssertions.assertThat(reply).isStandardReply(row);
        assertThat(reply.standardReply()).contains(row);
        Stream.of(StandardReply.values())
                .filter(other -> other != row)
                .forEach(other -> SmtpAssertions.assertThat(reply).isNotStandardReply(other));
    }

    private static ProbeReply reply(StandardReply row) throws IOException {
        Object[] parameters = new Object[row.text().split("\\{", -1).length - 1];
        Arrays.fill(parameters, "7");
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        row.reply(parameters).writeTo(wire);
        return ProbeReply.parse(wire.toString(StandardCharsets.US_ASCII));
    }

    @Test
    void comparesGivenParametersOctetForOctet() {
        SmtpAssertions.assertThat(RECIPIENTS).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 50);
        failure(() -> SmtpAssertions.assertThat(RECIPIENTS).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS, 51))
                .withMessage("""
                        Expected reply:
                          TOO_MANY_RECIPIENTS "452 4.5.3 Too many recipients (max 51 per message)\\r\\n"
                        but was:
                          TOO_MANY_RECIPIENTS "452 4.5.3 Too many recipients (max 50 per message)\\r\\n\"""");
    }

    @Test
    void takesNoOtherLinesBeforeARowWithParameters() {
        ProbeReply more = ProbeReply.parse("452-anything\r\n452 4.5.3 Too many recipients (max 50 per message)\r\n");
        SmtpAssertions.assertThat(more).isNotStandardReply(StandardReply.TOO_MANY_RECIPIENTS);
        failure(() -> SmtpAssertions.assertThat(more).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS))
                .withMessageContaining("but was:\n  no row of the catalogue \"452-anything\\r\\n452 4.5.3");
    }

    @Test
    void namesBothRowsOfTheCatalogueInAFailure() {
        failure(() -> SmtpAssertions.assertThat(QUOTA).as("RCPT").isStandardReply(StandardReply.SENDER_OK))
                .withMessage("""
                        [RCPT] Expected reply:
                          SENDER_OK "250 2.1.0 Sender ok\\r\\n"
                        but was:
                          QUOTA_EXCEEDED "452 4.2.2 Quota exceeded for the current period\\r\\n\"""");
    }

    @Test
    void showsARowWithParametersAsItStandsInTheCatalogue() {
        ProbeReply near = ProbeReply.parse("452 4.5.3 Too many recipients\r\n");

        failure(() -> SmtpAssertions.assertThat(near).isStandardReply(StandardReply.TOO_MANY_RECIPIENTS))
                .withMessage("""
                        Expected reply:
                          TOO_MANY_RECIPIENTS "452 4.5.3 Too many recipients (max {max} per message)\\r\\n", any parameters
                        but was:
                          no row of the catalogue "452 4.5.3 Too many recipients\\r\\n\"""");
    }

    @Test
    void refusesAWrongNumberOfParameters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        SmtpAssertions.assertThat(QUOTA).isStandardReply(StandardReply.QUOTA_EXCEEDED, "surplus"));
    }

    @Test
    void doesNotTakeAReplyWithAStatusForTheReplyToHelo() {
        ProbeReply ok = ProbeReply.parse("250 2.1.0 Sender ok\r\n");

        SmtpAssertions.assertThat(ok).isNotStandardReply(StandardReply.HELLO);
    }

    @Test
    void doesNotTakeAMultiLineReplyForItsLastLine() {
        ProbeReply two = ProbeReply.parse("250-2.0.0 more\r\n250 2.0.0 Reset\r\n");

        failure(() -> SmtpAssertions.assertThat(two).isStandardReply(StandardReply.RESET_OK))
                .withMessageContaining("\"250-2.0.0 more\\r\\n250 2.0.0 Reset\\r\\n\"");
    }

    @Test
    void passesWhatHolds() {
        SmtpAssertions.assertThat(QUOTA)
                .hasCode(452)
                .hasEnhancedStatus("4.2.2")
                .hasText("Quota exceeded for the current period")
                .hasLines("4.2.2 Quota exceeded for the current period")
                .hasWire("452 4.2.2 Quota exceeded for the current period\r\n")
                .isTemporaryRefusal();
        SmtpAssertions.assertThat(ProbeReply.parse("250-host\r\n250-SIZE 1000\r\n250 DSN\r\n"))
                .isOk()
                .offers("size")
                .offers("SIZE 1000")
                .offers("DSN")
                .doesNotOffer("SIZ")
                .doesNotOffer("SIZE 10");
        SmtpAssertions.assertThat(ProbeReply.parse("500 x\r\n")).isPermanentRefusal();
    }

    @ParameterizedTest
    @MethodSource
    void saysWhatWasExpected(Consumer<ReplyAssert> assertion, String expected) {
        failure(() -> assertion.accept(SmtpAssertions.assertThat(QUOTA)))
                .withMessage("Expected reply:\n  " + expected
                        + "\nbut was:\n  QUOTA_EXCEEDED \"452 4.2.2 Quota exceeded for the current period\\r\\n\"");
    }

    static Stream<Arguments> saysWhatWasExpected() {
        return Stream.of(
                failing(reply -> reply.hasCode(451), "code 451"),
                failing(reply -> reply.hasEnhancedStatus("4.2.1"), "enhanced status code 4.2.1"),
                failing(reply -> reply.hasText("100%d"), "text \"100%d\""),
                failing(reply -> reply.hasLines("a", "b"), "lines [a, b]"),
                failing(reply -> reply.hasWire("452 x\r\n"), "\"452 x\\r\\n\""),
                failing(ReplyAssert::isOk, "any 2xx"),
                failing(ReplyAssert::isPermanentRefusal, "any 5xx"),
                failing(
                        reply -> reply.isNotStandardReply(StandardReply.QUOTA_EXCEEDED),
                        "any reply but QUOTA_EXCEEDED"),
                failing(reply -> reply.offers("DSN"), "extension DSN"));
    }

    private static Arguments failing(Consumer<ReplyAssert> assertion, String expected) {
        return Arguments.of(assertion, expected);
    }

    @Test
    void wantsTheEnhancedStatusOnEachLine() {
        ProbeReply reply = ProbeReply.parse("550-5.1.1 one\r\n550 two\r\n");

        failure(() -> SmtpAssertions.assertThat(reply).hasEnhancedStatus("5.1.1"))
                .withMessageContaining("enhanced status code 5.1.1");
    }

    @Test
    void showsTheTranscriptOfTheConnection() {
        try (FakeUpstream server = FakeUpstream.start();
                SmtpProbe probe = SmtpProbe.connect(server.address())) {
            server.script(Stage.EHLO, Fault.reply("502 5.5.1 Command not implemented"));
            probe.readReply();
            ProbeReply reply = probe.ehlo();

            failure(() -> SmtpAssertions.assertThat(reply).isOk()).withMessage("""
                            Expected reply:
                              any 2xx
                            but was:
                              COMMAND_UNSUPPORTED "502 5.5.1 Command not implemented\\r\\n"
                            Transcript:
                              S: 220 upstream.test ESMTP fake upstream ready
                              C: EHLO probe.test
                              S: 502 5.5.1 Command not implemented""");
        }
    }

    private static org.assertj.core.api.ThrowableAssertAlternative<AssertionError> failure(Runnable assertion) {
        return assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion::run);
    }
}
