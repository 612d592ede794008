package dev.postern.internal.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The arguments of MAIL and RCPT, read by the gate. */
@OnAnyJdk
class PathParserTest {

    private static final EnvelopeGate WITHOUT_DSN = gate(false);
    private static final EnvelopeGate WITH_DSN = gate(true);

    private static EnvelopeGate gate(boolean dsn) {
        MessageRules rules = MessageRules.defaults();
        return new EnvelopeGate(
                dsn ? rules.withDsn() : rules, Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "FROM:<a@b.test>; <a@b.test>; ''",
                "from:<a@b.test>; <a@b.test>; ''",
                "FROM:<>; <>; ''",
                "FROM: <a@b.test>; <a@b.test>; ''",
                "FROM:   <>; <>; ''",
                "FROM:<\"a>b\"@c.test>; <\"a>b\"@c.test>; ''",
                "FROM:<\"a\\\">\"@c.test> SIZE=1; <\"a\\\">\"@c.test>; SIZE=1",
                "FROM:<@relay.test:a@b.test>; <a@b.test>; ''",
                "FROM:<@one.test,@two.test:a@b.test>; <a@b.test>; ''",
                "FROM:<a@b.test> SIZE=100 BODY=8BITMIME; <a@b.test>; SIZE=100 BODY=8BITMIME",
                "FROM:<a@b.test>   size=100    body=7bit  ; <a@b.test>; SIZE=100 BODY=7bit",
                "FROM:<a@b.test> SIZE=0; <a@b.test>; SIZE=0",
                "FROM:<a@b.test> SIZE=99999999999999999999; <a@b.test>; SIZE=99999999999999999999",
                "FROM:<a@b.test> SMTPUTF8; <a@b.test>; SMTPUTF8",
                "FROM:<gr\u00fc\u00dfe@b.test> SMTPUTF8; <gr\u00fc\u00dfe@b.test>; SMTPUTF8",
                "FROM:<a@b.test> AUTH=<>; <a@b.test>; AUTH=<>",
                "FROM:<a@b.test> AUTH=e+3Dmc2@example.com; <a@b.test>; AUTH=e+3Dmc2@example.com",
                "FROM:<a@[192.0.2.1]>; <a@[192.0.2.1]>; ''",
            })
    void readsMail(String arguments, String path, String parameters) {
        Envelope sender = WITHOUT_DSN.mail(arguments, false).value();
        assertThat(sender.reversePath()).hasToString(path);
        assertThat(sender.parameters()).hasToString(parameters);
        assertThat(sender.recipients()).isEmpty();
    }

    static Stream<String> notMail() {
        return Stream.of("", "FROM", "FROM <a@b.test>", "FROM :<a@b.test>", "TO:<a@b.test>", "<a@b.test>", "a@b.test");
    }

    @ParameterizedTest
    @MethodSource("notMail")
    void badArguments501WithoutFrom(String arguments) {
        assertMailRefused(arguments, StandardReply.BAD_ARGUMENTS);
    }

    static Stream<String> badPaths() {
        return Stream.of(
                "",
                "a@b.test",
                "<",
                "<a@b.test",
                "a@b.test>",
                "< >",
                "< a@b.test>",
                "<a@b.test >",
                "<<a@b.test>>",
                "<a@b.test>>",
                "<a@b.test>SIZE=1",
                "<a@b.test>\tSIZE=1",
                "<a>b@c.test>",
                "<\"a@b.test>",
                "<a@b.test><c@d.test>",
                "<@a@b.test>",
                "<@relay.test:>",
                "<@relay.test>",
                "<@re lay.test:a@b.test>",
                "<relay.test:a@b.test>",
                "<@a.test,b.test:c@d.test>",
                "<@a.test,:c@d.test>",
                "<@[192.0.2.1]:a@b.test>",
                "<@a.test:@b.test:c@d.test>",
                "Alice <a@b.test>",
                "<gr\u00fc\u00dfe@b.test>",
                "<a@b\u00fccher.test>",
                "<" + "x".repeat(65) + "@b.test>",
                "<" + "x".repeat(64) + "@" + ("d".repeat(63) + ".").repeat(3) + "test>",
                "<" + "@relay.test,".repeat(30) + "@r.test:a@b.test>");
    }

    @ParameterizedTest
    @MethodSource("badPaths")
    void senderSyntax501AndRecipientSyntax501(String path) {
        assertMailRefused("FROM:" + path, StandardReply.SENDER_SYNTAX);
        assertRcptRefused(WITHOUT_DSN, "TO:" + path, false, StandardReply.RECIPIENT_SYNTAX);
    }

    @Test
    void aPathHas256OctetsAtMost() {
        String domain = ("d".repeat(63) + ".").repeat(3);
        String path = "x@" + domain + "d".repeat(254 - 2 - domain.length());
        assertThat(path).hasSize(254);
        assertThat(WITHOUT_DSN.mail("FROM:<" + path + ">", false).refusal()).isEmpty();
        assertMailRefused("FROM:<" + "y".repeat(10) + path + ">", StandardReply.SENDER_SYNTAX);
    }

    @ParameterizedTest
    @CsvSource({
        "SIZE, BAD_ARGUMENTS",
        "SIZE=, BAD_ARGUMENTS",
        "SIZE=-1, BAD_ARGUMENTS",
        "SIZE=1k, BAD_ARGUMENTS",
        "SIZE=\u0661, BAD_ARGUMENTS",
        "SIZE=100000000000000000000, BAD_ARGUMENTS",
        "SIZE=1 SIZE=1, BAD_ARGUMENTS",
        "SIZE=1 size=1, BAD_ARGUMENTS",
        "SIZE=1=2, BAD_ARGUMENTS",
        "=1, BAD_ARGUMENTS",
        "-X=1, BAD_ARGUMENTS",
        "SMTPUTF8=1, BAD_ARGUMENTS",
        "AUTH, BAD_ARGUMENTS",
        "AUTH=a+0, BAD_ARGUMENTS",
        "AUTH=a+3d, BAD_ARGUMENTS",
        "AUTH=+FF@x.example, BAD_ARGUMENTS",
        "AUTH=a+0D+0ARCPT, BAD_ARGUMENTS",
        "AUTH=a+7F, BAD_ARGUMENTS",
        "AUTH=a=b, BAD_ARGUMENTS",
        "BODY, PARAMETER_UNSUPPORTED",
        "BODY=BINARYMIME, PARAMETER_UNSUPPORTED",
        "BODY=9BIT, PARAMETER_UNSUPPORTED",
        "RET=FULL, PARAMETER_UNSUPPORTED",
        "ENVID=x, PARAMETER_UNSUPPORTED",
        "NOTIFY=NEVER, PARAMETER_UNSUPPORTED",
        "XYZZY, PARAMETER_UNSUPPORTED",
        "XYZZY=1, PARAMETER_UNSUPPORTED",
    })
    void refusesParametersOfMail(String parameters, StandardReply row) {
        assertMailRefused("FROM:<a@b.test> " + parameters, row);
    }

    @Test
    void theRefusalNamesTheParameterAndNothingOfItsValue() {
        assertThat(WITHOUT_DSN.mail("FROM:<> XYZZY=secret", false))
                .isEqualTo(Judged.refused(StandardReply.PARAMETER_UNSUPPORTED, "XYZZY"));
        assertThat(WITHOUT_DSN.mail("FROM:<> " + "X".repeat(1000), false))
                .isEqualTo(Judged.refused(StandardReply.PARAMETER_UNSUPPORTED, "X".repeat(40)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "TO:<a@b.test>; a@b.test; ''",
                "to: <a@b.test>; a@b.test; ''",
                "TO:<@relay.test:a@b.test>; a@b.test; ''",
                "TO:<\"a> b\"@c.test>; \"a> b\"@c.test; ''",
                "TO:<Postmaster@b.test>; Postmaster@b.test; ''",
            })
    void readsRcpt(String arguments, String address, String parameters) {
        assertRcpt(WITHOUT_DSN, arguments, false, address, parameters);
    }

    @Test
    void aRecipientIsNeverEmpty() {
        assertRcptRefused(WITHOUT_DSN, "TO:<>", true, StandardReply.RECIPIENT_SYNTAX);
        assertRcptRefused(WITHOUT_DSN, "FROM:<a@b.test>", true, StandardReply.BAD_ARGUMENTS);
        assertRcptRefused(WITHOUT_DSN, "<a@b.test>", true, StandardReply.BAD_ARGUMENTS);
    }

    @Test
    void aRecipientBeyondAsciiNeedsSmtputf8() {
        assertRcpt(WITHOUT_DSN, "TO:<gr\u00fc\u00dfe@b.test>", true, "gr\u00fc\u00dfe@b.test", "");
        assertRcptRefused(WITHOUT_DSN, "TO:<gr\u00fc\u00dfe@b.test>", false, StandardReply.RECIPIENT_SYNTAX);
        assertRcptRefused(WITHOUT_DSN, "TO:<a@b\u00fccher.test>", false, StandardReply.RECIPIENT_SYNTAX);
        assertRcpt(WITHOUT_DSN, "TO:<a@xn--bcher-kva.test>", false, "a@xn--bcher-kva.test", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOTIFY=NEVER",
                "NOTIFY=SUCCESS",
                "NOTIFY=SUCCESS,FAILURE,DELAY",
                "notify=failure",
                "ORCPT=rfc822;bob@dest.test",
                "NOTIFY=DELAY ORCPT=rfc822;bob+2Bx@dest.test",
                "ORCPT=utf-8;a",
            })
    void dsnParametersOfRcptNeedDsn(String parameters) {
        String arguments = "TO:<b@dest.test> " + parameters;
        String folded = parameters.replace("notify", "NOTIFY");
        assertRcpt(WITH_DSN, arguments, false, "b@dest.test", folded);
        assertRcptRefused(WITHOUT_DSN, arguments, false, StandardReply.PARAMETER_UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NOTIFY",
                "NOTIFY=",
                "NOTIFY=ALWAYS",
                "NOTIFY=NEVER,SUCCESS",
                "NOTIFY=SUCCESS,",
                "NOTIFY=,SUCCESS",
                "NOTIFY=SUCCESS;FAILURE",
                "NOTIFY=NEVER NOTIFY=NEVER",
                "ORCPT=bob@dest.test",
                "ORCPT=;bob",
                "ORCPT=rfc822;",
                "ORCPT=rfc822;bob+0Ax",
                "ORCPT=rfc822;bob+x",
                "ORCPT=rfc 822;bob",
                "ORCPT=-x;bob",
            })
    void badArguments501ForMalformedDsnParametersOfRcpt(String parameters) {
        String arguments = "TO:<b@dest.test> " + parameters;
        assertRcptRefused(WITH_DSN, arguments, false, StandardReply.BAD_ARGUMENTS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ORCPT=utf-8;gr\u00fc\u00dfe@b\u00fccher.test | true",
                "orcpt=UTF-8;\ud83d\udce7@dest.test | true",
                "ORCPT=utf-8;gr\u00fc\u00dfe\\x{2B}x@dest.test | true",
                "ORCPT=utf-8;gr\\x{FC}\\x{DF}e@dest.test | true",
                "ORCPT=rfc822;gr\u00fc\u00dfe@dest.test | false",
                "ORCPT=utf-8;gr\u00fc\u00dfe+2Bx@dest.test | false",
                "ORCPT=utf-8;gr\u00fc\u00dfe\\x@dest.test | false",
                "ORCPT=utf-8;gr\u00fc\u2028e@dest.test | false",
                "ORCPT=utf-8;gr\u00fc\u0085e@dest.test | false",
                "ORCPT=utf-8;gr\u00fc\\x{0A}e@dest.test | false",
                "ORCPT=utf-8;a\\x{0D}\\x{0A}b@dest.test | false",
                "ORCPT=utf-8;a\\x{2028}b@dest.test | false",
                "NOTIFY=gr\u00fc\u00dfe | false",
            })
    void anOriginalRecipientInUtf8IsForSmtputf8(String parameter, boolean good) {
        String arguments = "TO:<b@dest.test> " + parameter;
        Judged<Recipient> recipient = WITH_DSN.rcpt(arguments, true);
        if (good) {
            assertThat(recipient.value().parameters()).hasToString(parameter.replace("orcpt", "ORCPT"));
        } else {
            assertRow(recipient, StandardReply.BAD_ARGUMENTS);
        }
        if (parameter.contains("\u00fc")) {
            assertRcptRefused(WITH_DSN, arguments, false, StandardReply.BAD_ARGUMENTS);
        }
    }

    @Test
    void anOriginalRecipientHas500OctetsAtMost() {
        String arguments = "TO:<b@dest.test> ORCPT=utf-8;";
        assertThat(WITH_DSN.rcpt(arguments + "\u00fc".repeat(250), true).refusal())
                .isEmpty();
        assertRcptRefused(WITH_DSN, arguments + "\u00fc".repeat(251), true, StandardReply.BAD_ARGUMENTS);
    }

    @ParameterizedTest
    @CsvSource({"SIZE=1", "BODY=7BIT", "RET=FULL", "ENVID=x", "AUTH=<>", "SMTPUTF8", "XYZZY=1"})
    void parametersOfMailAreNoneOfRcpt(String parameter) {
        assertRcptRefused(WITH_DSN, "TO:<b@dest.test> " + parameter, true, StandardReply.PARAMETER_UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({
        "RET=FULL, true",
        "RET=hdrs, true",
        "RET=ALL, false",
        "RET, false",
        "ENVID=QQ314159, true",
        "ENVID=a+20b, true",
        "ENVID=a+0Ab, false",
        "ENVID=, false",
    })
    void dsnParametersOfMail(String parameter, boolean good) {
        Judged<Envelope> mail = WITH_DSN.mail("FROM:<a@b.test> " + parameter, false);
        if (good) {
            assertThat(mail.refusal()).isEmpty();
        } else {
            assertRow(mail, StandardReply.BAD_ARGUMENTS);
        }
    }

    @Test
    void xtextHasALimit() {
        String envid = "FROM:<a@b.test> ENVID=";
        assertThat(WITH_DSN.mail(envid + "e".repeat(100), false).refusal()).isEmpty();
        assertThat(WITH_DSN.mail(envid + "e".repeat(101), false).refusal()).isPresent();
        String orcpt = "TO:<a@b.test> ORCPT=rfc822;";
        assertThat(WITH_DSN.rcpt(orcpt + "e".repeat(500), false).refusal()).isEmpty();
        assertThat(WITH_DSN.rcpt(orcpt + "e".repeat(501), false).refusal()).isPresent();
    }

    private static void assertMailRefused(String arguments, StandardReply row) {
        assertRow(WITHOUT_DSN.mail(arguments, false), row);
    }

    private static void assertRcpt(
            EnvelopeGate gate, String arguments, boolean smtpUtf8, String address, String parameters) {
        Recipient recipient = gate.rcpt(arguments, smtpUtf8).value();
        assertThat(recipient.address()).hasToString(address);
        assertThat(recipient.parameters()).hasToString(parameters);
    }

    private static void assertRcptRefused(EnvelopeGate gate, String arguments, boolean smtpUtf8, StandardReply row) {
        assertRow(gate.rcpt(arguments, smtpUtf8), row);
    }

    private static void assertRow(Judged<?> judged, StandardReply row) {
        assertThat(judged.refusal().flatMap(reply -> reply.standard())).contains(row);
    }
}
