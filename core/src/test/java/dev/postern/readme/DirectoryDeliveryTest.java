package dev.postern.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.testkit.TestClock;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract cannot see of the example: time, parameters, and that a file is never replaced. */
class DirectoryDeliveryTest {

    private static final byte[] TEXT = "From: ann@example.org\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path spool;

    private final TestClock clock = new TestClock();

    @Test
    void aMessageThatNobodyWaitsForAnyMoreIsNotTaken() {
        DirectoryDelivery delivery = new DirectoryDelivery(spool, clock);
        long due = clock.nanoTime() + Duration.ofMinutes(9).toNanos();
        clock.advance(Duration.ofMinutes(9));
        assertThat(delivery.deliver(message("one", EsmtpParameters.none(), OptionalLong.of(due))))
                .isInstanceOfSatisfying(
                        DeliveryResult.Deferred.class,
                        late -> assertThat(late.reason()).isEqualTo(DeliveryResult.Reason.FAILED));
        assertThat(spool).isEmptyDirectory();
    }

    @Test
    void theParametersOfTheEnvelopeAreKept() {
        DirectoryDelivery delivery = new DirectoryDelivery(spool, clock);
        EsmtpParameters parameters = new EsmtpParameters(java.util.Map.of("NOTIFY", "NEVER"));
        assertThat(delivery.deliver(message("one", parameters, OptionalLong.empty())))
                .isInstanceOf(DeliveryResult.Accepted.class);
        assertThat(spool.resolve("one.msg"))
                .content()
                .isEqualTo("MAIL FROM:<>\r\nRCPT TO:<bob@example.net> NOTIFY=NEVER\r\nDATA\r\n"
                        + new String(TEXT, StandardCharsets.US_ASCII));
    }

    private static Submission message(String id, EsmtpParameters ofRecipient, OptionalLong replyDue) {
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
        Recipient bob = new Recipient(Recipient.of("bob@example.net").address(), ofRecipient);
        Submission message = Submission.of(
                id,
                ClientInfo.of("session", local, local),
                Identity.of("ann"),
                new Envelope(ReversePath.empty(), EsmtpParameters.none(), List.of(bob)),
                new InMemory(),
                java.time.Instant.EPOCH);
        return replyDue.isPresent() ? message.withReplyDue(replyDue.getAsLong()) : message;
    }

    private static final class InMemory implements MessageContent {
        @Override
        public long size() {
            return TEXT.length;
        }

        @Override
        public boolean eightBit() {
            return false;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(TEXT);
        }
    }
}
