package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.internal.content.header.HeaderSection;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.StandardReply;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class AuthorRuleTest {

    private static final MessageRules RULES = MessageRules.defaults();
    private static final String UNVALIDATED = "550 5.6.0 The domain is not correctly authenticated";
    private static final String MISSING = "554 5.6.0 Header From: address is missing or invalid";
    private static final String MULTIPLE = "554 5.6.0 Multiple header From: addresses is not supported";
    private static final String MISMATCH =
            "554 5.6.0 Header From: address domain does not match authenticated user domain";

    private static String reply(String header) {
        return reply(header.getBytes(StandardCharsets.UTF_8));
    }

    private static String reply(byte[] header) {
        byte[] message = new byte[header.length + 4];
        System.arraycopy(header, 0, message, 0, header.length);
        System.arraycopy(octets("\r\n\r\n"), 0, message, header.length, 4);
        return Fixture.send(RULES, message, Integer.MAX_VALUE, origin()).reply().toString();
    }

    private static String accepted() {
        return dev.postern.spi.StandardReply.NOOP_OK.reply().toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: alice@example.org",
                "from:alice@example.org",
                "FROM:\talice@example.org  ",
                "From: <alice@example.org>",
                "From: Alice <alice@EXAMPLE.org>",
                "From: Alice A. Adams <alice@example.org>",
                "From: \"Adams, Alice\" <alice@example.org>",
                "From: \"alice@bank.example\" <alice@example.org>",
                "From: =?utf-8?Q?=C3=84lice?= <alice@example.org>",
                "From: =?utf-8?Q?ceo=40bank=2Eexample?= <alice@example.org>",
                "From: \u00c4lice M\u00fcller <alice@example.org>",
                "From: alice@example.org (Alice \\) (nested) Adams)",
                "From: (Alice) alice@example.org",
                "From: Alice\r\n <alice@example.org>",
                "From:\r\n alice@example.org",
                "From: \"a b\"@example.org",
                "From: alice+tag@example.org\r\nSender: eve@foreign.example",
                "From: alice@example.org\r\nResent-From: eve@foreign.example",
                "Subject: From: eve@foreign.example\r\nFrom: alice@example.org",
                "From: alice@example.org <alice@example.org>",
                "From: alice @ example.org",
                "From: alice@(comment)example.org",
                "From: alice (a)\t@ (b (c)) example.org (d)",
                "From: <alice@example.org(comment)>",
                "From: Alice <alice@example.org >",
                "From: Alice < alice@example.org>",
                "From: Alice (x) < (y) alice (z) @ (q) example.org (r) > (s)",
                "From: Alice <\r\n alice@example.org\r\n >",
                "From: \"a b\" @ example.org",
                "From: <\"a@b\" @ example.org>"
            })
    void acceptsOneClearAddress(String header) {
        assertThat(reply(header)).isEqualTo(accepted());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Subject: no author",
                "From:",
                "From: Alice",
                "From: alice",
                "From: alice@",
                "From: @example.org",
                "From: <>",
                "From: Alice <>",
                "From: Alice <alice@example.org",
                "From: Alice alice@example.org>",
                "From: alice@example.org alice",
                "From: alice@bank.example <alice@example.org>",
                "From: <alice@example.org> eve",
                "From: <alice@example.org> <eve@example.org>",
                "From: <<alice@example.org>>",
                "From: friends: alice@example.org;",
                "From: undisclosed-recipients:;",
                "From: alice@example.org;",
                "From: <@relay.example:alice@example.org>",
                "From: alice@example .org",
                "From: alice. b@example.org",
                "From: Alice alice @ example.org",
                "From: alice@(,)example.org",
                "From: alice(bob@example.net)@example.org",
                "From: <alice@example.org(bob@example.net)>",
                "From: <(bob@example.net) alice@example.org>",
                "From: <alice@example.org (<)>",
                "From: <alice bob@example.org>",
                "From: <alice@example.org eve>",
                "From: < >",
                "From: alice@web_1.example.org",
                "From: alice@example.org (comment without end",
                "From: \"Alice <alice@example.org>",
                "From: =?utf-8?Q?alice=40example=2Eorg?=",
                "From: =?utf-8?Q?eve=40bank=2Eexample=3E?=@example.org",
                "From: alice@example..org",
                "From: alice..a@example.org",
                "From: alice@example.org,",
                "From: al\013ice@example.org",
                "From: alice\u0085@example.org",
                "From: alice\u2028@example.org",
                "From: [alice@example.org]",
                "From: alice@@example.org",
            })
    void refusesWhatHasNoClearAddressWith554(String header) {
        assertThat(reply(header)).isEqualTo(MISSING);
    }

    @Test
    void refusesFromThatIsNotUtf8With554() {
        assertThat(reply(octets("From: \u00c4lice <alice@example.org>"))).isEqualTo(MISSING);
    }

    @Test
    void refusesFromBeyondTheBoundWith554() {
        String name = "n".repeat(HeaderSection.MAX_VALUE);
        assertThat(reply("From: " + name + " <alice@example.org>")).isEqualTo(MISSING);
        assertThat(reply("From: " + "n".repeat(8000) + " <alice@example.org>")).isEqualTo(accepted());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: alice@example.org\r\nFrom: alice@example.org",
                "From: alice@example.org\r\nSubject: x\r\nfROM: eve@foreign.example",
                "From: alice@example.org\r\nFrom:",
                "From:\r\nFrom: alice@example.org",
                "From: alice@example.org, bob@example.org",
                "From: Alice <alice@example.org>, Eve <eve@foreign.example>",
                "From: alice@example.org,\r\n eve@foreign.example",
                "From: alice@example.org (x), eve@foreign.example",
                "From: <alice@example.org > (x, y), (z) eve @ foreign.example",
                "From: alice @ example.org, Eve < eve@foreign.example >",
                "From: friends: alice@example.org, bob@example.org;"
            })
    void refusesSeveralAuthorsWith554(String header) {
        assertThat(reply(header)).isEqualTo(MULTIPLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: alice@foreign.example",
                "From: alice@sub.example.org",
                "From: alice@example.org.foreign.example",
                "From: alice@[192.0.2.1]",
                "From: \"alice@example.org\"@foreign.example",
                "From: alice%example.org@foreign.example",
                "From: \"alice@example.org\" <eve@foreign.example>",
                "From: (alice@example.org) eve@foreign.example",
                "From: alice @ foreign.example",
                "From: alice(example.org)@foreign.example",
                "From: Alice < alice@foreign.example >",
                "From: alice@ex\u0430mple.org"
            })
    void refusesForeignDomainWith554(String header) {
        assertThat(reply(header)).isEqualTo(MISMATCH);
    }

    @Test
    void refusesUnvalidatedDomainWith550() {
        assertThat(reply("From: alice@Unvalidated.Example"))
                .isEqualTo("550 5.6.0 The domain is not correctly authenticated");
    }

    @Test
    void asksForTheFoldedDomain() {
        SenderDomains domains =
                (identity, domain) -> identity.equals(Fixture.ALICE) && domain.equals("xn--bcher-kva.example")
                        ? SenderDomains.Status.VALIDATED
                        : SenderDomains.Status.FOREIGN;
        try (ContentGate gate = Fixture.gate(domains);
                var receiver = Fixture.open(gate)) {
            byte[] message = "From: alice@B\u00fccher.example\r\n\r\n".getBytes(StandardCharsets.UTF_8);
            receiver.chunk(message, 0, message.length);
            assertThat(Fixture.result(receiver.finish(origin())).passed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "B\u00fccher.example",
                "bu\u0308cher.example",
                "BU\u0308CHER.EXAMPLE",
                "xn--bcher-kva.example",
                "\u1b06.example", // younger than the Unicode of IDNA 2003
                "\u1b05\u1b35.example"
            })
    void aDomainIsTheSameHoweverItsLettersAreComposed(String domain) {
        Identity identity = Identity.of("alice@example.org").withDomains("b\u00fccher.example", "\u1b06.example");
        byte[] message = ("From: alice@" + domain + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        ContentGate.Origin origin = origin();
        ContentGate.Origin own = new ContentGate.Origin(
                origin.messageId(), origin.client(), identity, true, true, origin.envelope(), origin.received());
        assertThat(Fixture.send(RULES, message, Integer.MAX_VALUE, own).reply()).hasToString(accepted());
    }

    @Test
    void letsAFailureOfTheDomainsThroughAndHoldsNothingAfterClose() {
        SenderDomains broken = (identity, domain) -> {
            throw new IllegalStateException("store is down");
        };
        try (ContentGate gate = Fixture.gate(broken)) {
            try (var receiver = Fixture.open(gate)) {
                byte[] message = octets("From: alice@example.org\r\n\r\n");
                receiver.chunk(message, 0, message.length);
                assertThatThrownBy(() -> receiver.finish(origin())).hasMessage("store is down");
            }
            assertThat(gate.memoryHeld()).isZero();
        }
    }

    @Test
    void refusesOneReceivedFieldTooManyWith554() {
        String from = "From: alice@example.org\r\n";
        assertThat(reply(from + "Received: x\r\n".repeat(49) + "Received: x")).isEqualTo(accepted());
        assertThat(reply(from + "Received: x\r\n".repeat(50) + "rEcEIVED: x")).isEqualTo("554 5.4.6 Too many hops");
        assertThat(reply("From: nobody\r\n" + "Received: x\r\n".repeat(50) + "Received: x"))
                .isEqualTo("554 5.4.6 Too many hops");
    }

    static Stream<String> headersThatHideAField() {
        return Stream.of(
                "From : alice@example.org",
                "From\t: alice@example.org",
                "From alice@example.org Wed Mar  4 12:00:00 2026\r\nFrom: alice@example.org",
                ">From alice\r\nFrom: alice@example.org",
                " From: alice@example.org",
                "no header at all",
                "Subject: x\r\nrubbish\r\nFrom: alice@example.org",
                ": x\r\nFrom: alice@example.org",
                "Sub\u00e4ject: x\r\nFrom: alice@example.org");
    }

    @ParameterizedTest
    @MethodSource("headersThatHideAField")
    void refusesBrokenHeaderSyntaxWith550(String header) {
        assertThat(reply(header)).isEqualTo("550 5.6.0 Failed to parse MIME structure");
    }

    static Stream<Arguments> imitations() {
        return Stream.of(
                Arguments.of("\"ceo@bank.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"Eve <ceo@bank.example>\" <alice@example.org>", MISMATCH),
                Arguments.of("=?utf-8?Q?ceo=40bank=2Eexample?= <alice@example.org>", MISMATCH),
                Arguments.of("=?utf-8?B?Y2VvQGJhbmsuZXhhbXBsZQ==?= <alice@example.org>", MISMATCH),
                Arguments.of("=?utf-8?Q?ceo=40ba?= =?utf-8?Q?nk=2Eexample?= <alice@example.org>", MISMATCH),
                Arguments.of("=?utf-8?Q?ceo=40ba?==?utf-8?Q?nk=2Eexample?= <alice@example.org>", MISMATCH),
                Arguments.of("\"=?utf-8?Q?ceo=40bank=2Eexample?=\" <alice@example.org>", MISMATCH),
                Arguments.of("ceo\uff20bank\uff0eexample <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@b\u00fccher.example\" <alice@example.org>", MISMATCH),
                Arguments.of("(ceo@bank.example) alice@example.org", MISMATCH),
                Arguments.of("alice@example.org (ceo@bank.example)", MISMATCH),
                Arguments.of("\"ceo@example.org.bank.example\" <alice@example.org>", MISMATCH),
                // what nobody sees, and what looks like a dot
                Arguments.of("\"ceo@ba\u00adnk.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\u200bbank.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@bank\u200d.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@bank.\u2060example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@bank.\ufeffexample\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\u202abank.example\u202c\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\u2066bank.example\u2069\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\ufe0fbank.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\u034fbank.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\u3164bank.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\udb40\udc20bank.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@bank\u3002example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@bank\uff0eexample\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@bank\uff61example\" <alice@example.org>", MISMATCH),
                Arguments.of("=?utf-8?Q?ceo=40=C2=ADbank=2Eexample?= <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@\u0909\u0926\u093e\u0939\u0930\u0923.example\" <alice@example.org>", MISMATCH),
                Arguments.of("\"ceo@ba\u00adnk.example.org\" <alice@example.org>", MISMATCH),
                Arguments.of("\"bob@exam\u00adple.org\" <alice@example.org>", accepted()),
                Arguments.of("\"bob@example\u3002org\" <alice@example.org>", accepted()),
                Arguments.of(
                        "\"\u0928\u092e\u0938\u094d\u0924\u0947 \ud83d\udc69\u200d\ud83d\udcbb\" <alice@example.org>",
                        accepted()),
                Arguments.of("\"bob@example.org\" <alice@example.org>", accepted()),
                Arguments.of("\"alice@EXAMPLE.org\" <alice@example.org>", accepted()),
                Arguments.of("\"Alice @ Example\" <alice@example.org>", accepted()),
                Arguments.of("\"Alice @example\" <alice@example.org>", accepted()),
                Arguments.of("=?utf-8?Q?=C3=84lice?= <alice@example.org>", accepted()));
    }

    @ParameterizedTest
    @MethodSource("imitations")
    void refusesAddressesInDisplayNamesByChoice(String from, String reply) {
        MessageRules strict = MessageRules.defaults().with(Check.IMITATED_AUTHOR);
        byte[] message = ("From: " + from + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        assertThat(Fixture.send(strict, message, Integer.MAX_VALUE, origin()).reply())
                .hasToString(reply);
        assertThat(reply("From: " + from)).isEqualTo(accepted());
    }

    static Stream<Arguments> notifications() {
        return Stream.of(
                // no address at all
                Arguments.of("MAILER-DAEMON <>", accepted()),
                Arguments.of("<>", accepted()),
                Arguments.of("\"Courier mail server at web1\" <@>", accepted()),
                Arguments.of("=?utf-8?Q?Zustelldienst_f=C3=BCr_Post?= <>", accepted()),
                Arguments.of("Mail Delivery System:;", accepted()),
                Arguments.of("\"Mail Delivery System\" (web1) : (nobody) ;", accepted()),
                Arguments.of("MAILER-DAEMON", accepted()),
                Arguments.of("Mail Delivery Subsystem <MAILER-DAEMON>", accepted()),
                Arguments.of("<postmaster>", accepted()),
                Arguments.of("Mail Delivery Subsystem <ceo>", MISSING),
                Arguments.of("\"ceo@bank.example\" <MAILER-DAEMON>", MISSING),
                Arguments.of("<MAILER-DAEMON>, <MAILER-DAEMON>", MULTIPLE),
                Arguments.of("postmaster (Mail Delivery System)", accepted()),
                // by which none is shown either
                Arguments.of("\"ceo@bank.example\" <>", MISSING),
                Arguments.of("ceo@bank.example <>", MISSING),
                Arguments.of("MAILER-DAEMON <> (ceo@bank.example)", MISSING),
                Arguments.of("\"ceo\\@bank.example\" <@>", MISSING),
                Arguments.of("=?utf-8?Q?ceo=40bank=2Eexample?= <>", MISSING),
                Arguments.of("=?utf-7?Q?ceo+AEA-bank.example?= <>", MISSING),
                Arguments.of("ceo\uff20bank.example:;", MISSING),
                Arguments.of("ceo\ufe6bbank.example <>", MISSING),
                Arguments.of("\"=?utf-8?Q?ceo=C2=AD=40bank=2Eexample?=\":;", MISSING),
                Arguments.of("ceo", MISSING),
                Arguments.of("Bank", MISSING),
                Arguments.of("x: ceo@bank.example;", MISSING),
                Arguments.of("x:; y:;", MISSING),
                Arguments.of("x:;, y:;", MISSING),
                Arguments.of("MAILER-DAEMON <>, MAILER-DAEMON <>", MULTIPLE),
                Arguments.of("MAILER-DAEMON <>, ceo@bank.example", MULTIPLE),
                Arguments.of("MAILER-DAEMON <> ceo@bank.example", MISSING),
                Arguments.of("<@bank.example>", MISSING),
                Arguments.of("<@bank.example:>", MISSING),
                Arguments.of("<@><ceo@bank.example>", MISSING),
                Arguments.of("<", MISSING),
                // a mail system of the identity's, or of a host whose name nobody can have
                Arguments.of("Mail Delivery System <MAILER-DAEMON@example.org>", accepted()),
                Arguments.of("Mail Delivery System <Mailer-Daemon@web1.example.org>", accepted()),
                Arguments.of("postmaster@a.b.example.org", accepted()),
                Arguments.of("MAILER-DAEMON@web1 (Mail Delivery System)", accepted()),
                Arguments.of("MAILER-DAEMON@localhost.localdomain", accepted()),
                Arguments.of("MAILER-DAEMON@web1.local", accepted()),
                Arguments.of("MAILER-DAEMON@ip-10-0-0-1.eu.compute.internal", accepted()),
                Arguments.of("MAILER-DAEMON@box.home.arpa", accepted()),
                Arguments.of("<MAILER-DAEMON@WEB1>", accepted()),
                // of nobody else
                Arguments.of("MAILER-DAEMON@bank.example", MISMATCH),
                Arguments.of("postmaster@bank.example", MISMATCH),
                Arguments.of("MAILER-DAEMON@notexample.org", MISMATCH),
                Arguments.of("MAILER-DAEMON@example.org.bank.example", MISMATCH),
                Arguments.of("MAILER-DAEMON@org", accepted()),
                Arguments.of("MAILER-DAEMON@local.bank.example", MISMATCH),
                Arguments.of("MAILER-DAEMON@arpa.home", accepted()),
                Arguments.of("MAILER-DAEMON@in-addr.arpa", MISMATCH),
                Arguments.of("MAILER-DAEMON@bank\u3002example", MISSING),
                Arguments.of("MAILER-DAEMON@[192.0.2.1]", MISMATCH),
                Arguments.of("MAILER-DAEMON@unvalidated.example", UNVALIDATED),
                Arguments.of("MAILER-DAEMON@web1.unvalidated.example", UNVALIDATED),
                Arguments.of("alice@web1.example.org", MISMATCH),
                Arguments.of("root@localhost", MISMATCH),
                Arguments.of("\"MAILER-DAEMON\"@bank.example", MISMATCH),
                Arguments.of("\"ceo@bank.example\" <MAILER-DAEMON@web1>", MISMATCH),
                Arguments.of("\"ceo@ba\u00adnk.example\" <postmaster@web1.example.org>", MISMATCH),
                Arguments.of("\"MAILER-DAEMON@web1\" <MAILER-DAEMON@web1>", accepted()));
    }

    /** A bounce speaks for a mail system, which may have no address, or one of a machine; but never for another domain. */
    @ParameterizedTest
    @MethodSource("notifications")
    void takesWhatMailSystemsCallThemselvesWithTheNullReversePath(String from, String reply) {
        byte[] message = ("From: " + from + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        assertThat(Fixture.send(RULES, message, Integer.MAX_VALUE, Fixture.notification(Fixture.ALICE))
                        .reply())
                .hasToString(reply);
        boolean anybodys = from.equals("Mail Delivery System <MAILER-DAEMON@example.org>");
        assertThat(Fixture.send(RULES, message, Integer.MAX_VALUE, origin()).passed())
                .as("of others")
                .isEqualTo(anybodys);
    }

    @Test
    void aNotificationHasOneFromAllTheSame() {
        for (String fields : List.of("Subject: x", "From: MAILER-DAEMON <>\r\nFrom: MAILER-DAEMON <>", "From:")) {
            assertThat(Fixture.send(
                                    RULES,
                                    octets(fields + "\r\n\r\n"),
                                    Integer.MAX_VALUE,
                                    Fixture.notification(Fixture.ALICE))
                            .passed())
                    .as(fields)
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=?utf-8?Q?ceo=40bank=2Eexample=00?= <alice@example.org>",
                "=?utf-8?Q?ceo=40bank=2Eexample=0A?= x <alice@example.org>",
                "=?utf-8?B?AGNlbw==?= <alice@example.org>",
                "\"=?utf-8?Q?a=0D=0ABcc:_b?=\" <alice@example.org>",
                "alice@example.org (=?utf-8?Q?a=1Bb?=)"
            })
    void refusesEncodedControlCharactersInDisplayNamesWith554(String from) {
        assertThat(reply("From: " + from)).isEqualTo(MISSING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=?UTF-8?B?QWxpY2UK?= <alice@example.org>", // a name with its line end, as a shell makes it
                "=?unknown?Q?x?= <alice@example.org>",
                "=?iso-8859-1?Q?=93Alice=94?= <alice@example.org>", // quotation marks of windows-1252
                "Alice\r\n\tAdams <alice@example.org>",
                "=?utf-8?Q?Alice?=\r\n\t=?utf-8?Q?_Adams?= <alice@example.org>",
                "=?utf-8?B?*?= <alice@example.org>",
                "=?utf-8?Q?=?= <alice@example.org>",
                "=?utf-8*en?Q?Alice?= <alice@example.org>"
            })
    void acceptsOddEncodedWords(String from) {
        assertThat(reply("From: " + from)).isEqualTo(accepted());
    }

    @Test
    void tellsTheAuthorAlsoWithoutChecks() {
        for (MessageRules rules : List.of(RULES, RULES.without(Check.FROM))) {
            for (String from :
                    new String[] {"From: Alice <alice@example.org>", "Subject: x", "From: a@x.example, b@x.example"}) {
                try (ContentGate gate = Fixture.gate(rules);
                        var receiver = Fixture.open(gate)) {
                    byte[] message = octets(from + "\r\n\r\n");
                    receiver.chunk(message, 0, message.length);
                    Judged<ContentGate.Checked> judged = receiver.finish(origin());
                    if (judged.refusal().isEmpty()) {
                        assertThat(judged.value().author().map(Object::toString).orElse("none"))
                                .isEqualTo(from.contains("alice") ? "alice@example.org" : "none");
                    } else {
                        assertThat(rules.checks(Check.FROM)).isTrue();
                    }
                }
            }
        }
    }

    @Test
    void asksToComeBackWhenTheDomainIsNotKnown() {
        try (ContentGate gate = Fixture.gate((identity, domain) -> SenderDomains.Status.UNKNOWN);
                var receiver = Fixture.open(gate)) {
            byte[] message = octets("From: alice@example.org\r\n\r\n");
            receiver.chunk(message, 0, message.length);
            assertThat(receiver.finish(origin()).refusal())
                    .hasValueSatisfying(
                            reply -> assertThat(reply).hasToString(Fixture.reply(StandardReply.UPSTREAM_RELAY_FAILED)));
        }
    }
}
