package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailAddressTest {

    private static final String L63 = "d".repeat(63);
    private static final String DOMAIN_255 = L63 + "." + L63 + "." + L63 + "." + L63;

    /** RFC 5321 section 4.5.1. */
    @Test
    void postmasterAloneIsBuiltWithoutADomainAndNobodyIsParsed() {
        assertThat(new MailAddress("PostMaster", "")).hasToString("PostMaster");
        for (String localPart : List.of("hostmaster", "\"postmaster\"", "po\u017ftmaster", "postmaster.")) {
            assertThatIllegalArgumentException().isThrownBy(() -> new MailAddress(localPart, ""));
        }
        assertThat(MailAddress.tryParse("postmaster")).isEmpty();
        assertThat(MailAddress.tryParse("postmaster@")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("good")
    void accepts(String text) {
        Optional<MailAddress> address = MailAddress.tryParse(text);
        assertThat(address).isPresent();
        assertThat(address.get()).hasToString(text);
        assertThat(MailAddress.parse(text)).isEqualTo(address.get());
        assertThat(new MailAddress(address.get().localPart(), address.get().domain()))
                .isEqualTo(address.get());
    }

    static Stream<String> good() {
        return Stream.of(
                // dot-strings
                "a@b",
                "alice@example.org",
                "ALICE@Example.ORG",
                "a.b.c@example.org",
                "a+tag@example.org",
                "!#$%&'*+-/=?^_`{|}~@example.org",
                "0@1.example",
                "-@example.org",
                "x".repeat(64) + "@example.org",
                // quoted strings
                "\"\"@example.org",
                "\"a b\"@example.org",
                "\"a@b\"@example.org",
                "\"a..b\"@example.org",
                "\".\"@example.org",
                "\"<>()[],;:\"@example.org",
                "\"a\\\"b\"@example.org",
                "\"a\\\\\"@example.org",
                "\"\\a\\ \\@\"@example.org",
                "\"" + "x".repeat(62) + "\"@example.org",
                // domains
                "a@x-y.example",
                "a@" + L63 + ".example",
                "a@" + DOMAIN_255,
                "a@xn--bcher-kva.example",
                "a@192.0.2.1",
                // literals
                "a@[192.0.2.1]",
                "a@[0.0.0.0]",
                "a@[255.255.255.255]",
                "a@[IPv6:2001:db8::1]",
                "a@[ipv6:2001:DB8::1]",
                "a@[IPv6:::]",
                "a@[IPv6:::1]",
                "a@[IPv6:1:2:3:4:5:6:7:8]",
                "a@[IPv6:::ffff:192.0.2.1]",
                // RFC 6531
                "gr\u00fc\u00dfe@example.org",
                "a@b\u00fccher.example",
                "\u7528\u6237@\u4f8b\u5b50.\u5e7f\u544a",
                "\"gr\u00fc\u00df e\"@example.org",
                "\ud83d\ude00@example.org",
                "a\u0308@example.org",
                "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645@example.org");
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refuses(String text) {
        assertThat(MailAddress.tryParse(text)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MailAddress.parse(text))
                .withMessageMatching("[ -~]*");
    }

    static Stream<String> bad() {
        return Stream.of(
                "",
                "@",
                "a",
                "a@",
                "@example.org",
                "a@b@c",
                "<a@b>",
                "a@b>",
                "Alice <a@b>",
                "a b@c",
                "a@b c",
                " a@b",
                "a@b ",
                "a(c)@b",
                "a,b@c",
                "a:b@c",
                "a;b@c",
                "a[b]@c",
                "a\\b@c",
                // dots
                ".a@b",
                "a.@b",
                "a..b@c",
                ".@b",
                "a@.b",
                "a@b.",
                "a@b..c",
                // quoted strings
                "\"a@b",
                "\"a\"b@c",
                "a\"b\"@c",
                "\"a\"b\"@c",
                "\"a\\\"@b",
                "\"a\".b@c",
                "\"\"",
                "\"a\"",
                "\"a\\\u00fc\"@b",
                "\"a\tb\"@c",
                "\"a\r\nb\"@c",
                "\"a\\\rb\"@c",
                "\"a\0b\"@c",
                "\"a\\\u007fb\"@c",
                // lengths
                "x".repeat(65) + "@example.org",
                "\"" + "x".repeat(63) + "\"@example.org",
                "\u00fc".repeat(33) + "@example.org",
                "a@d" + L63 + ".example",
                "a@d." + DOMAIN_255,
                "a@" + "\u00fc".repeat(32) + ".example",
                // domains
                "a@-b.example",
                "a@b-.example",
                "a@b_c.example",
                "a@b!c.example",
                "a@\"b\"",
                // source routes
                "@a:b@c",
                "@a,@b:c@d",
                // literals
                "a@[]",
                "a@[192.0.2]",
                "a@[192.0.2.256]",
                "a@[192.0.2.1.5]",
                "a@[192.0.2.1.]",
                "a@[1920.0.2.1]",
                "a@[192.0.2.01234]",
                "a@[192.0.2.1",
                "a@192.0.2.1]",
                "a@[192.0.2.1]x",
                "a@[2001:db8::1]",
                "a@[IPv6:]",
                "a@[IPv6:2001:db8::1::2]",
                "a@[IPv6:1:2:3:4:5:6:7]",
                "a@[IPv6:1:2:3:4:5:6:7:8:9]",
                "a@[IPv6:12345::]",
                "a@[IPv6:fe80::1%eth0]",
                "a@[IPv6:192.0.2.1]",
                "a@[IPv6:localhost]",
                "a@[example.org]",
                "a@[x-tag:content]",
                "a@[192.0.2.1\r\n]",
                // controls and what breaks lines
                "a\r@b",
                "a\n@b",
                "a@b\r\n",
                "a@b\r\nRCPT TO:<c@d>",
                "a\0@b",
                "a\u007f@b",
                "a\u0085@b",
                "a\u0080@b",
                "a\u00a0@b",
                "a\u2028@b",
                "a\u2029@b",
                "a@b\u2028",
                "a\u3000b@c",
                // lone surrogates, unassigned
                "a\ud83d@b",
                "a\ude00@b",
                "\ude00\ud83d@b",
                "a\uffff@b",
                "a\ufffe@b",
                // invisible or turning the text around it
                "a\u200b@b",
                "a\u202e@b",
                "a\u2066@b",
                "a\ufeff@b",
                "a\u00ad@b",
                "a@b\u00adc",
                "a@b\u200bc",
                "a\udb40\udc01@b",
                // dots that only IDNA sees
                "a@b\u3002c",
                "a@b\uff0ec",
                "a@b\uff61c");
    }

    @ParameterizedTest
    @CsvSource({"'', b", "'a b', c", "a, ''", "a, b c", "a@b, c", "a, <b", "a, [b]"})
    void cannotBeBuiltOfBadParts(String localPart, String domain) {
        assertThatIllegalArgumentException().isThrownBy(() -> new MailAddress(localPart, domain));
    }

    /** Whatever is accepted can stand between angle brackets, in a log line and in a command. */
    @Test
    void whateverIsAcceptedIsSafeOnTheWireAndReadsTheSameAgain() {
        Random random = new Random(5321);
        String alphabet = "ab.@\"\\<> -[]:\r\n\t\0\u007f\u0085\u00fc\u2028\u200b\ud83d\ude001";
        int accepted = 0;
        for (int round = 0; round < 200_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(random.nextInt(3) == 0 ? alphabet.charAt(random.nextInt(alphabet.length())) : 'a');
            }
            text.append(random.nextInt(4) == 0 ? "" : "@b");
            Optional<MailAddress> address = MailAddress.tryParse(text.toString());
            if (address.isPresent()) {
                accepted++;
                String wire = address.get().toString();
                assertThat(wire).isEqualTo(text.toString());
                assertThat(wire.codePoints())
                        .noneMatch(c ->
                                Character.isISOControl(c) || c >= 0xd800 && c < 0xe000 || c == 0x2028 || c == 0x200b);
                String unquoted = wire.replaceAll("^\"(\\\\.|[^\\\\\"])*\"", "q");
                assertThat(unquoted).matches("[^ \"\\\\<>]+@[^ \"\\\\<>@]+");
                assertThat(MailAddress.tryParse(wire)).isEqualTo(address);
            }
        }
        assertThat(accepted).as("a test of what is accepted must accept some").isGreaterThan(1000);
    }

    @ParameterizedTest
    @CsvSource({
        "alice@example.org, false",
        "gr\u00fc\u00dfe@example.org, true",
        "a@b\u00fccher.example, true",
        "a@xn--bcher-kva.example, false",
    })
    void knowsWhetherItNeedsSmtputf8(String text, boolean internationalized) {
        assertThat(MailAddress.parse(text).internationalized()).isEqualTo(internationalized);
    }

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org",
        "EXAMPLE.Org, example.org",
        "example.org., example.org",
        "B\u00dcCHER.example, xn--bcher-kva.example",
        "b\u00fccher.example, xn--bcher-kva.example",
        "bu\u0308cher.example, xn--bcher-kva.example",
        "XN--BCHER-KVA.example, xn--bcher-kva.example",
        "[IPv6:2001:DB8::1], [ipv6:2001:db8::1]",
        // no A-label stands for these, or more than one: IDNA 2003 and 2008 differ, so they equal only themselves
        "fa\u00df.example, fa\u00df.example",
        "\u03b2\u03cc\u03bb\u03bf\u03c2.example, \u03b2\u03cc\u03bb\u03bf\u03c2.example",
        "a\u2024b.example, a\u2024b.example",
    })
    void foldsDomains(String domain, String folded) {
        assertThat(MailAddress.foldDomain(domain)).isEqualTo(folded);
        assertThat(MailAddress.foldDomain(folded)).as("folding again").isEqualTo(folded);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fass.example", "xn--fa-hia.example"})
    void aSharpSIsNobodyElsesDomain(String other) {
        assertThat(MailAddress.foldDomain("fa\u00df.example")).isNotEqualTo(MailAddress.foldDomain(other));
    }
}
