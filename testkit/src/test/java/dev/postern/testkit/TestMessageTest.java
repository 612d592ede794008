package dev.postern.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.Recipient;
import dev.postern.spi.Submission;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestMessageTest {

    private static final String TEXT = "Subject: hello\r\n\r\nhello\r\n";

    @Test
    void aMessageIsWholeWithoutBeingToldAnything() throws IOException {
        Submission message = TestMessage.of(TEXT).submission();
        assertThat(message.envelope().reversePath()).hasToString("<ann@example.org>");
        assertThat(message.envelope().recipients())
                .extracting(Recipient::address)
                .hasToString("[bob@example.net]");
        assertThat(message.identity().user()).isEqualTo("ann@example.org");
        assertThat(message.content().open()).hasContent(TEXT);
        assertThat(message.content().size()).isEqualTo(TEXT.length());
        assertThat(message.content().eightBit()).isFalse();
        assertThat(message.author()).isEmpty();
        assertThat(message.timeLeft()).isEmpty();
    }

    @Test
    void eachMessageHasItsOwnIds() {
        Submission one = TestMessage.of(TEXT).submission();
        Submission other = TestMessage.of(TEXT).submission();
        assertThat(one.id()).isNotEqualTo(other.id());
        assertThat(one.client().sessionId()).isNotEqualTo(other.client().sessionId());
    }

    @Test
    void eachPartCanBeTold() {
        Recipient eve = new Recipient(
                Recipient.of("eve@example.net").address(), new EsmtpParameters(Map.of("NOTIFY", "NEVER")));
        TestMessage told = TestMessage.of("J\u00f6rg\r\n".getBytes(StandardCharsets.UTF_8))
                .withId("m-1")
                .withIdentity(Identity.of("eve@example.net"))
                .withClient(TestMessage.clientAt("2001:db8::7"))
                .withSender("")
                .withRecipients(List.of(eve));
        Submission message = told.submission();
        assertThat(message.id()).isEqualTo("m-1");
        assertThat(message.identity()).isEqualTo(Identity.of("eve@example.net"));
        assertThat(message.client().remote().getAddress().getHostAddress()).isEqualTo("2001:db8:0:0:0:0:0:7");
        assertThat(message.envelope()).isEqualTo(told.envelope());
        assertThat(message.envelope().reversePath()).hasToString("<>");
        assertThat(message.envelope().recipients()).containsExactly(eve);
        assertThat(message.content().eightBit()).isTrue();
        assertThat(told.withRecipients("a@example.net", "b@example.net")
                        .envelope()
                        .recipients())
                .hasSize(2);
    }

    /** The time left goes by the clock that a test moves. */
    @Test
    void theTimeLeftIsTheTests() {
        TestClock clock = new TestClock();
        Submission message = TestMessage.of(TEXT).submission().withTimeLeft(Duration.ofSeconds(5), clock);
        clock.advance(Duration.ofSeconds(4));
        assertThat(message.timeLeft()).hasValue(Duration.ofSeconds(1));
    }

    /** A name would be looked up. */
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "", "1.2.3.4.5", "999.1.1.1", "de:ad:be:ef"})
    void aClientHasAnAddress(String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> TestMessage.clientAt(address));
    }
}
