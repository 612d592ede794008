package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import dev.postern.robustness.Await;
import dev.postern.robustness.TlsPeer;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.Stores;
import dev.postern.spi.Authenticator;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What the relay, and the libraries that it uses, log: everything down to TRACE is looked at. */
@Isolated("reads all that the process logs")
class LogTest {

    private static final String SECRET = "correct-horse-battery";
    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing();
            events.add(event);
        }
    };
    private final Level before = ROOT.getLevel();

    @BeforeEach
    void listen() {
        appender.setContext(ROOT.getLoggerContext());
        appender.start();
        ROOT.addAppender(appender);
        ROOT.setLevel(Level.TRACE);
    }

    @AfterEach
    void leave() {
        ROOT.setLevel(before);
        ROOT.detachAppender(appender);
        appender.stop();
    }

    private Stream<ILoggingEvent> ours(Level least) {
        return events.stream()
                .filter(event -> event.getLoggerName().startsWith("dev.postern."))
                .filter(event -> event.getLevel().isGreaterOrEqual(least));
    }

    private List<String> lines(Level least) {
        return ours(least)
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void aMessageIsOneLineAndNothingAboveInfo(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice(access);
            Scene.send(probe);
            assertThat(probe.send("QUIT")).hasCode(221);
            probe.assertClosed();
        }
        assertThat(lines(Level.INFO))
                .singleElement()
                .asString()
                .matches("INFO (\\S+) message \\1\\.0 user=alice@client\\.test size=[0-9]+ recipients=1"
                        + " reply=\"250 2\\.0\\.0 Ok: relayed as Ok: queued as 1\""
                        + " upstream=\"127\\.0\\.0\\.1:[0-9]+: 250 .*\" took=[0-9]+ms");
        assertThat(events).allMatch(event -> event.getThrowableProxy() == null);
        assertThat(events).noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
    }

    /** Not of other logins of its address, of which there are none. */
    @Test
    void aLoginThatTheThrottleHasNoAnswerForSaysSo() {
        LoginThrottle broken = new LoginThrottle() {
            @Override
            public boolean blocked(String address, Rule rule) {
                return false;
            }

            @Override
            public Decision attempt(String address, Rule rule) {
                throw new IllegalStateException("away");
            }
        };
        try (Scene scene = Scene.open(b -> b.stores(Stores.defaults().withLogins(broken)))) {
            assertThat(scene.ready(Access.CLEAR).authPlain("alice@client.test", "alice"))
                    .isStandardReply(StandardReply.AUTH_UNAVAILABLE);
        }
        assertThat(lines(Level.WARN))
                .filteredOn(line -> line.contains("login not checked"))
                .singleElement()
                .asString()
                .endsWith("login not checked: the login throttle has no answer");
    }

    @Test
    void aRefusalIsOneLineWithItsRow() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.send("EXPN x")).hasCode(502);
            Scene.envelope(probe);
            assertThat(probe.data("From: alice@client.test\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n"))
                    .hasCode(550);
            assertThat(probe.send("QUIT")).hasCode(221);
            probe.assertClosed();
            assertThat(lines(Level.INFO)).hasSize(2);
        }
        assertThat(lines(Level.INFO).get(0)).matches("INFO \\S+ \\S+ refused COMMAND_UNSUPPORTED \"502 5\\.5\\.1 .*\"");
        assertThat(lines(Level.INFO).get(1))
                .matches("INFO \\S+ \\S+ refused MIME_INVALID \"550 5\\.6\\.0 Failed to parse MIME structure\":"
                        + " undecodable base64, nothing of it is any \\(RFC 2045 section 6\\.8\\)");
    }

    /** What is refused for now ends no session: a client with an account could fill the disk by one. */
    @Test
    void aSessionsRefusalsAreAHundredLines() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            assertThat(probe.send("MAIL FROM:<alice@client.test>")).hasCode(250);
            for (int i = 0; i < 50 + 150; i++) {
                assertThat(probe.send("RCPT TO:<bob@upstream.test>")).hasCode(i < 50 ? 250 : 452);
            }
            assertThat(probe.send("GET /")).hasCode(500); // which closes
            probe.assertClosed();
        }
        assertThat(lines(Level.INFO)).hasSize(101);
        assertThat(lines(Level.INFO).get(99)).endsWith(" (its further refusals are logged at DEBUG)");
        assertThat(lines(Level.INFO).get(100)).contains(" refused COMMAND_UNKNOWN ");
        assertThat(lines(Level.DEBUG))
                .filteredOn(line -> line.contains(" refused TOO_MANY_RECIPIENTS "))
                .hasSize(150);
    }

    @Test
    void everyLineOfASessionHasItsIdInTheMdc() {
        try (Scene scene = Scene.open()) {
            for (int i = 0; i < 2; i++) {
                SmtpProbe probe = scene.alice();
                assertThat(probe.send("EXPN x")).hasCode(502);
                Scene.send(probe);
            }
        }
        List<ILoggingEvent> lines = ours(Level.INFO)
                .filter(event -> event.getThreadName().startsWith("postern-"))
                .toList();
        assertThat(lines).hasSizeGreaterThanOrEqualTo(4);
        assertThat(lines)
                .allSatisfy(event -> assertThat(event.getFormattedMessage())
                        .startsWith(event.getMDCPropertyMap().get("session") + " "));
        assertThat(lines.stream()
                        .map(event -> event.getMDCPropertyMap().get("session"))
                        .distinct())
                .hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAR", "STARTTLS"})
    void credentialsAreInNoLineOfAnyLevel(Access access) {
        String user = "alice@client.test";
        Authenticator users = (credentials, client) -> {
            if (credentials.username().equals("throws")) {
                throw new IllegalStateException("a defect of the host, with " + credentials);
            }
            return Authenticator.of(Map.of(user, SECRET)).authenticate(credentials, client);
        };
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(users).withPlaintext()))) {
            String plain = base64("\0" + user + "\0" + SECRET);
            SmtpProbe careless = scene.ready(access);
            careless.write("AUTH PLAIN " + plain + "\n");
            assertThat(careless.readReply()).isStandardReply(StandardReply.LINE_WITHOUT_CRLF);
            careless = scene.ready(access);
            assertThat(careless.send("AUTH LOGIN")).hasCode(334);
            careless.write(base64(SECRET) + "\n");
            assertThat(careless.readReply()).isStandardReply(StandardReply.LINE_WITHOUT_CRLF);
            SmtpProbe probe = scene.ready(access);
            assertThat(probe.send("AUTH PLAIN " + plain + "=")).hasCode(501);
            assertThat(probe.send("AUTH PLAIN " + plain + " x")).hasCode(501);
            assertThat(probe.send("AUTH XYZZY " + plain)).hasCode(504);
            assertThat(probe.send("AUTHPLAIN " + plain)).hasCode(500);
            assertThat(probe.send("AUTH PLAIN " + plain.repeat(400))).hasCode(500);
            assertThat(probe.send("AUTH LOGIN")).hasCode(334);
            assertThat(probe.send(base64(user))).hasCode(334);
            assertThat(probe.send(base64(SECRET) + "?")).hasCode(501);
            assertThat(probe.send(plain)).as("out of its exchange").hasCode(500);
            assertThat(probe.authPlain("throws", SECRET)).hasCode(454);
            assertThat(probe.authPlain(user, SECRET + "x")).hasCode(535);
            assertThat(probe.authLogin(user, SECRET)).hasCode(235);
            Scene.send(probe);
            assertThat(probe.send("AUTH PLAIN " + plain)).hasCode(503);
        }
        assertThat(events).isNotEmpty();
        for (ILoggingEvent event : events) {
            String all = event.getFormattedMessage() + event.getMDCPropertyMap() + throwableTexts(event);
            assertThat(all)
                    .doesNotContainIgnoringCase(SECRET)
                    .doesNotContain(
                            base64(SECRET), base64("\0" + user + "\0" + SECRET).substring(24, 44));
        }
    }

    private static String throwableTexts(ILoggingEvent event) {
        StringBuilder texts = new StringBuilder();
        for (var cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
            texts.append(cause.getMessage());
        }
        return texts.toString();
    }

    @Test
    void whatOthersSayIsPrintableInEveryLine() {
        String foreign = "\u001b[31m\u0085\u2028\u202e\u00e9";
        try (Scene scene = Scene.open()) {
            scene.upstream.script(Stage.END_OF_DATA, Fault.octets("550 5.7.1 no \u001b[31m\u0007 \u00e9\r\n"));
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply()).hasCode(220);
            assertThat(probe.send("EHLO a\u0085b\u2028c\u202ed\u00e9")).hasCode(250);
            assertThat(probe.authPlain("al" + foreign + "\r\n250 ok", "x")).hasCode(501);
            assertThat(probe.authPlain("al\u202e\u00e9", "x")).hasCode(535);
            assertThat(probe.send("VRFY \u0085\u2028")).hasCode(530);
            assertThat(probe.authPlain("alice@client.test", "alice")).hasCode(235);
            assertThat(probe.send("MAIL FROM:<a\u2028b@client.test> SMTPUTF8")).hasCode(501);
            assertThat(probe.send("MAIL FROM:<j\u00f6rg@client.test> SMTPUTF8")).hasCode(250);
            assertThat(probe.send("RCPT TO:<b\u00e9@dest.test>")).hasCode(250);
            assertThat(probe.data("From: alice@client.test\r\nContent-Disposition: attachment; filename=\"" + foreign
                            + ".pdf\"\r\n\r\nx\r\n"))
                    .hasCode(550);
            Scene.envelope(probe);
            assertThat(probe.data("From: alice@" + foreign + "\r\n\r\nx\r\n")).hasCode(554);
            Scene.envelope(probe);
            assertThat(probe.data(Scene.MESSAGE)).hasCode(550);
        }
        assertThat(lines(Level.TRACE)).isNotEmpty().allMatch(line -> line.matches("[ -~]*"));
    }

    /** RFC 6066 section 3 wants a host name; what is none is quoted in an exception's text. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aServerNameCannotForgeALine(String protocol) throws IOException {
        String forged = "\u001b[1m\r\nINFO";
        try (Scene scene = Scene.open();
                Socket socket = new Socket()) {
            socket.connect(scene.relay.addresses().get(1));
            TlsPeer peer = new TlsPeer(socket, TestCertificates.clientContext(), true, protocol);
            String hello = new String(peer.hello(), StandardCharsets.ISO_8859_1);
            assertThat(hello).contains(TlsPeer.SERVER_NAME);
            peer.send(octets(hello.replace(TlsPeer.SERVER_NAME, forged)));
            Await.until("a line", () -> ours(Level.DEBUG).findAny().isPresent());
        }
        assertThat(lines(Level.TRACE))
                .allMatch(line -> line.matches("[ -~]*"))
                .anyMatch(line -> line.contains("?[1m??INFO"));
    }

    /** A host's exception may quote the client, or a directory. */
    @Test
    void theTextOfAPluginsExceptionCannotForgeALine() {
        Authenticator users = (credentials, client) -> {
            String quoted = "no such user: "
                    + credentials.username().replace("ESC", "\u001b").replace("CRLF", "\r\n");
            throw new IllegalStateException(quoted, new IllegalArgumentException(quoted));
        };
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.passwords(users).withPlaintext()))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.authPlain("alice", "x")).hasCode(454);
            assertThat(probe.authPlain("aESC[1mCRLFINFO b", "x")).hasCode(454);
        }
        List<IThrowableProxy> failures =
                ours(Level.ERROR).map(ILoggingEvent::getThrowableProxy).toList();
        assertThat(failures).hasSize(2);
        assertThat(failures.get(0).getClassName()).isEqualTo(IllegalStateException.class.getName());
        for (IThrowableProxy failure : List.of(failures.get(1), failures.get(1).getCause())) {
            assertThat(failure.getMessage()).endsWith("no such user: a?[1m??INFO b");
            assertThat(failure.getStackTraceElementProxyArray()).isNotEmpty();
        }
    }

    /** The client hears of an internal error only; who looks for the cause has the session's id, from any other line. */
    @Test
    void aPlugInsFailureHasTheSessionsId() {
        try (Scene scene =
                Scene.open(builder -> builder.policies(Policies.defaults().withContent(submission -> {
                    throw new IllegalStateException("no rule");
                })))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.data(Scene.MESSAGE)).isStandardReply(StandardReply.INTERNAL_ERROR);
        }
        ILoggingEvent failure = ours(Level.ERROR).findFirst().orElseThrow();
        assertThat(failure.getFormattedMessage())
                .isEqualTo(failure.getMDCPropertyMap().get("session") + " ContentPolicy failed");
    }

    @Test
    void aLongReplyOfAnUpstreamIsCutInEachLine() {
        try (Scene scene = Scene.open()) {
            String reply = ("550-5.7.1 " + "x".repeat(480) + "\r\n").repeat(99) + "550 5.7.1 end\r\n";
            for (Stage stage : new Stage[] {Stage.RCPT, Stage.END_OF_DATA}) {
                scene.upstream.script(stage, Fault.octets(reply));
                SmtpProbe probe = scene.atRcpt(Access.CLEAR);
                assertThat(probe.data(Scene.MESSAGE)).hasCode(550);
                assertThat(probe.send("QUIT")).hasCode(221);
            }
        }
        assertThat(lines(Level.TRACE)).allMatch(line -> line.length() < 2000).anyMatch(line -> line.contains("xxx"));
    }

    static Stream<Arguments> scanners() {
        return Stream.of(
                        new byte[0],
                        octets("GET / HTTP/1.1\r\n\r\n"),
                        octets("\026\003\001\000\005\001\000\000\001\003"), // a ClientHello that is too short
                        octets("\u0080\056\001\003\001\000\025"), // SSL 2
                        octets("\003\000\000\023\016\u00e0\000\000\000\000\000\001\000\b\000\003\000\000\000")) // RDP
                .flatMap(octets -> Stream.of(0, 1)
                        .flatMap(listener ->
                                Stream.of(true, false).map(reset -> Arguments.of(octets, listener, reset))));
    }

    /** What finds the port of a relay is no news, and no defect. */
    @ParameterizedTest
    @MethodSource("scanners")
    void aScannerLeavesOneLineOfDebugAtMost(byte[] octets, int listener, boolean reset) {
        try (Scene scene = Scene.open()) {
            try (SmtpProbe scanner = SmtpProbe.connect(scene.relay.addresses().get(listener))) {
                scanner.write(octets);
                if (reset) {
                    scanner.reset();
                }
            }
            Await.until("a line", () -> ours(Level.DEBUG).findAny().isPresent());
            Await.until("the scanner's session has ended", () -> scene.relay.connections() == 0);
        }
        assertThat(lines(Level.DEBUG).stream().filter(line -> !line.contains(" refused COMMAND_UNKNOWN ")))
                .hasSizeLessThanOrEqualTo(1)
                .allMatch(line -> line.startsWith("DEBUG "));
        assertThat(events).allMatch(event -> event.getThrowableProxy() == null);
    }

    @Test
    void aClientWithoutAHandshakeBehindStarttlsLeavesOneLineOfDebug() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.send("STARTTLS")).hasCode(220);
            probe.write("EHLO x\r\n");
            probe.close();
            Await.until("the session has ended", () -> scene.relay.connections() == 0);
        }
        assertThat(lines(Level.DEBUG)).singleElement().asString().startsWith("DEBUG ");
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
