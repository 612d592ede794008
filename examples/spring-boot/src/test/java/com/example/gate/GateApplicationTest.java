package com.example.gate;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.spring.test.AutoConfigureTestRelay;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@AutoConfigureTestRelay
class GateApplicationTest {

    @Autowired
    TestRelay relay;

    @Value("${local.server.port}")
    int http;

    @Test
    void aMessageGetsThroughAndIsSeenInHealthAndMetrics() throws Exception {
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
        assertThat(relay.upstream().awaitMessage()).isFrom("alice@example.org").isTo("bob@example.net");
        assertThat(ask("GET", "health")).contains("\"relay\":\"up\"");
        assertThat(ask("GET", "metrics/postern.messages")).contains("\"COUNT\",\"value\":1.0");
    }

    @Test
    void anOperatorEndsASession() throws Exception {
        SmtpProbe client = relay.authenticated("alice@example.org", "correct horse");
        assertThat(ask("GET", "postern")).contains("\"user\":\"alice@example.org\"").doesNotContain("horse");
        assertThat(ask("DELETE", "postern/users/alice@example.org")).contains("\"sessions\":1");
        assertThat(client.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
    }

    private String ask(String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + "/actuator/" + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
