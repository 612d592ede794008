package dev.postern.examples.clients;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThatReplyIn;
import static dev.postern.testkit.assertions.SmtpAssertions.assertThatSending;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import java.io.IOException;
import org.apache.commons.net.smtp.SMTPClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commons Net returns what others throw: the testkit reads the client itself. */
class CommonsNetTest {

    @ParameterizedTest
    @EnumSource(names = {"AUTH_REQUIRED", "QUOTA_EXCEEDED", "SENDER_SYNTAX", "MESSAGE_TOO_LARGE"})
    void theReplyIsInTheClient(StandardReply row) throws Exception {
        try (Condition condition = new Condition(row)) {
            SMTPClient client = afterHello(condition);
            condition.relay().nextAnswers(row);
            assertThat(client.setSender(Condition.USER)).isFalse();
            assertThatReplyIn(client).isRefusedWith(row);
            client.disconnect();
        }
    }

    @Test
    void after421TheCodeIsInTheExceptionAndTheReplyInTheClient() throws Exception {
        try (Condition condition = new Condition(StandardReply.INACTIVITY)) {
            SMTPClient client = afterHello(condition);
            condition.relay().nextAnswers(StandardReply.INACTIVITY);
            assertThatSending(() -> client.setSender(Condition.USER)).isRefusedWith(StandardReply.INACTIVITY);
            assertThatReplyIn(client)
                    .isRefusedWith(StandardReply.INACTIVITY)
                    .hasEnhancedStatus("4.7.0")
                    .isTemporaryFailure();
            client.disconnect();
        }
    }

    private static SMTPClient afterHello(Condition condition) throws IOException {
        SMTPClient client = new SMTPClient();
        client.setDefaultTimeout(10_000);
        client.connect("127.0.0.1", condition.relay().port());
        assertThat(client.login("client.example.org")).isTrue();
        return client;
    }
}
