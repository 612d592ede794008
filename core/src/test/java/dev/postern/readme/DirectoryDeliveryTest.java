package dev.postern.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Recipient;
import dev.postern.spi.Submission;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.TestMessage;
import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract cannot see of the example: time, parameters, and that a file is never replaced. */
@OnAnyJdk
class DirectoryDeliveryTest {

    private static final String TEXT = "From: ann@example.org\r\n\r\nhello\r\n";

    @TempDir
    Path spool;

    private final TestClock clock = new TestClock();

    @Test
    void aMessageThatNobodyWaitsForAnyMoreIsNotTaken() {
        DirectoryDelivery delivery = new DirectoryDelivery(spool);
        Submission message = message("one", EsmtpParameters.none()).withTimeLeft(Duration.ofMinutes(9), clock);
        clock.advance(Duration.ofMinutes(9));
        assertThat(delivery.deliver(message))
                .isInstanceOfSatisfying(
                        DeliveryResult.Deferred.class,
                        late -> assertThat(late.reason()).isEqualTo(DeliveryResult.Reason.FAILED));
        assertThat(spool).isEmptyDirectory();
    }

    @Test
    void theParametersOfTheEnvelopeAreKept() {
        DirectoryDelivery delivery = new DirectoryDelivery(spool);
        EsmtpParameters parameters = new EsmtpParameters(java.util.Map.of("NOTIFY", "NEVER"));
        assertThat(delivery.deliver(message("one", parameters))).isInstanceOf(DeliveryResult.Accepted.class);
        assertThat(spool.resolve("one.msg"))
                .content()
                .isEqualTo("MAIL FROM:<>\r\nRCPT TO:<bob@example.net> NOTIFY=NEVER\r\nDATA\r\n" + TEXT);
    }

    private static Submission message(String id, EsmtpParameters ofRecipient) {
        Recipient bob = new Recipient(Recipient.of("bob@example.net").address(), ofRecipient);
        return TestMessage.of(TEXT)
                .withId(id)
                .withSender("")
                .withRecipients(List.of(bob))
                .submission();
    }
}
