package dev.postern.rfc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Check;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.Identity;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SMTP smuggling (CVE-2023-51764 and its family): what one server takes for the end of the content and another does not.
 * Whatever a client sends within its content, the upstream gets one message or none, no command of the content's, and no
 * octets that any server could take for an end of data but the last ones.
 */
@OnAnyJdk
class SmugglingTest {

    private static final String HEAD = "From: bert@beta.test\r\n\r\nouter";

    /** What a server that took the variant for an end of data would run. */
    private static final String SMUGGLED = "MAIL FROM:<smuggler@beta.test>\r\nRCPT TO:<victim@dest.test>\r\nDATA\r\n"
            + "From: boss@beta.test\r\n\r\nsmuggled\r\n";

    /** Every end of data that some server was ever found to take, and then some. */
    private static final Pattern LENIENT_END =
            Pattern.compile("(?:[\r\n\0\u000b\f]|^)\\.(?:[\r\n\0\u000b\f]|$)", Pattern.DOTALL);

    /** How the content comes. */
    enum Framing {
        DATA,
        DATA_OCTET_BY_OCTET,
        BDAT,
        BDAT_CUT_IN_THE_VARIANT
    }

    /** What the relay does with lone LFs. */
    enum LineEndings {
        NORMALIZED,
        STRICT
    }

    /** Variants by name, as octets in ISO 8859-1. */
    private static Map<String, String> variants() {
        Map<String, String> variants = new LinkedHashMap<>();
        variants.put("LF.LF", "\n.\n");
        variants.put("LF.CRLF", "\n.\r\n");
        variants.put("CRLF.LF", "\r\n.\n");
        variants.put("CR.CR", "\r.\r");
        variants.put("CR.CRLF", "\r.\r\n");
        variants.put("CRLF.CR", "\r\n.\r");
        variants.put("CR.LF", "\r.\n");
        variants.put("LF.CR", "\n.\r");
        variants.put("CRLF.CRCRLF", "\r\n.\r\r\n");
        variants.put("LF.CRCRLF", "\n.\r\r\n");
        variants.put("CRLF-NUL.CRLF", "\r\n\0.\r\n");
        variants.put("CRLF.NUL-CRLF", "\r\n.\0\r\n");
        variants.put("CRLF..LF", "\r\n..\n");
        variants.put("LF..LF", "\n..\n");
        variants.put("LF..CRLF", "\n..\r\n");
        variants.put("LFCR.LFCR", "\n\r.\n\r");
        variants.put("CRLF.SP-CRLF", "\r\n. \r\n");
        variants.put("CRLF-SP.CRLF", "\r\n .\r\n");
        variants.put("VT.VT", "\u000b.\u000b");
        variants.put("FF.FF", "\f.\f");
        variants.put("NEL.NEL", "\u0085.\u0085");
        variants.put("NEL.NEL in UTF-8", latin("\u0085.\u0085"));
        variants.put("U+2028.U+2028", latin("\u2028.\u2028"));
        variants.put("U+2029.U+2029", latin("\u2029.\u2029"));
        variants.put("NEL.CRLF", latin("\u0085.") + "\r\n");
        variants.put("U+2028.CRLF", latin("\u2028.") + "\r\n");
        variants.put("CRLF.U+2028", "\r\n" + latin(".\u2028"));
        variants.put("LF.LF after CRLF", "\r\n\n.\n");
        variants.put("CRLF.LF twice", "\r\n.\n.\n");
        variants.put("fullwidth stop", "\r\n" + latin("\uff0e") + "\r\n");
        return variants;
    }

    /** Each line end before each, with a dot or two between, but for the one true end of data. */
    private static Map<String, String> mixtures() {
        List<String> ends = List.of(
                "\r\n", "\n", "\r", "\r\r\n", "\n\r", "\r\n\0", "\0\r\n", "\u0085", latin("\u0085"), latin("\u2028"));
        Map<String, String> mixtures = new LinkedHashMap<>();
        for (String before : ends) {
            for (String after : ends) {
                for (String dots : List.of(".", "..")) {
                    String variant = before + dots + after;
                    if (!variant.contains("\r\n.\r\n")) {
                        mixtures.put(shown(variant), variant);
                    }
                }
            }
        }
        return mixtures;
    }

    static List<Arguments> variantsByFramingAndSetting() {
        List<Arguments> all = new ArrayList<>();
        for (LineEndings setting : LineEndings.values()) {
            for (Framing framing : Framing.values()) {
                variants().keySet().forEach(name -> all.add(Arguments.of(name, framing, setting)));
            }
        }
        return all;
    }

    @ParameterizedTest(name = "{0} in {1}, {2}")
    @MethodSource("variantsByFramingAndSetting")
    void noVariantOfTheEndOfDataSmugglesAMessage(String name, Framing framing, LineEndings setting) {
        try (Scene scene = scene(setting)) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply().code()).isEqualTo(220);
            assertThat(probe.ehlo().code()).isEqualTo(250);
            assertOneMessageOrNone(scene, probe, variants().getOrDefault(name, ""), framing, setting);
        }
    }

    static List<Arguments> framingsBySetting() {
        List<Arguments> all = new ArrayList<>();
        for (LineEndings setting : LineEndings.values()) {
            for (Framing framing : List.of(Framing.DATA, Framing.BDAT)) {
                all.add(Arguments.of(framing, setting));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("framingsBySetting")
    void noMixtureOfLineEndsSmugglesAMessage(Framing framing, LineEndings setting) {
        Map<String, String> mixtures = mixtures();
        assertThat(mixtures).hasSizeGreaterThan(150);
        try (Scene scene = scene(setting)) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply().code()).isEqualTo(220);
            assertThat(probe.ehlo().code()).isEqualTo(250);
            mixtures.values().forEach(variant -> assertOneMessageOrNone(scene, probe, variant, framing, setting));
        }
    }

    @Test
    void theTrueEndOfDataEndsItAndWhatFollowsIsTheClientsOwnNextTransaction() {
        try (Scene scene = scene(LineEndings.NORMALIZED)) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply().code()).isEqualTo(220);
            assertThat(probe.ehlo().code()).isEqualTo(250);
            begin(probe);
            assertThat(probe.send("DATA").code()).isEqualTo(354);
            probe.write(HEAD + "\r\n.\r\n" + SMUGGLED + ".\r\n");
            for (int code : new int[] {250, 250, 250, 354, 250}) {
                assertThat(probe.readReply().code()).isEqualTo(code);
            }
            assertThat(scene.upstream.messages())
                    .as("the oracle of this class can see two")
                    .hasSize(2);
            assertThat(scene.upstream.commands()).anyMatch(line -> line.contains("smuggler"));
        }
    }

    private static Scene scene(LineEndings setting) {
        MessageRules rules = MessageRules.defaults().without(FixUp.values());
        return Scene.bare(b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.1", Identity.of("bert@beta.test")))
                .messages(setting == LineEndings.STRICT ? rules.with(Check.LINE_ENDINGS) : rules)
                .sessions(SessionLimits.defaults().withErrors(Integer.MAX_VALUE).withMessages(Integer.MAX_VALUE)));
    }

    private static void assertOneMessageOrNone(
            Scene scene, SmtpProbe probe, String variant, Framing framing, LineEndings setting) {
        int before = scene.upstream.messages().size();
        begin(probe);
        ProbeReply reply = content(probe, HEAD, variant, SMUGGLED, framing);
        boolean refused = hasLoneCrOrNul(variant) || setting == LineEndings.STRICT && hasLoneLf(variant);
        assertThat(reply.toString())
                .as("reply to %s", shown(variant))
                .startsWith(refused ? "550 5.5.2 Bare CR, LF or NUL" : "250 2.0.0 Ok: relayed as ");
        assertThat(probe.send("NOOP").toString()).as("the next reply").isEqualTo("250 2.0.0 Ok");

        List<ReceivedMessage> messages = scene.upstream.messages();
        assertThat(messages).as("messages after %s", shown(variant)).hasSize(before + (refused ? 0 : 1));
        assertThat(scene.upstream.contentsSeen()).isEqualTo(messages.size());
        assertThat(scene.upstream.bareLineEndings()).isEmpty();
        assertThat(scene.upstream.commands()).noneMatch(line -> line.contains("smuggler") || line.contains("victim"));
        if (!refused) {
            assertNobodyCanSeeAnotherEnd(messages.get(before), variant);
        }
    }

    private static void begin(SmtpProbe probe) {
        assertThat(probe.mail("bert@beta.test", "BODY=8BITMIME").code()).isEqualTo(250);
        assertThat(probe.rcpt("bob@dest.test").code()).isEqualTo(250);
    }

    private static ProbeReply content(SmtpProbe probe, String head, String variant, String tail, Framing framing) {
        byte[] octets = (head + variant + tail).getBytes(StandardCharsets.ISO_8859_1);
        switch (framing) {
            case DATA, DATA_OCTET_BY_OCTET -> {
                assertThat(probe.send("DATA").code()).isEqualTo(354);
                byte[] whole = Arrays.copyOf(octets, octets.length + 3);
                System.arraycopy(new byte[] {'.', '\r', '\n'}, 0, whole, octets.length, 3);
                int apart = framing == Framing.DATA ? whole.length : 1;
                for (int i = 0; i < whole.length; i += apart) {
                    probe.write(Arrays.copyOfRange(whole, i, i + apart));
                }
                return probe.readReply();
            }
            case BDAT -> {
                return probe.bdat(octets, true);
            }
            case BDAT_CUT_IN_THE_VARIANT -> {
                int cut = head.length() + variant.length() / 2;
                assertThat(probe.bdat(Arrays.copyOf(octets, cut), false).code()).isEqualTo(250);
                return probe.bdat(Arrays.copyOfRange(octets, cut, octets.length), true);
            }
        }
        throw new AssertionError(framing);
    }

    private static void assertNobodyCanSeeAnotherEnd(ReceivedMessage message, String variant) {
        String wire = new String(message.wire(), StandardCharsets.ISO_8859_1);
        assertThat(wire).as("octets at the upstream").endsWith("smuggled\r\n.\r\n");
        String content = wire.substring(0, wire.length() - ".\r\n".length());
        if (variant.indexOf('\u000b') < 0 && variant.indexOf('\f') < 0) { // which end no line in SMTP, nor anywhere
            assertThat(content).doesNotContainPattern(LENIENT_END);
        }
        assertThat(content.replace("\r\n", ""))
                .doesNotContain("\r")
                .doesNotContain("\n")
                .doesNotContain("\0");
    }

    private static boolean hasLoneCrOrNul(String text) {
        return text.indexOf('\0') >= 0
                || Pattern.compile("\r(?!\n)").matcher(text).find();
    }

    private static boolean hasLoneLf(String text) {
        return Pattern.compile("(?<!\r)\n").matcher(text).find();
    }

    /** UTF-8, each octet as a character. */
    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String shown(String octets) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < octets.length(); i++) {
            char c = octets.charAt(i);
            text.append(c > ' ' && c <= '~' ? String.valueOf(c) : "<%02x>".formatted((int) c));
        }
        return text.toString();
    }
}
