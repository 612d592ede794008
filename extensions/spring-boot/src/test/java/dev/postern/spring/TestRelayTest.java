package dev.postern.spring;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.spring.app.Application;
import dev.postern.spring.test.AutoConfigureTestRelay;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.probe.SmtpProbe;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;

@SpringBootTest(classes = Application.class, properties = "postern.auth.plaintext=true")
@AutoConfigureTestRelay
class TestRelayTest {

    @Autowired
    private TestRelay relay;

    @Autowired
    private SmtpProbe probe;

    @Autowired
    private PosternRelay life;

    @Test
    void springsMailSenderGetsAMessageThrough() {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(relay.port());
        sender.setUsername("alice@example.org");
        sender.setPassword("correct horse");
        sender.getJavaMailProperties().put("mail.smtp.auth", "true");
        SimpleMailMessage message = new SimpleMailMessage();
        message.setFrom("alice@example.org");
        message.setTo("bob@example.net");
        message.setSubject("Hello");
        message.setText("hello");
        sender.send(message);
        assertThat(relay.upstream().awaitMessage())
                .isFrom("alice@example.org")
                .isTo("bob@example.net")
                .hasSubject("Hello");
        assertThat(relay).hasRelayed(1);
    }

    @Test
    void theProbeHasReadTheGreeting() {
        probe.ehlo();
        assertThat(probe.authPlain("alice@example.org", "wrong"))
                .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
        assertThat(relay.sessions()).hasSize(1); // none of another test
    }

    @Test
    void repliesAreProvokedAndTimeIsMoved() {
        relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
        SmtpProbe client = relay.authenticated("alice@example.org", "correct horse");
        assertThat(client.mail("alice@example.org")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
        relay.clock().advance(Duration.ofMinutes(2));
        assertThat(client.readReply()).isStandardReply(StandardReply.INACTIVITY);
    }

    @Test
    void aContextThatIsPausedKeepsItsPort() {
        int port = life.relay().port();
        life.stop();
        assertThat(life.isRunning()).isFalse();
        life.start();
        assertThat(life.relay().port()).isEqualTo(port);
        relay.authenticated("alice@example.org", "correct horse").quit();
    }
}
