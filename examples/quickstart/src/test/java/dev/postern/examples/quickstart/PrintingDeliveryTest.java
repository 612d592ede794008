package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is accepted was printed whole, and what was printed whole is accepted. */
class PrintingDeliveryTest {

    private static final byte[] LINES = "Subject: x\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII);

    /** A disk that is full as long as it is told so. */
    private static final class Disk extends ByteArrayOutputStream {
        private boolean full;

        @Override
        public void write(byte[] octets) throws IOException {
            if (full) {
                throw new IOException("No space left on device");
            }
            super.write(octets);
        }

        @Override
        public void flush() throws IOException {
            if (full) {
                throw new IOException("No space left on device");
            }
        }

        String text() {
            return toString(StandardCharsets.UTF_8);
        }
    }

    private record Content(boolean readable) implements MessageContent {
        @Override
        public long size() {
            return LINES.length;
        }

        @Override
        public boolean eightBit() {
            return false;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(LINES);
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            if (!readable) {
                out.write(LINES, 0, LINES.length - 4);
                throw new IOException("the file has gone");
            }
            out.write(LINES);
        }
    }

    private static Submission submission(String id, boolean readable) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
        return Submission.of(
                id,
                ClientInfo.of("s", address, address),
                Identity.of("ann"),
                new Envelope(
                        ReversePath.of(MailAddress.parse("ann@example.org")),
                        EsmtpParameters.none(),
                        List.of(Recipient.of("jürgen@example.net"))),
                new Content(readable),
                Instant.EPOCH);
    }

    @Test
    void printsEnvelopeAndContent() {
        Disk disk = new Disk();
        assertThat(new PrintingDelivery(disk).deliver(submission("m1", true)))
                .isInstanceOf(DeliveryResult.Accepted.class);
        assertThat(disk.text())
                .isEqualTo("--- message m1 of ann, 21 octets\nfrom <ann@example.org>\nto <jürgen@example.net>\n\n"
                        + "Subject: x\r\n\r\nhello\r\n--- end of message m1\n");
    }

    @Test
    void whatCannotBePrintedIsDeferredAndWhatComesLaterIsAccepted() {
        Disk disk = new Disk();
        PrintingDelivery delivery = new PrintingDelivery(disk);
        disk.full = true;
        assertThat(delivery.deliver(submission("m1", true))).isInstanceOf(DeliveryResult.Deferred.class);
        disk.full = false;
        assertThat(delivery.deliver(submission("m2", true))).isInstanceOf(DeliveryResult.Accepted.class);
        assertThat(disk.text()).contains("--- end of message m2").doesNotContain("m1");
    }

    @Test
    void aMessageThatCannotBeReadToItsEndSaysSoOnALineOfItsOwn() {
        Disk disk = new Disk();
        PrintingDelivery delivery = new PrintingDelivery(disk);
        assertThat(delivery.deliver(submission("m1", false))).isInstanceOf(DeliveryResult.Deferred.class);
        assertThat(delivery.deliver(submission("m2", true))).isInstanceOf(DeliveryResult.Accepted.class);
        assertThat(disk.text())
                .contains("hel\n--- cut off: message m1\n--- message m2 ")
                .doesNotContain("--- end of message m1");
    }
}
