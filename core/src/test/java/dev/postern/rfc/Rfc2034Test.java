package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.testkit.Access;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 2034, SMTP Service Extension for Returning Enhanced Error Codes. */
@OnAnyJdk
class Rfc2034Test {

    @Test
    void s3_theExtensionIsOfferedWithoutParameters() {
        try (Scene scene = Scene.open()) {
            assertThat(scene.connect(Access.CLEAR).readReply().enhancedStatus())
                    .as("greeting")
                    .isEmpty();
            ProbeReply ehlo = scene.ready(Access.CLEAR).send("EHLO client.test");
            assertThat(ehlo.extensions()).contains("ENHANCEDSTATUSCODES");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOOP",
                "RSET",
                "HELP",
                "VRFY bob",
                "VRFY",
                "EXPN list",
                "QUIT",
                "FROB",
                "STARTTLS",
                "STARTTLS now",
                "AUTH PLAIN x",
                "AUTH",
                "MAIL",
                "MAIL FROM:<>",
                "MAIL FROM:<x",
                "MAIL FROM:<> SIZE=99999999999",
                "MAIL FROM:<> FOO=1",
                "RCPT TO:<bob@dest.test>",
                "DATA",
                "BDAT",
                "BDAT 0",
                "BDAT 0 LAST",
                "ETRN x",
                "EHLO",
                "HELO",
                "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX \u0001"
            })
    void s4_repliesOfClass2And4And5HaveACodeOfTheirClass(String command) {
        try (Scene scene = Scene.open()) {
            assertEachLineHasACode(scene.alice().send(command));
            SmtpProbe stranger = scene.ready(Access.CLEAR);
            assertEachLineHasACode(stranger.send(command));
        }
    }

    @Test
    void s4_heloAndRepliesOfClass3HaveNone() {
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: HELO client.test
                    S: 250 relay.test
                    C: AUTH PLAIN
                    S: 334 *
                    C: *
                    S: 501 5.7.0 *
                    """);
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 End data with *
                    """);
        }
    }

    @Test
    void s4_theCodeStandsOnEachLine() {
        try (Scene scene = Scene.open()) {
            scene.upstream.scriptRecipient("one@dest.test", Fault.reply("550 5.1.1 unknown"));
            scene.upstream.scriptRecipient("two@dest.test", Fault.reply("551 5.1.6 moved"));
            hold(scene.atRcpt(Access.CLEAR, "one@dest.test", "two@dest.test", "three@dest.test"), """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    S: 550-5.1.1 <one@dest.test>: *unknown
                    S: 550-5.1.1 <two@dest.test>: *moved
                    S: 550 5.1.1 Message not relayed: 2 of 3 recipients refused
                    """);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    550 no code at all              | 550 5.0.0 no code at all
                    550-5.7.1 one\\n550-two\\n550 5.7.1 three | 550-5.7.1 one / 550-5.7.1 two / 550 5.7.1 three
                    554 2.1.1 of another class      | 554 5.0.0 2.1.1 of another class
                    554 5.7 is no code              | 554 5.0.0 5.7 is no code
                    """)
    void s4_theUpstreamsRefusalGetsACodeWhereItHasNone(String upstream, String client) {
        try (Scene scene = Scene.open()) {
            scene.upstream.script(Stage.END_OF_DATA, Fault.reply(upstream.replace("\\n", "\n")));
            String expected = "S: " + client.replace(" / ", "\nS: ");
            hold(scene.atRcpt(Access.CLEAR), """
                    C: DATA
                    S: 354 *
                    C: From: alice@client.test
                    C:
                    C: .
                    """ + expected);
        }
    }

    private static void assertEachLineHasACode(ProbeReply reply) {
        int statusClass = reply.code() / 100;
        assertThat(statusClass).isIn(2, 4, 5);
        assertThat(reply.lines()).allMatch(line -> line.matches(statusClass + "\\.[0-9]{1,3}\\.[0-9]{1,3} .+"));
    }
}
