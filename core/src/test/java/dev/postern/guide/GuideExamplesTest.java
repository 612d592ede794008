package dev.postern.guide;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThatSending;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of docs/testkit.md. */
@OnAnyJdk
class GuideExamplesTest {

    // DOC relay
    @RegisterExtension
    final RelayExtension relay = RelayExtension.with(env -> {
                env.accounts().user("ann@example.org", "secret");
                SmtpRelay started = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .tls(TlsSettings.of(env.serverTls()))
                        .auth(AuthSettings.passwords(env.accounts()))
                        .policies(Policies.defaults().withSenderDomains(env.accounts()))
                        .upstream(Upstream.smtp("127.0.0.1", env.upstream().port()))
                        .listener(env.events())
                        .clock(env.clock())
                        .start();
                return RelayUnderTest.of(started, started.port());
            })
            .withLogin("ann@example.org", "secret");
    // end

    // DOC first
    @Test
    void anOrderIsConfirmed() {
        new Mailer(relay.port()).send("bob@example.net", "Your order");
        assertThat(relay.upstream().awaitMessage()).isTo("bob@example.net").hasSubject("Your order");
    }
    // end

    // DOC refused
    @Test
    void theApplicationSeesTheRefusal() {
        relay.nextAnswers(StandardReply.FROM_DOMAIN_MISMATCH);
        assertThatSending(() -> new Mailer(relay.port()).send("bob@example.net", "Your order"))
                .isRefusedWith(StandardReply.FROM_DOMAIN_MISMATCH);
    }
    // end

    // DOC retry
    @Test
    void theApplicationTriesAgainOn452() {
        relay.at(Stage.MAIL).times(2, Fault.reply(StandardReply.QUOTA_EXCEEDED));
        new Mailer(relay.port()).sendPatiently("bob@example.net", "Your order", 3);
        assertThat(relay.upstream()).hasMessages(1);
        assertThat(relay).hasSessions(3);
    }
    // end

    // DOC reconnect
    @Test
    void theConnectionIsMadeAnewAfter421() throws MessagingException {
        try (Mailer mailer = new Mailer(relay.port())) {
            mailer.sendOnOneConnection("bob@example.net", "one");
            relay.endSessions(StandardReply.INACTIVITY); // as after 120 s of silence
            mailer.sendOnOneConnection("bob@example.net", "two");
        }
        assertThat(relay.upstream()).hasMessages(2);
    }
    // end

    // DOC fault
    @Test
    void theApplicationSurvivesALostConnection() {
        relay.at(Stage.END_OF_DATA).once(Fault.reset());
        new Mailer(relay.port()).sendPatiently("bob@example.net", "Your order", 2);
        assertThat(relay.upstream()).hasMessages(1);
    }
    // end

    // DOC certificate
    @Test
    void theApplicationSendsNothingToAServerWithAnotherName() {
        relay.present(TestCertificates.wrongNameServerContext());
        Mailer careful = new Mailer(relay.port()).trusting(TestCertificates.clientContext());
        assertThatThrownBy(() -> careful.send("bob@example.net", "Your order")).hasMessage("not sent");
        assertThat(relay.upstream()).hasNoMessages();
    }
    // end

    @Test
    void theCarefulApplicationSendsWhereTheCertificateIsRight() {
        new Mailer(relay.port()).trusting(TestCertificates.clientContext()).send("bob@example.net", "Your order");
        assertThat(relay.upstream()).hasMessages(1);
    }

    // DOC transcript
    @Test
    void whatWasSaidCanBeAsserted() {
        new Mailer(relay.port()).send("bob@example.net", "Your order");
        assertThat(relay.lastSession())
                .isAuthenticatedAs("ann@example.org")
                .saysInOrder("C: STARTTLS", "C: AUTH", "C: MAIL", "C: RCPT", "C: DATA", "S: 250");
        assertThat(relay).hasRelayed(1).hasUsedQuota("example.org", 1);
        assertThat(relay.upstream()).hasMessages(1);
    }
    // end

    // DOC hang
    @Test
    void theApplicationIsToldWhenTheProviderHangs() {
        relay.upstream().at(Stage.DATA).once(Fault.hang());
        SmtpProbe probe = relay.atRcpt("ann@example.org", "bob@example.net");
        probe.send("DATA");
        probe.write("From: ann@example.org\r\n\r\nhello\r\n.\r\n");
        relay.upstream().awaitFault();
        ProbeReply reply = relay.clock().advanceUntil(Duration.ofSeconds(10), probe::readReply);
        assertThat(reply).isStandardReply(StandardReply.UPSTREAM_RELAY_FAILED);
    }
    // end

    @Test
    void withoutJUnit() throws Exception {
        // DOC plain
        try (TestRelay relay = TestRelay.start(env -> {
            SmtpRelay started = SmtpRelay.builder()
                    .listen("127.0.0.1", 0)
                    .auth(AuthSettings.defaults()
                            .withTrusted("127.0.0.0/8", dev.postern.spi.Identity.of("ann@example.org")))
                    .upstream(Upstream.smtp("127.0.0.1", env.upstream().port()))
                    .start();
            return RelayUnderTest.of(started, started.port());
        })) {
            relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
            assertThat(relay.afterEhlo().mail("ann@example.org")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        }
        // end
    }

    @Test
    void theUpstreamAlone() {
        // DOC upstream
        try (FakeUpstream server = FakeUpstream.start().withCredentials("ann@example.org", "secret")) {
            server.at(Stage.RCPT).forAddress("bob@example.net").always(Fault.reply("550 5.1.1 No such user"));
            assertThatSending(() -> new Mailer(server.port()).send("bob@example.net", "Your order"))
                    .hasCode(550)
                    .hasEnhancedStatus("5.1.1");
        }
        // end
    }

    // DOC rule
    @Test
    void theApplicationGoesOnWhereAConnectionCarriesOneMessage() throws MessagingException {
        Map<Integer, Integer> messages = new ConcurrentHashMap<>();
        relay.upstream()
                .answering(turn -> turn.stage() == Stage.MAIL && messages.merge(turn.connection(), 1, Integer::sum) > 1
                        ? Optional.of(Fault.reply("452 4.5.3 Too many messages"))
                        : Optional.empty());
        try (Mailer mailer = new Mailer(relay.port())) {
            mailer.sendOnOneConnection("bob@example.net", "one");
            mailer.sendOnOneConnection("bob@example.net", "two");
        }
        assertThat(relay.upstream()).hasMessages(2).hasConnections(2);
    }
    // end

    /** The application of the examples. */
    private static final class Mailer implements AutoCloseable {
        private final Session session;
        private final Transport transport;

        Mailer(int port) {
            Properties properties = new Properties();
            properties.put("mail.smtp.host", "127.0.0.1");
            properties.put("mail.smtp.port", String.valueOf(port));
            properties.put("mail.smtp.starttls.enable", "true");
            properties.put("mail.smtp.ssl.trust", "*");
            properties.put("mail.smtp.auth", "true");
            properties.put("mail.smtp.timeout", "10000");
            session = Session.getInstance(properties);
            try {
                transport = session.getTransport("smtp");
            } catch (MessagingException e) {
                throw new IllegalStateException(e);
            }
        }

        Mailer trusting(SSLContext context) {
            session.getProperties().remove("mail.smtp.ssl.trust");
            session.getProperties().put("mail.smtp.ssl.socketFactory", context.getSocketFactory());
            session.getProperties().put("mail.smtp.ssl.checkserveridentity", "true");
            session.getProperties().put("mail.smtp.starttls.required", "true");
            return this;
        }

        void send(String to, String subject) {
            try {
                Transport.send(message(to, subject), "ann@example.org", "secret");
            } catch (MessagingException e) {
                throw new IllegalStateException("not sent", e);
            }
        }

        void sendPatiently(String to, String subject, int attempts) {
            try {
                send(to, subject);
            } catch (IllegalStateException e) {
                if (attempts == 1) {
                    throw e;
                }
                sendPatiently(to, subject, attempts - 1);
            }
        }

        void sendOnOneConnection(String to, String subject) throws MessagingException {
            if (!transport.isConnected()) { // asks with NOOP
                transport.connect("ann@example.org", "secret");
            }
            Message message = message(to, subject);
            message.saveChanges();
            transport.sendMessage(message, message.getAllRecipients());
        }

        private Message message(String to, String subject) throws MessagingException {
            MimeMessage message = new MimeMessage(session);
            message.setFrom(new InternetAddress("ann@example.org"));
            message.setRecipient(Message.RecipientType.TO, new InternetAddress(to));
            message.setSubject(subject);
            message.setText("Thank you.");
            return message;
        }

        @Override
        public void close() throws MessagingException {
            transport.close();
        }
    }
}
