package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Check;
import dev.postern.settings.FixUp;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Identity;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5321, Simple Mail Transfer Protocol: what binds a server that relays submissions. */
@OnAnyJdk
class Rfc5321Test {

    private static Scene unchanged() {
        return Scene.open(
                b -> b.messages(MessageRules.defaults().without(FixUp.values()).without(Check.values())));
    }

    // 2. The model

    /** Of these, one server sees one command, and another two. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "RCPT TO:<a@dest.test><LF>RCPT TO:<b@dest.test><CRLF>",
                "RCPT TO:<a@dest.test><CR>RCPT TO:<b@dest.test><CRLF>",
                "RCPT TO:<a@dest.test><CR><CR><LF>",
                "RCPT TO:<a@dest.test><LF><CR><LF>",
                "<LF>RCPT TO:<a@dest.test><CRLF>",
                "<CR>RCPT TO:<a@dest.test><CRLF>",
                "NOOP<LF>",
                "NOOP <CR><CRLF>",
                "<LF>",
                "<CR><CR><LF>",
                "FROB<CR>QUIT<CRLF>",
                "BDAT 6<LF>",
                "BDAT 6<CR><CRLF>",
                "AUTH PLAIN<LF>",
                "STARTTLS<LF>",
                "GET / HTTP/1.1<LF>",
                "\u00e9\u00ff<LF>"
            })
    void s2_3_8_aLineEndsWithCrlfAloneElseNothingMoreIsRun(String octets) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            hold(probe, "C: MAIL FROM:<alice@client.test>\nS: 250 2.1.0 Sender ok\n");
            hold(probe, """
                    C| %s
                    C: RCPT TO:<c@dest.test>
                    C: DATA
                    S: 500 5.5.2 Line must end with CRLF, closing connection
                    -- closed
                    """.formatted(octets));
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    /** A line that is thrown away may have hidden commands as well. */
    @ParameterizedTest
    @ValueSource(ints = {600, 12_285, 12_286, 12_287, 12_288, 65_000, 65_535, 65_536, 70_000, 200_000})
    void s2_3_8_anOverlongLineEndsWithCrlfAloneToo(int length) {
        String filler = "x".repeat(length);
        for (String octets : new String[] {"\n", "\rRSET\r\n", "\r\r\n", "\r" + filler + "\r\n"}) {
            try (Scene scene = Scene.open()) {
                SmtpProbe probe = scene.alice();
                probe.write("NOOP " + filler + octets + "NOOP\r\n");
                hold(probe, "S: 500 5.5.2 Line must end with CRLF, closing connection\n-- closed\n");
            }
        }
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), "C: NOOP " + filler + "\nS: 500 5.5.2 Line too long\nC: NOOP\nS: 250 2.0.0 Ok\n");
        }
    }

    @Test
    void s2_4_verbsAndKeywordsAreTakenInAnyCase() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: eHlO client.test
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: mail from:<alice@client.test> size=10 body=8bitmime
                    S: 250 2.1.0 Sender ok
                    C: rCpT tO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: dAtA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    S: 250 2.0.0 Ok: relayed as *
                    C: quit
                    S: 221 2.0.0 Closing connection
                    -- closed
                    """);
        }
    }

    @Test
    void s2_4_theLocalPartKeepsItsCase() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR, "Bob.SMITH@Dest.TEST");
            hold(probe, content());
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly("Bob.SMITH@Dest.TEST");
        }
    }

    // 3.6.1 and appendix C: source routes

    @Test
    void s3_6_1_aSourceRouteIsIgnored() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<@one.test:alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<@one.test,@two.test:bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<@one.test,bob@dest.test>
                    S: 501 5.5.4 *
                    C: RCPT TO:<@one..test:bob@dest.test>
                    S: 501 5.5.4 *
                    """ + content());
            ReceivedMessage message = scene.upstream.awaitMessage();
            assertThat(message.reversePath()).isEqualTo("alice@client.test");
            assertThat(message.recipientAddresses()).containsExactly("bob@dest.test");
        }
    }

    // 4.1.1 The commands

    @ParameterizedTest
    @ValueSource(strings = {"client.test", "[127.0.0.1]", "[IPv6:::1]", "localhost", "client_with_underscores"})
    void s4_1_1_1_ehloTakesADomainOrAnAddressLiteral(String name) {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: EHLO %s
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: HELO %s
                    S: 250 relay.test
                    """.formatted(name, name));
        }
    }

    @Test
    void s4_1_1_1_ofSeveralWordsTheFirstIsTheName() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            hold(probe, """
                    C: EHLO my laptop
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: EHLO   client.test   [127.0.0.1]
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content() + """
                    C: HELO one two three
                    S: 250 relay.test
                    """);
            assertThat(scene.upstream.awaitMessage().contentText())
                    .startsWith("Received: from client.test ([127.0.0.1])");
        }
    }

    @Test
    void s4_1_1_1_heloStartsASessionWithoutExtensions() {
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.1", Identity.of("bert@beta.test"))))) {
            hold(scene.connect(Access.CLEAR), """
                    S: 220 relay.test *
                    C: HELO client.test
                    S: 250 relay.test
                    C: MAIL FROM:<bert@beta.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: DATA
                    S: 354 *
                    C: From: bert@beta.test
                    C:
                    C: .
                    S: 250 2.0.0 Ok: relayed as *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText())
                    .startsWith("Received: from client.test ([127.0.0.1])\r\n by relay.test with SMTP id ");
        }
    }

    @Test
    void s4_1_1_2_theNullReversePathIsPassedOn() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            assertThat(scene.upstream.awaitMessage().reversePath()).isEmpty();
            assertThat(scene.upstream.commands()).anyMatch(line -> line.startsWith("MAIL FROM:<> "));
        }
    }

    @Test
    void s4_1_1_3_aRefusedRecipientLeavesTheOthers() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<one@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<two@>
                    S: 501 5.5.4 *
                    C: RCPT TO:<three@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            assertThat(scene.upstream.awaitMessage().recipientAddresses())
                    .containsExactly("one@dest.test", "three@dest.test");
        }
    }

    @Test
    void s4_1_1_4_theEndOfAnAcceptedMessageClearsTheTransaction() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), content() + """
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 *
                    C: DATA
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: DATA
                    S: 503 5.5.1 *
                    """);
        }
    }

    @Test
    void s4_1_1_4_theEndOfARefusedMessageClearsTheTransactionAsWell() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: From: somebody@elsewhere.test
                    C:
                    C: .
                    S: 554 5.6.0 *
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void s4_1_1_4_dataTakesNoArguments() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA now
                    S: 501 5.5.4 *
                    """ + content());
        }
    }

    @Test
    void s4_1_1_5_rsetForgetsTheTransactionAndNotTheLogin() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR, "one@dest.test"), """
                    C: RSET
                    S: 250 2.0.0 Reset
                    C: RCPT TO:<two@dest.test>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<two@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly("two@dest.test");
        }
    }

    @Test
    void s4_1_1_6_vrfyNeitherConfirmsNorDenies() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: VRFY bob@dest.test
                    S: 252 2.5.2 *
                    C: VRFY
                    S: 501 5.5.4 *
                    """ + content()); // RFC 5321 section 4.1.1.6: no effect on the transaction
        }
    }

    @Test
    void s4_1_1_8_helpAndNoopHaveNoEffectOnTheTransaction() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: HELP
                    S: 214 2.0.0 *
                    C: HELP MAIL
                    S: 214 2.0.0 *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    C: NOOP MAIL FROM:<alice@client.test>
                    S: 250 2.0.0 Ok
                    """ + content());
        }
    }

    @Test
    void s4_1_1_10_quitIsAnsweredThenTheConnectionIsClosed() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: QUIT
                    S: 221 2.0.0 Closing connection
                    -- closed
                    """);
            assertThat(scene.upstream.connections()).isZero();
        }
    }

    @Test
    void s4_1_1_10_nothingBehindQuitIsDone() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: QUIT
                    C: NOOP
                    C: MAIL FROM:<alice@client.test>
                    S: 221 2.0.0 Closing connection
                    -- closed
                    """);
        }
    }

    @Test
    void s4_1_1_10_aConnectionThatEndsBeforeTheDotDeliversNothing() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            hold(probe, """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: Without a dot
                    """);
            probe.close();
            scene.relay.close();
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void s4_1_1_11_anUnknownParameterIs555() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> XFOO
                    S: 555 5.5.4 * XFOO
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test> XBAR=1
                    S: 555 5.5.4 * XBAR
                    C: RCPT TO:<bob@dest.test> SIZE=10
                    S: 555 5.5.4 * SIZE
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIZE=", "SIZE=1=2", "=1", "S!ZE=1", "-SIZE=1", "BODY=8BITMIME BODY=7BIT"})
    void s4_1_1_11_aMalformedParameterIs501(String parameter) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test> %s
                    S: 501 5.5.4 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """.formatted(parameter));
        }
    }

    // 4.1.2 and 4.1.3 Addresses

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"a b\"@dest.test",
                "\"a>b\"@dest.test",
                "\"a@b\"@dest.test",
                "\"a\\\"b\\\\c\"@dest.test",
                "\" \"@dest.test",
                "!#$%&'*+-/=?^_`{|}~@dest.test",
                "a%b@dest.test",
                "host!user@dest.test",
                "a.b.c@dest.test",
                "bob@[192.0.2.1]",
                "bob@[IPv6:2001:db8::1]",
                "bob@xn--bcher-kva.example"
            })
    void s4_1_2_aMailboxIsPassedOnAsItStands(String mailbox) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            hold(probe, "C: MAIL FROM:<" + mailbox + ">\nS: 250 2.1.0 Sender ok\n");
            hold(probe, "C: RCPT TO:<" + mailbox + ">\nS: 250 2.1.5 Recipient ok\n" + content());
            assertThat(scene.upstream.commands()).contains("RCPT TO:<" + mailbox + ">");
            assertThat(scene.upstream.awaitMessage().reversePath()).isEqualTo(mailbox);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<.bob@dest.test>",
                "<bob.@dest.test>",
                "<bo..b@dest.test>",
                "<bo(b)@dest.test>",
                "<bo,b@dest.test>",
                "<\"bob@dest.test>",
                "<\"bob\"x@dest.test>",
                "<bob@dest.test.>",
                "<bob@dest_test>",
                "<bob@dest-.test>",
                "<bob@one@two.test>",
                "<bob@[192.0.2]>",
                "<bob@[192.0.2.1>",
                "<bob@[IPv6:1:2]>",
                "<bob@192.0.2.1]>",
                "<<bob@dest.test>>",
                "< bob@dest.test>",
                "<bob@dest.test >",
                "Bob <bob@dest.test>",
                "bob@dest.test",
                "<bob@dest.test>SIZE=1",
                "<bob@dest.test><two@dest.test>"
            })
    void s4_1_2_whatIsNoPathIs501(String path) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            hold(probe, "C: MAIL FROM:" + path + "\nS: 501 5.5.4 Bad sender address syntax\n");
            hold(probe, "C: MAIL FROM:<>\nS: 250 2.1.0 Sender ok\n");
            hold(probe, "C: RCPT TO:" + path + "\nS: 501 5.5.4 Recipient rejected: bad recipient address syntax\n");
        }
    }

    // 4.5.1 Postmaster

    @ParameterizedTest
    @ValueSource(strings = {"Postmaster", "postmaster", "POSTMASTER"})
    void s4_5_1_postmasterNeedsNoDomain(String name) {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s>
                    S: 250 2.1.5 Recipient ok
                    """.formatted(name) + content());
            assertThat(scene.upstream.awaitMessage().recipientAddresses()).containsExactly("postmaster@relay.test");
        }
        MessageRules asItIs = MessageRules.defaults().without(FixUp.POSTMASTER);
        try (Scene scene = Scene.open(b -> b.messages(asItIs))) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<postmaster@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """.formatted(name) + content());
            assertThat(scene.upstream.commands()).contains("RCPT TO:<" + name + ">", "RCPT TO:<postmaster@dest.test>");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postmaster@",
                "@postmaster",
                "\"postmaster\"",
                " postmaster",
                "postmaster.",
                "@one.test:postmaster",
                "hostmaster",
                "po\u017ftmaster"
            })
    void s4_5_1_nobodyElseIsWithoutADomain(String path) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            hold(probe, "C: MAIL FROM:<postmaster>\nS: 501 5.5.4 Bad sender address syntax\n");
            hold(probe, "C: MAIL FROM:<> SMTPUTF8\nS: 250 2.1.0 Sender ok\n");
            probe.write(("RCPT TO:<" + path + ">\r\n").getBytes(StandardCharsets.UTF_8));
            hold(probe, "S: 501 5.5.4 Recipient rejected: bad recipient address syntax\n");
        }
    }

    // 4.1.4 The order of commands

    @Test
    void s4_1_4_mailBeforeEhloIs503() {
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.1", Identity.of("bert@beta.test"))))) {
            hold(scene.connect(Access.CLEAR), """
                    S: 220 relay.test *
                    C: MAIL FROM:<bert@beta.test>
                    S: 503 5.5.1 *
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 *
                    C: DATA
                    S: 503 5.5.1 *
                    """);
        }
    }

    @Test
    void s4_1_4_noopHelpVrfyRsetAndQuitNeedNoEhlo() {
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.1", Identity.of("bert@beta.test"))))) {
            hold(scene.connect(Access.CLEAR), """
                    S: 220 relay.test *
                    C: NOOP
                    S: 250 2.0.0 Ok
                    C: HELP
                    S: 214 2.0.0 *
                    C: VRFY bob
                    S: 252 2.5.2 *
                    C: RSET
                    S: 250 2.0.0 Reset
                    C: MAIL FROM:<bert@beta.test>
                    S: 503 5.5.1 *
                    C: QUIT
                    S: 221 2.0.0 Closing connection
                    -- closed
                    """);
        }
    }

    @Test
    void s4_1_4_rcptBeforeMailIs503() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """);
        }
    }

    @Test
    void s4_1_4_dataBeforeRcptIs503() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: DATA
                    S: 503 5.5.1 *
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """);
        }
    }

    @Test
    void s4_1_4_mailInATransactionIs503AndTheTransactionStands() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: MAIL FROM:<other@client.test>
                    S: 503 5.5.1 *
                    """ + content());
            assertThat(scene.upstream.awaitMessage().reversePath()).isEqualTo("alice@client.test");
        }
    }

    @Test
    void s4_1_4_ehloInATransactionClearsItAndNotTheLogin() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: EHLO client.test
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: RCPT TO:<bob@dest.test>
                    S: 503 5.5.1 *
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """);
        }
    }

    @Test
    void s4_1_4_aRefusedEhloChangesNothing() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: EHLO
                    S: 501 5.5.4 *
                    C: HELO
                    S: 501 5.5.4 *
                    """ + content());
            assertThat(scene.upstream.awaitMessage().contentText()).startsWith("Received: from probe.test ");
        }
    }

    // 4.2.4 and 4.5.1 What is implemented

    @Test
    void s4_2_4_unknownIs500AndNotImplementedIs502() {
        try (Scene scene = Scene.open()) {
            hold(scene.alice(), """
                    C: FROB
                    S: 500 5.5.2 *
                    C: MAILFROM:<alice@client.test>
                    S: 500 5.5.2 *
                    C:
                    S: 500 5.5.2 *
                    C: SEND FROM:<alice@client.test>
                    S: 502 5.5.1 *
                    C: SOML FROM:<alice@client.test>
                    S: 502 5.5.1 *
                    C: SAML FROM:<alice@client.test>
                    S: 502 5.5.1 *
                    C: TURN
                    S: 502 5.5.1 *
                    C: EXPN list
                    S: 502 5.5.1 *
                    """);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EHLO c.test",
                "HELO c.test",
                "MAIL FROM:<>",
                "RCPT TO:<b@c.test>",
                "DATA",
                "RSET",
                "NOOP",
                "QUIT",
                "VRFY b"
            })
    void s4_5_1_theMinimumImplementationIsThere(String command) {
        try (Scene scene = Scene.open()) {
            assertThat(scene.alice().send(command).code()).isNotIn(500, 502);
        }
    }

    // 4.4 Trace information, with the protocol names of RFC 3848

    @ParameterizedTest
    @CsvSource({"CLEAR, ESMTPA", "STARTTLS, ESMTPSA", "IMPLICIT_TLS, ESMTPSA"})
    void s4_4_theReceivedFieldSaysHowTheMessageCame(Access access, String protocol) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.atRcpt(access, "bob@dest.test");
            hold(probe, content());
            assertThat(scene.upstream.awaitMessage().contentText())
                    .matches("(?s)Received: from probe\\.test \\(\\[127\\.0\\.0\\.1]\\)\r\n by relay\\.test with "
                            + protocol
                            + " id [0-9A-Za-z.-]+\r\n for <bob@dest\\.test>;\r\n Thu, 15 Jan 2026 12:00:00 \\+0000\r\n"
                            + "Date: .*");
        }
    }

    @Test
    void s4_4_theReceivedFieldNamesNoneOfSeveralRecipients() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR, "bob@dest.test", "carol@dest.test"), content());
            assertThat(scene.upstream.awaitMessage().contentText())
                    .startsWith("Received: ")
                    .doesNotContain("bob")
                    .doesNotContain("carol");
        }
    }

    @Test
    void s4_4_whatTheClientCallsItselfCannotForgeAField() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            hold(probe, """
                    C: EHLO x(y)z;by<evil>
                    S: 250-relay.test
                    S: ...
                    S: 250 HELP
                    C: MAIL FROM:<>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<bob@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            assertThat(scene.upstream.awaitMessage().contentText())
                    .startsWith("Received: from x_y_z_by_evil_ ([127.0.0.1])\r\n");
        }
    }

    // 4.5.2 Transparency

    @Test
    void s4_5_2_aDotIsTakenOffAndPutOnAgainOnEveryLineAlsoTheFirst() {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: ..first: x
                    C: ...
                    C: ..
                    C: a.b
                    C: .
                    S: 250 2.0.0 *
                    """);
            ReceivedMessage message = scene.upstream.awaitMessage();
            assertThat(message.contentText()).isEqualTo(".first: x\r\n..\r\n.\r\na.b\r\n");
            assertThat(message.wire())
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("..first: x\r\n...\r\n..\r\na.b\r\n.\r\n");
        }
    }

    @Test
    void s4_5_2_aDotThatWasNotDoubledIsTakenOffAsWell() {
        try (Scene scene = unchanged()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: a: b
                    C:
                    C: .x
                    C: .
                    S: 250 2.0.0 *
                    """);
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo("a: b\r\n\r\nx\r\n");
        }
    }

    @Test
    void s4_5_2_theDotMayBeTheFirstLine() {
        try (Scene scene = Scene.open()) {
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: .
                    S: 554 5.6.0 Header From: address is missing or invalid
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """);
        }
    }

    // 4.5.3.1 Sizes

    @Test
    void s4_5_3_1_1_aLocalPartHas64OctetsAtMost() {
        try (Scene scene = Scene.open()) {
            String longest = "x".repeat(64);
            hold(scene.alice(), """
                    C: MAIL FROM:<%s@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<%sx@dest.test>
                    S: 501 5.5.4 *
                    """.formatted(longest, longest, longest));
        }
    }

    @Test
    void s4_5_3_1_3_aPathOf256OctetsIsTaken() {
        try (Scene scene = Scene.open()) {
            String label = "x".repeat(62) + ".";
            String path = "b@" + label.repeat(4);
            String domainOf252 = path.substring(0, path.length() - 1) + "y";
            assertThat(domainOf252).hasSize(254);
            hold(scene.alice(), """
                    C: MAIL FROM:<>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<%s>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<%s%s>
                    S: 501 5.5.4 *
                    """.formatted(domainOf252, label, domainOf252));
        }
    }

    @Test
    void s4_5_3_1_6_aTextLineOf1000OctetsIsPassedOnWhole() {
        try (Scene scene = unchanged()) {
            String line = "x".repeat(998);
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: a: b
                    C:
                    C: %s
                    C: .
                    S: 250 2.0.0 *
                    """.formatted(line));
            assertThat(scene.upstream.awaitMessage().contentText()).isEqualTo("a: b\r\n\r\n" + line + "\r\n");
        }
    }

    @Test
    void s4_5_3_1_10_recipientsBeyondTheLimitAre452AndTheOthersStand() {
        try (Scene scene = Scene.open(b -> b.messages(MessageRules.defaults().withMaxRecipients(1)))) {
            hold(scene.alice(), """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<one@dest.test>
                    S: 250 2.1.5 Recipient ok
                    C: RCPT TO:<two@dest.test>
                    S: 452 4.5.3 *
                    """ + content() + """
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    C: RCPT TO:<two@dest.test>
                    S: 250 2.1.5 Recipient ok
                    """ + content());
            assertThat(scene.upstream.messages())
                    .extracting(ReceivedMessage::recipientAddresses)
                    .extracting(Object::toString)
                    .containsExactly("[one@dest.test]", "[two@dest.test]");
        }
    }

    private static String content() {
        return """
                C: DATA
                S: 354 *
                C: From: alice@client.test
                C:
                C: Hello
                C: .
                S: 250 2.0.0 Ok: relayed as *
                """;
    }
}
