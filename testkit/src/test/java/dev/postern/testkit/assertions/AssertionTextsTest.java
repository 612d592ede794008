package dev.postern.testkit.assertions;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThatReplyIn;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThatSending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelaySession;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the failures of assertions say. */
@OnAnyJdk
class AssertionTextsTest {

    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                FakeUpstream played = FakeUpstream.start().withCredentials("ann", "secret");
                return RelayUnderTest.of(played, played.port());
            })
            .withLogin("ann", "secret");

    private static String failureOf(ThrowingCallable assertion) {
        AssertionError error = org.assertj.core.api.Assertions.catchThrowableOfType(AssertionError.class, assertion);
        assertThat(error).as("the assertion's failure").isNotNull();
        return String.valueOf(error.getMessage());
    }

    private ReceivedMessage received() {
        try (SmtpProbe probe = SmtpProbe.connect(relay.upstream().address())) {
            probe.readReply();
            probe.ehlo();
            probe.mail("a@x.test", "BODY=8BITMIME");
            probe.rcpt("b@x.test");
            probe.data("Subject: hi\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nhello\r\n");
        }
        return relay.upstream().awaitMessage();
    }

    @Test
    void ofAMessage() {
        ReceivedMessage message = received();
        assertThat(message)
                .isFrom("a@x.test")
                .isTo("b@x.test")
                .hasMailParameter("BODY=8BITMIME")
                .hasSubject("hi")
                .hasHeader("subject")
                .hasNoHeader("Bcc")
                .hasTextContaining("hell")
                .hasParts(1)
                .hasAttachment("a.txt")
                .hasAttachment("a.txt", Octets.of("hello\r\n"))
                .endsWithContent("hello\r\n")
                .hasContent(message.content());
        String shown = "\nMessage:\n  ReceivedMessage[<a@x.test> to [b@x.test], 71 octets, connection 0]\n"
                + "  Subject: hi\n  Content-Disposition: attachment; filename=a.txt\n  \n  hello";
        assertThat(failureOf(() -> assertThat(message).hasSubject("ho")).replace("\r", ""))
                .isEqualTo("Expected message with:\n  Subject: ho\nbut was:\n  [hi]" + shown);
        assertThat(failureOf(() -> assertThat(message).isFrom("")))
                .startsWith("Expected message with:\n  reverse-path <>\nbut was:\n  a@x.test\n");
        assertThat(failureOf(() -> assertThat(message).isTo("c@x.test")))
                .contains("recipients [c@x.test]\nbut was:\n  [b@x.test]");
        assertThat(failureOf(() -> assertThat(message).hasHeader("Bcc")))
                .contains("a field Bcc\nbut was:\n  fields [Subject,");
        assertThat(failureOf(() -> assertThat(message).hasNoHeader("Subject")))
                .contains("no field Subject\nbut was:\n  [hi]");
        assertThat(failureOf(() -> assertThat(message).hasAttachment("b.txt")))
                .contains("attachment b.txt\nbut was:\n  attachments [a.txt (7 octets)]");
        assertThat(failureOf(() -> assertThat(message).isOverTls())).contains("TLS\nbut was:\n  no TLS");
        assertThat(failureOf(() -> assertThat(message).isAuthenticatedAs("ann")))
                .contains("login ann\nbut was:\n  no login");
        assertThat(failureOf(() -> assertThat(message).hasParts(2))).contains("2 parts\nbut was:\n  [text/plain]");
        assertThat(failureOf(() -> assertThat(message).hasTextContaining("ho"))).contains("text with \"ho\"");
        assertThat(failureOf(() -> assertThat(message).hasMailParameter("SIZE=1")))
                .contains("[BODY=8BITMIME]");
        assertThat(failureOf(() -> assertThat(message).hasContent(new byte[] {65})))
                .contains("these: \"A\"\nbut was:\n  71 octets");
        assertThat(failureOf(() -> assertThat(message).endsWithContent("x"))).contains("that ends with \"x\"");
    }

    @Test
    void ofContentThatDiffersWhereNobodyLooks() {
        ReceivedMessage message = received();
        String text = Octets.escape(message.content());
        byte[] other = message.content();
        other[other.length - 1] = '\r'; // no eye tells that from a line end
        assertThat(failureOf(() -> assertThat(message).hasContent(other)))
                .contains("but was:\n  71 octets, which differ after 70 with \"\\n\" in place of \"\\r\"\nMessage:");
        assertThat(failureOf(() -> assertThat(message).endsWithContent("hello\n")))
                .contains("but was:\n  71 octets, which end with \"" + text + "\"\nMessage:");
    }

    @Test
    void ofAnUpstream() {
        received();
        FakeUpstream upstream = relay.upstream();
        assertThat(upstream)
                .hasMessages(1)
                .hasSeenContents(1)
                .hasConnections(1)
                .hasSeenCommand("mail from")
                .hasNotSeenCommand("RSET")
                .hasSeenNoBareLineEnding();
        assertThat(failureOf(() -> assertThat(upstream).hasNoMessages()))
                .startsWith("Expected upstream with:\n  0 messages\nbut was:\n  1: [ReceivedMessage[<a@x.test>")
                .contains("\nTranscript:\n  connection 0:\n    S: 220 upstream.test");
        assertThat(failureOf(() -> assertThat(upstream).hasSeenCommand("RSET")))
                .contains("command RSET\nbut was:\n  commands [EHLO probe.test, MAIL");
        assertThat(failureOf(() -> assertThat(upstream).hasNotSeenCommand("MAIL")))
                .contains("no command MAIL");
        assertThat(failureOf(() -> assertThat(upstream).hasConnections(2))).contains("2 connections\nbut was:\n  1");
        assertThat(failureOf(() -> assertThat(upstream).hasSeenContents(0)))
                .contains("0 whole contents\nbut was:\n  1");
    }

    @Test
    void ofASessionWithCredentialsMasked() {
        relay.authenticated().mail("nobody");
        RelaySession session = relay.lastSession();
        assertThat(session)
                .hasCommand("MAIL")
                .hasCommands(1, "EHLO")
                .saysInOrder("S: 220", "C: EHLO", "C: AUTH PLAIN ***", "S: 235")
                .isAuthenticatedAs("ann");
        String failure = failureOf(() -> assertThat(session).hasReply(StandardReply.QUOTA_EXCEEDED));
        assertThat(failure)
                .startsWith(
                        "Expected session with:\n  QUOTA_EXCEEDED \"452 4.2.2 Quota exceeded for the current period\"\n"
                                + "but was:\n  replies [220 upstream.test")
                .contains(
                        "\nLast command:\n  MAIL FROM:<nobody>\nLast reply:\n  250 2.1.0 Sender ok\nTranscript:\n  S: 220")
                .contains("  C: AUTH PLAIN ***\n")
                .doesNotContain("c2VjcmV0", "secret");
        assertThat(failureOf(() -> assertThat(session).saysInOrder("C: MAIL", "C: EHLO")))
                .contains("in this order: [C: MAIL, C: EHLO]\nbut was:\n  without \"C: EHLO\" there");
        assertThat(failureOf(() -> assertThat(session).hasEnded())).contains("an end\nbut was:\n  still open");
        assertThat(failureOf(() -> assertThat(session).isAuthenticatedAs("eve")))
                .contains("login eve\nbut was:\n  ann");
        assertThat(failureOf(() -> assertThat(session).hasCommand("RSET"))).contains("command RSET");
    }

    @Test
    void ofARelay() {
        relay.authenticated();
        assertThat(relay).hasSessions(1).hasOpenSessions(1).hasRelayed(0).hasUsedQuota("acme", 0);
        assertThat(failureOf(() -> assertThat(relay).hasSessions(2)))
                .startsWith(
                        "Expected relay with:\n  2 sessions\nbut was:\n  1\nEvents:\n  none; they come only where the relay has"
                                + " RelayEnvironment.events() as its listener\nSessions:\n  session 0\n    S: 220");
        assertThat(failureOf(() -> assertThat(relay).hasRefusedWith(StandardReply.AUTH_REQUIRED)))
                .contains("refusal AUTH_REQUIRED\nbut was:\n  none such");
    }

    /** As libraries make them: a code and a text by accessors, or a text alone. */
    public static final class LibraryException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int code;

        LibraryException(String message, int code, Exception... cause) {
            super(message, cause.length == 0 ? null : cause[0]);
            this.code = code;
        }

        public int getReturnCode() {
            return code;
        }
    }

    /** Knows its last reply, and does not throw. */
    public static final class Client {
        private final String reply;

        Client(String reply) {
            this.reply = reply;
        }

        public int getReplyCode() {
            return Integer.parseInt(reply.substring(0, 3));
        }

        public String getReplyString() {
            return reply + "\r\n";
        }
    }

    @Test
    void ofSending() {
        ThrowingCallable refused = () -> {
            throw new LibraryException(
                    "could not send",
                    -1,
                    new LibraryException("452 4.2.2 Quota exceeded for the current period\n", 452));
        };
        assertThatSending(refused)
                .isRefusedWith(StandardReply.QUOTA_EXCEEDED)
                .hasCode(452)
                .hasEnhancedStatus("4.2.2")
                .isTemporaryFailure();
        assertThat(failureOf(() -> assertThatSending(refused).as("mail").isRefusedWith(StandardReply.AUTH_BLOCKED)))
                .isEqualTo("""
                        [mail] Expected sending to be refused with:
                          AUTH_BLOCKED "535 5.7.8 Authentication blocked due to too many failed attempts"
                        but it failed with:
                          dev.postern.testkit.assertions.AssertionTextsTest$LibraryException: could not send
                          dev.postern.testkit.assertions.AssertionTextsTest$LibraryException: 452 4.2.2 Quota exceeded for the current period
                        Replies found:
                          452 4.2.2 Quota exceeded for the current period (LibraryException)""");
        assertThat(failureOf(() -> assertThatSending(refused).isPermanentFailure()))
                .contains("any 5xx");
        assertThat(failureOf(() -> assertThatSending(refused).succeeds()))
                .startsWith("Expected sending to succeed, but it failed with:");
        assertThatSending(() -> {}).succeeds();
        assertThat(failureOf(() -> assertThatSending(() -> {}).hasCode(452)))
                .isEqualTo("Expected sending to be refused with:\n  code 452\nbut it succeeded");
    }

    @Test
    void ofAClientThatDoesNotThrow() {
        assertThatReplyIn(new Client("452 4.2.2 Quota exceeded for the current period"))
                .isRefusedWith(StandardReply.QUOTA_EXCEEDED);
        assertThat(failureOf(() ->
                        assertThatReplyIn(new Client("550 5.7.1 No")).as("mail").succeeds()))
                .startsWith("[mail] Expected sending to succeed, but it failed with:")
                .endsWith("Replies found:\n  550 5.7.1 No (Client)");
        assertThatReplyIn(new Client("250 2.0.0 Ok")).succeeds();
        assertThat(failureOf(() -> assertThatReplyIn(new Object()).succeeds())).endsWith("Replies found:\n  none");
        assertThatNullPointerException()
                .isThrownBy(() -> assertThatReplyIn(missing()))
                .withMessage("client");
    }

    private static Object missing() {
        return null;
    }

    @Test
    void ofSendingWhereTheCodeAloneIsKnown() {
        ThrowingCallable refused = () -> {
            throw new LibraryException("no", 535);
        };
        assertThatSending(refused).isRefusedWith(StandardReply.AUTH_BLOCKED).isPermanentFailure();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatSending(refused).isRefusedWith(StandardReply.QUOTA_EXCEEDED));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> assertThatSending(refused).hasEnhancedStatus("5.7.8"));
        assertThatSending(() -> {
                    throw new IllegalStateException("Could not connect, response: 454");
                })
                .isRefusedWith(StandardReply.IP_SESSIONS_EXCEEDED);
    }

    @Test
    void exceptionsThatGoInCirclesAreNoEndlessLoop() {
        List<Exception> both = List.of(new IllegalStateException("a"), new IllegalStateException("452 4.2.2 b"));
        both.get(0).initCause(both.get(1));
        both.get(1).initCause(both.get(0));
        assertThatSending(() -> {
                    throw both.get(0);
                })
                .hasCode(452);
    }
}
