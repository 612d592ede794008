package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Addresses and arguments of MAIL and RCPT made up by chance. What is taken is what the grammar of RFC 5321 section 4.1.2
 * allows, written down once more as one expression, and reads the same a second time. A long run: see {@link
 * DialogueFuzzTest}.
 */
@OnAnyJdk
@Timeout(value = Fuzz.MINUTES, unit = TimeUnit.MINUTES)
class AddressFuzzTest {

    private static final EnvelopeGate GATE = new EnvelopeGate(
            MessageRules.defaults().withMaxSize(1000).withMaxRecipients(10).withDsn(),
            Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll()));

    /** Of US-ASCII, without IPv6 literals and without the limits of length. */
    private static final Pattern MAILBOX = mailbox();

    private static final List<String> PIECES = List.of(
            "a",
            "b",
            "Z",
            "9",
            "alice",
            "dest.test",
            "x-y",
            "@",
            "@",
            ".",
            ".",
            "-",
            "\"",
            "\"",
            "\\",
            " ",
            "<",
            ">",
            ",",
            ":",
            ";",
            "[",
            "]",
            "[192.0.2.1]",
            "[256.1.1.1]",
            "[IPv6:2001:db8::1]",
            "[IPv6:.:1]",
            "[IPv6:1::2::3]",
            "(",
            ")",
            "!",
            "%",
            "+",
            "=",
            "/",
            "\t",
            "\u007f",
            "\u00e9",
            "\u017f",
            "\u212a",
            "\u2028",
            "\u202e",
            "\u3002",
            "\uff0e",
            "\u760d\u760a",
            "\ud83d\ude00",
            "\ud83d",
            "\ude00",
            "\u200d",
            "\u0000",
            "\r",
            "\n",
            "x".repeat(62),
            "y".repeat(63) + ".",
            "z".repeat(250));

    private static final List<String> PARAMETERS = List.of(
            "SIZE=1",
            "size=2",
            "BODY=8BITMIME",
            "body=7bit",
            "SMTPUTF8",
            "AUTH=<>",
            "AUTH=a+3Db",
            "RET=FULL",
            "RET=hdrs",
            "ENVID=x",
            "NOTIFY=NEVER",
            "NOTIFY=success,delay",
            "ORCPT=rfc822;a@b",
            "RET=HDR\u017f",
            "NOTIFY=\u017fUCCESS",
            "\u017fIZE=1",
            "BODY=8B\u0131TMIME",
            "ENVID=+0D",
            "ORCPT=rfc822;+00",
            "SIZE",
            "X",
            "=1",
            "SIZE=1=1");

    private static Pattern mailbox() {
        String atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
        String quoted = "\"(?:[ !#-\\[\\]-~]|\\\\[ -~])*\"";
        String label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
        String number = "(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})";
        String local = "(?:" + atom + "(?:\\." + atom + ")*|" + quoted + ")";
        String domain = "(?:" + label + "(?:\\." + label + ")*|\\[" + number + "(?:\\." + number + "){3}\\])";
        return Pattern.compile(local + "@" + domain);
    }

    @Test
    void takesTheMailboxesOfTheGrammarAndNoOther() {
        AtomicInteger mailboxes = new AtomicInteger();
        int rounds = Fuzz.run(30_000, random -> {
            String text = text(random, random.nextInt(1, 8));
            boolean taken = MailAddress.tryParse(text).isPresent();
            if (isAscii(text) && !text.contains("[IPv6:") && fitsAnywhere(text)) {
                assertThat(taken).as(text).isEqualTo(MAILBOX.matcher(text).matches());
            }
            if (taken) {
                mailboxes.incrementAndGet();
                assertSafe(MailAddress.parse(text), text, true);
            }
        });
        assertThat(mailboxes.get()).as("mailboxes in %d texts", rounds).isGreaterThanOrEqualTo(rounds / 100);
    }

    @Test
    void readsPathsAsTheyAreWrittenUpstream() {
        Fuzz.run(15_000, random -> {
            String path = random.nextInt(3) > 0 ? "alice@dest.test" : text(random, random.nextInt(1, 6));
            String rest = text(random, random.nextInt(10) > 0 ? 0 : 1);
            String arguments = "<" + path + ">" + rest + parameters(random);
            Judged<Envelope> mail = GATE.mail("FROM:" + arguments, false);
            if (mail.refusal().isEmpty()) {
                Envelope sender = mail.value();
                sender.reversePath().address().ifPresent(address -> {
                    assertSafe(address, path, sender.parameters().smtpUtf8());
                    assertThat(GATE.mail("FROM:" + sender.reversePath() + " " + sender.parameters(), false))
                            .as(arguments)
                            .isEqualTo(mail);
                });
                assertSafe(sender.parameters());
            }
            boolean utf8 = random.nextBoolean();
            Judged<Recipient> rcpt = GATE.rcpt("TO:" + arguments, utf8);
            if (rcpt.refusal().isEmpty()) {
                Recipient recipient = rcpt.value();
                assertSafe(recipient.address(), path, utf8);
                assertSafe(recipient.parameters());
                assertThat(GATE.rcpt("TO:<" + recipient.address() + "> " + recipient.parameters(), utf8))
                        .as(arguments)
                        .isEqualTo(rcpt);
            }
        });
    }

    /** In every case-insensitive comparison of Java, a long s is an S and a dotless i an I. */
    @ParameterizedTest
    @ValueSource(strings = {"\u017fIZE=1", "BODY=8B\u0131TMIME", "RET=HDR\u017f", "\u017fMTPUTF8", "ENVID=\u00e9"})
    void refusesParametersOfMailWithOtherLettersThanAscii(String parameter) {
        assertThat(GATE.mail("FROM:<a@dest.test> " + parameter, false).refusal())
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NOTIFY=\u017fUCCESS", "NOTIFY=FA\u0131LURE", "ORCPT=rfc822;\u00e9", "NOT\u0131FY=NEVER"})
    void refusesParametersOfRcptWithOtherLettersThanAscii(String parameter) {
        assertThat(GATE.rcpt("TO:<a@dest.test> " + parameter, true).refusal()).isPresent();
    }

    private static String text(SplittableRandom random, int pieces) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            // every other time what a mailbox is made of, so that there are some
            text.append(
                    random.nextBoolean() ? PIECES.get(random.nextInt(10)) : PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    private static String parameters(SplittableRandom random) {
        StringBuilder parameters = new StringBuilder();
        while (random.nextInt(3) > 0) {
            parameters.append(" ".repeat(random.nextInt(1, 3)));
            parameters.append(PARAMETERS.get(random.nextInt(PARAMETERS.size())));
        }
        return parameters.toString();
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static boolean fitsAnywhere(String text) {
        return text.length() <= 63;
    }

    /** The address is the text, or what is left of it behind a source route, and can be said in one way only. */
    private static void assertSafe(MailAddress address, String text, boolean utf8) {
        RecordingDelivery.assertAddress(address, utf8);
        assertThat(text).endsWith(address.toString());
        assertThat(address.localPart().getBytes(StandardCharsets.UTF_8).length).isBetween(1, 64);
        assertThat(address.domain().getBytes(StandardCharsets.UTF_8).length).isBetween(1, 255);
        assertThat(address.domain()).doesNotContain("@", "<", ">", " ", "\"", "\\", ",");
        if (!address.localPart().startsWith("\"")) {
            assertThat(address.localPart()).doesNotContain("@", "<", ">", " ", "\"", "\\", ",", ":");
        }
    }

    private static void assertSafe(EsmtpParameters parameters) {
        parameters.values().forEach((keyword, value) -> RecordingDelivery.assertAscii(keyword + value));
    }
}
