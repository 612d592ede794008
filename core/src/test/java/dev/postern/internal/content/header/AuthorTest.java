package dev.postern.internal.content.header;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorTest {

    private static Author of(String field) {
        return Author.of(field.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<Arguments> addresses() {
        return Stream.of(
                Arguments.of("alice@example.org", "alice@example.org"),
                Arguments.of("a@b", "a@b"),
                Arguments.of("  alice@example.org\t", "alice@example.org"),
                Arguments.of("alice @ example.org", "alice@example.org"),
                Arguments.of("(x) alice (y) @ (z) example.org (q)", "alice@example.org"),
                Arguments.of("Alice (x) < (y) alice (z) @ (q) example.org (r) > (s)", "alice@example.org"),
                Arguments.of("alice@[192.0.2.1]", "alice@[192.0.2.1]"),
                // a quoted local part is the address's, whatever stands before its at sign
                Arguments.of("\"a b\"@example.org", "\"a b\"@example.org"),
                Arguments.of("\"a b\" @ example.org", "\"a b\"@example.org"),
                Arguments.of("\"a b\"(x)@example.org", "\"a b\"@example.org"),
                Arguments.of("(x) \"a b\" (y (w) z)\t(q) @example.org", "\"a b\"@example.org"),
                Arguments.of("\"a \\\" b\" @example.org", "\"a \\\" b\"@example.org"),
                Arguments.of("Alice <\"a@b\" @ example.org>", "\"a@b\"@example.org"),
                Arguments.of("\"Alice\" (x) <alice@example.org>", "alice@example.org"),
                Arguments.of("\"Alice\"<alice@example.org>", "alice@example.org"),
                Arguments.of("alice@example.org(a, b)", "alice@example.org"));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void theAddressHasNeitherBlanksNorComments(String field, String address) {
        assertThat(of(field))
                .isInstanceOfSatisfying(
                        Author.One.class, one -> assertThat(one.address()).hasToString(address));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a@b\" (x) @example.org", "\"ceo@bank.example\" (x) @ example.org"})
    void anAddressWithinAQuotedLocalPartMayBeTakenForTheAuthor(String field) {
        assertThat(of(field)).isEqualTo(new Author.None("From: can be read in two ways"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"b@example.org",
                "a\"\"b@example.org",
                "\"[\"b@example.org",
                "\"\\\\\"@example.org",
                "Alice) <alice@example.org>"
            })
    void whatOthersReadAsNoAddressIsNone(String field) {
        assertThat(of(field)).isEqualTo(new Author.None("From: can be read in two ways"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice@example.org, bob@example.org", "@a.example, alice@example.org", "<>, <>"})
    void mailboxesAreCountedByTheirAtSignsAndBrackets(String field) {
        assertThat(of(field)).isEqualTo(new Author.Several());
    }

    /** A comment's own parentheses and at signs end nothing. */
    @Test
    void theNameIsWhatStandsBeforeTheBracketsAndInComments() {
        assertThat(of("\"Alice\" (x \\) @ y) <alice@example.org>"))
                .isInstanceOfSatisfying(
                        Author.One.class, one -> assertThat(one.displayName()).isEqualTo("Alice  x \\) @ y"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAILER-DAEMON <>", "=?utf-8?Q?Mail?= <>", "<@>", "undisclosed:;"})
    void whoSendsForASystemIsNobody(String field) {
        assertThat(of(field)).isEqualTo(new Author.Nobody());
    }

    @ParameterizedTest
    @ValueSource(strings = {"=?utf-8?Q?=40bank.example?= <>", "(@bank.example) <>", "=?x-unknown?Q?a?= <>"})
    void nobodyShowsAnAddress(String field) {
        assertThat(of(field)).isInstanceOf(Author.None.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Alice\" (x) alice@example.org",
                "\"a b\" (\\)) @example.org",
                "\"Alice\" (@) alice@example.org",
                "\"Alice\" alice @ example.org",
                "\"ceo@bank.example\" @ <alice@example.org>",
                "alice@example.org <bob@example.org>",
                "<alice@example.org",
                "alice@example.org>",
                "<alice@example.org> <alice@example.org>",
                "alice@[192.0.2.1",
                "[",
                "\"a b",
                "alice@example.org (",
                "\"Alice\"",
                "alice@example.org, \"x@y\"",
                "Eve, alice@example.org",
                "Eve, alice @ example.org", // to others it is no list at all
                "Alice < < alice @ example.org >",
                "<alice @ example.org> >",
                "@bank.example < alice@example.org >"
            })
    void whatIsNoAddressInAWholeIsUnclear(String field) {
        assertThat(of(field)).isEqualTo(MailboxGrammar.UNCLEAR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0001", "\u001f", "\u007f", "\u0080", "\u009f"})
    void controlsAreRefused(String control) {
        assertThat(of("A" + control + " <alice@example.org>"))
                .isEqualTo(new Author.None("control characters in From:"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\t", "~", "\u00a0"})
    void whatStandsBesideControlsIsNone(String character) {
        assertThat(of("A" + character + " <alice@example.org>")).isInstanceOf(Author.One.class);
    }

    @Test
    void theLongestFieldThatIsRead() {
        String address = " <alice@example.org>";
        String name = "n".repeat(HeaderSection.MAX_VALUE - address.length());
        assertThat(of(name + address)).isInstanceOf(Author.One.class);
        assertThat(of(name + "n" + address))
                .isEqualTo(new Author.None("From: over " + HeaderSection.MAX_VALUE + " octets"));
    }
}
