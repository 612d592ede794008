package dev.postern.testkit.internal.front;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What stands between client and relay; a fake upstream plays the relay. */
class RelayFrontTest {

    private static final String MESSAGE = "Subject: hello\r\n\r\n.dot\r\n";

    private final FakeUpstream relayed = FakeUpstream.start().withCredentials("ann", "secret");

    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                relayed.withStartTls(env.serverTls());
                return RelayUnderTest.of(relayed, relayed.port());
            })
            .withLogin("ann", "secret");

    @Test
    void passesEverythingOn() {
        SmtpProbe probe = relay.atRcpt("a@x.test", "b@x.test");
        assertThat(probe.data(MESSAGE)).isOk();
        probe.write("RSET\r\nMAIL FROM:<>\r\nRCPT TO:<c@x.test>\r\nNOOP\r\n");
        for (int i = 0; i < 4; i++) {
            assertThat(probe.readReply()).isOk();
        }
        assertThat(probe.bdat(Octets.of("Subject: "), false)).isOk();
        assertThat(probe.bdat(Octets.of("chunks\r\n\r\n\n.\r\n"), true)).isOk();
        assertThat(probe.send("QUIT")).hasCode(221);
        assertThat(probe).isClosed();
        probe.close();

        assertThat(relayed.messages().get(0))
                .isFrom("a@x.test")
                .isTo("b@x.test")
                .endsWithContent("\r\n\r\n.dot\r\n");
        assertThat(relayed.messages().get(1))
                .isFrom("")
                .isTo("c@x.test")
                .hasContent(Octets.of("Subject: chunks\r\n\r\n\n.\r\n"));
        assertThat(relay.lastSession().awaitEnd(Duration.ofSeconds(10))).isTrue();
        assertThat(relay).hasSessions(1).hasOpenSessions(0);
        assertThat(relay.lastSession()).hasEnded().hasCommands(2, "BDAT").isAuthenticatedAs("ann");
    }

    @Test
    void passesOnWhatTheRelaySaysOutOfTurnAndItsEnd() {
        SmtpProbe probe = relay.afterEhlo();
        relayed.dropConnections();
        assertThat(probe).isClosed();
    }

    @ParameterizedTest
    @EnumSource
    void closesAndResetsAtEachStage(Stage stage) {
        for (Fault fault : new Fault[] {Fault.close(), Fault.reset()}) {
            relay.at(stage).once(fault);
            try {
                SmtpProbe probe = reached(stage);
                assertThat(probe).isClosed();
            } catch (UncheckedIOException e) {
                assertThat(stage)
                        .as("where a reset may look like no connection: before the client has said anything")
                        .isLessThanOrEqualTo(Stage.GREETING);
            }
        }
        assertThat(relayed).hasNoMessages();
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource
    void hangsAndStallsAtEachStage(Stage stage) {
        for (Fault fault : new Fault[] {Fault.hang(), Fault.stall()}) {
            relay.at(stage).once(fault);
            SmtpProbe probe = reached(stage).timeout(Duration.ofMillis(30));
            assertThat(probe.closedByPeer()).isFalse();
        }
        assertThat(relayed).hasNoMessages();
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONNECT")
    void repliesOtherwiseAtEachStage(Stage stage) {
        relay.at(stage).once(Fault.reply("451 4.3.0 try later"));
        assertThat(reached(stage).readReply()).hasWire("451 4.3.0 try later\r\n");
        assertThat(relayed).hasNoMessages();
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CONNECT")
    void saysHalfAReplyOrNoneAtEachStage(Stage stage) {
        for (Fault fault : new Fault[] {Fault.halfReply("451 4.3.0 try later"), Fault.octets("4.3.0 what?\r\n")}) {
            relay.at(stage).once(fault);
            SmtpProbe probe = reached(stage);
            assertThatThrownBy(probe::readReply)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("4.3")
                    .hasMessageNotContaining("later");
        }
        assertThat(relayed).hasNoMessages();
    }

    @OnAnyJdk
    @ParameterizedTest
    @EnumSource
    void delaysAtEachStage(Stage stage) {
        relay.at(stage).once(Fault.delay(Duration.ofMillis(1)).then(Fault.delay(Duration.ofMillis(1))));
        SmtpProbe probe = reached(stage);
        if (stage == Stage.CONTENT) {
            probe.write("ubject: x\r\n\r\n.\r\n");
        }
        assertThat(probe.readReply().code()).as("code").isBetween(200, 399);
        relayed.messages();
    }

    /** Has made the client's part of a stage; its answer is not read. */
    private SmtpProbe reached(Stage stage) {
        SmtpProbe probe = relay.connect();
        if (stage.compareTo(Stage.GREETING) > 0) {
            assertThat(probe.readReply()).isOk();
            drive(probe, stage);
        }
        return probe;
    }

    private static void drive(SmtpProbe probe, Stage stage) {
        if (stage.compareTo(Stage.EHLO) > 0) {
            assertThat(probe.ehlo()).isOk();
        }
        if (stage.compareTo(Stage.STARTTLS) > 0) {
            probe.startTls(TestCertificates.clientContext());
            assertThat(probe.ehlo()).isOk();
        }
        if (stage.compareTo(Stage.AUTH) > 0) {
            assertThat(probe.authPlain("ann", "secret")).isOk();
        }
        if (stage.compareTo(Stage.MAIL) > 0) {
            assertThat(probe.mail("a@x.test")).isOk();
        }
        if (stage.compareTo(Stage.RCPT) > 0) {
            assertThat(probe.rcpt("b@x.test")).isOk();
        }
        if (stage == Stage.CONTENT || stage == Stage.END_OF_DATA) {
            assertThat(probe.send("DATA")).hasCode(354);
        }
        probe.write(
                switch (stage) {
                    case EHLO -> "EHLO probe.test\r\n";
                    case STARTTLS -> "STARTTLS\r\n";
                    case AUTH -> "AUTH PLAIN AGFubgBzZWNyZXQ=\r\n";
                    case MAIL -> "MAIL FROM:<a@x.test>\r\n";
                    case RCPT -> "RCPT TO:<b@x.test>\r\n";
                    case DATA -> "DATA\r\n";
                    case CONTENT -> "S";
                    case END_OF_DATA -> "Subject: x\r\n\r\n.\r\n";
                    case RSET, QUIT -> stage + "\r\n";
                    default -> "NOOP\r\n";
                });
    }

    @OnAnyJdk
    @Test
    void delaysAndThenDoesWhatIsUsual() {
        relay.at(Stage.MAIL).once(Fault.delay(Duration.ofMillis(1)));
        relay.at(Stage.END_OF_DATA).once(Fault.delay(Duration.ofMillis(1)));
        assertThat(relay.atRcpt("a@x.test", "b@x.test").data(MESSAGE)).isOk();
        assertThat(relayed).hasMessages(1);
    }

    @OnAnyJdk
    @Test
    void delaysAndThenDoesAnother() {
        relay.at(Stage.MAIL).once(Fault.delay(Duration.ofMillis(1)).then(Fault.reply("451 4.3.0 later")));
        assertThat(relay.authenticated().mail("a@x.test")).hasCode(451);
        relay.at(Stage.MAIL).once(Fault.octets("451-4.3.0 two\r\n").then(Fault.octets("451 4.3.0 lines\r\n")));
        assertThat(relay.authenticated().mail("a@x.test")).hasLines("4.3.0 two", "4.3.0 lines");
    }

    /** RFC 1047. */
    @Test
    void deliversAMessageAndLosesTheReply() {
        relay.at(Stage.END_OF_DATA).once(Fault.reply("250 2.0.0 Ok").butDoes(Fault.close()));
        SmtpProbe probe = relay.atRcpt("a@x.test", "b@x.test");
        probe.write("DATA\r\n");
        assertThat(probe.readReply()).hasCode(354);
        probe.write(MESSAGE + ".\r\n");
        assertThat(probe).isClosed();
        assertThat(relayed).hasMessages(1);
    }

    @Test
    void tlsMayBeginWithOtherWords() {
        relay.at(Stage.STARTTLS).once(Fault.reply("220 2.0.0 come in"));
        SmtpProbe probe = relay.afterEhlo();
        assertThat(probe.startTls(TestCertificates.clientContext())).hasText("come in");
        assertThat(probe.ehlo()).isOk();
    }

    @Test
    void hangsUntilTheClientGoes() {
        relay.at(Stage.MAIL).once(Fault.hang());
        SmtpProbe probe = relay.authenticated().timeout(Duration.ofMillis(50));
        probe.write("MAIL FROM:<a@x.test>\r\n");
        assertThat(probe.closedByPeer()).isFalse();
    }

    @Test
    void refusesTheGreeting() {
        relay.nextAnswers(StandardReply.IP_SESSIONS_EXCEEDED);
        SmtpProbe refused = relay.connect();
        assertThat(refused.readReply()).isStandardReply(StandardReply.IP_SESSIONS_EXCEEDED);
        assertThat(refused).isClosed();
        assertThat(relayed).hasConnections(0);
        assertThat(relay.greeted().ehlo()).isOk();
    }

    @OnAnyJdk
    @Test
    void aFewTimesAndThenNoMore() {
        relay.at(Stage.MAIL).times(2, Fault.reply(StandardReply.QUOTA_EXCEEDED));
        SmtpProbe probe = relay.authenticated();
        assertThat(probe.mail("a@x.test")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        assertThat(probe.mail("a@x.test")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        assertThat(probe.mail("a@x.test")).isOk();
    }

    @OnAnyJdk
    @Test
    void forAUserInTheMiddleOfLogin() {
        relay.at(Stage.AUTH).forUser("ann").once(Fault.reply(StandardReply.AUTH_BLOCKED));
        SmtpProbe probe = relay.readyToLogIn();
        assertThat(probe.authLogin("eve", "x")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        assertThat(probe.authLogin("ann", "secret")).isStandardReply(StandardReply.AUTH_BLOCKED);
        assertThat(probe.authLogin("ann", "secret")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
    }

    @OnAnyJdk
    @Test
    void provokedPipelinedRepliesStayInOrder() {
        relay.at(Stage.RCPT).forAddress("no@x.test").once(Fault.reply(StandardReply.RECIPIENT_SYNTAX));
        SmtpProbe probe = relay.authenticated();
        probe.write(
                "MAIL FROM:<a@x.test>\r\nRCPT TO:<b@x.test>\r\nRCPT TO:<no@x.test>\r\nRCPT TO:<c@x.test>\r\nDATA\r\n");
        for (int code : new int[] {250, 250, 501, 250, 354}) {
            assertThat(probe.readReply()).hasCode(code);
        }
        probe.write(MESSAGE + ".\r\n");
        assertThat(probe.readReply()).isOk();
        assertThat(relayed.messages().get(0)).isTo("b@x.test", "c@x.test");
    }

    @OnAnyJdk
    @Test
    void refusedChunksAreReadAndNotRelayed() {
        relay.nextAnswers(StandardReply.MIME_INVALID);
        SmtpProbe probe = relay.atRcpt("a@x.test", "b@x.test");
        assertThat(probe.bdat(Octets.of("MAIL FROM:<x>\r\n"), true)).isStandardReply(StandardReply.MIME_INVALID);
        assertThat(probe.send("NOOP")).isOk();
        assertThat(relayed).hasNoMessages();
    }

    @Test
    void endsSessionsOutOfTurn() {
        SmtpProbe probe = relay.authenticated();
        relay.endSessions(StandardReply.INACTIVITY);
        assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        assertThat(probe).isClosed();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> relay.endSessions(StandardReply.QUOTA_EXCEEDED))
                .withMessage("row must be one that closes the connection, not QUOTA_EXCEEDED");
    }

    @Test
    void tlsFromTheFirstOctetIsPassedOnUnread() {
        relayed.withImplicitTls(TestCertificates.serverContext());
        SmtpProbe probe = relay.connectTls();
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).isOk();
        assertThat(relay.lastSession().transcript()).contains("passed on unread");
    }

    @OnAnyJdk
    @Test
    void parametersThatAreLeftOutAreAHyphen() {
        relay.nextAnswers(StandardReply.TOO_MANY_RECIPIENTS);
        assertThat(relay.atRcpt("a@x.test").rcpt("b@x.test")).hasText("Too many recipients (max - per message)");
    }

    @OnAnyJdk
    @Test
    void nothingCanBeSaidBeforeTheGreeting() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> relay.at(Stage.CONNECT).once(Fault.hang().then(Fault.reply("220 x"))))
                .withMessage("nothing can be said at CONNECT; use GREETING");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> relay.at(Stage.MAIL).times(0, Fault.close()))
                .withMessage("times must be 1 or more, not 0");
    }
}
