package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Keeps what it is given, looks at it as a suspicious upstream would, and takes it or not as chance has it. */
final class RecordingDelivery implements UpstreamDelivery {

    /** A message that came to the end of its way; its octets as characters of ISO 8859-1. */
    record Delivered(Submission submission, String content, boolean accepted) {}

    private static final List<Reason> REASONS = List.of(Reason.values());

    private final SplittableRandom random;
    private final List<Delivered> delivered = new ArrayList<>();

    RecordingDelivery(SplittableRandom random) {
        this.random = random;
    }

    List<Delivered> delivered() {
        return delivered;
    }

    @Override
    public DeliveryResult deliver(Submission submission) {
        String content = text(submission);
        assertThat(ContentReference.isClean(content))
                .as("content upstream: %s", content)
                .isTrue();
        assertThat(submission.content().size()).isEqualTo(content.length());
        assertThat(submission.content().eightBit()).isEqualTo(content.chars().anyMatch(c -> c > 0x7f));
        assertEnvelope(submission);
        DeliveryResult result = result(submission);
        delivered.add(new Delivered(submission, content, result instanceof DeliveryResult.Accepted));
        return result;
    }

    private static void assertEnvelope(Submission submission) {
        boolean utf8 = submission.envelope().parameters().smtpUtf8();
        submission.envelope().reversePath().address().ifPresent(address -> assertAddress(address, utf8));
        submission.envelope().parameters().values().forEach((keyword, value) -> assertAscii(keyword + value));
        assertThat(submission.envelope().recipients()).isNotEmpty();
        for (Recipient recipient : submission.envelope().recipients()) {
            assertAddress(recipient.address(), utf8);
            recipient.parameters().values().forEach((keyword, value) -> assertAscii(keyword + value));
        }
    }

    static void assertAddress(MailAddress address, boolean utf8) {
        String text = address.toString();
        if (!text.equalsIgnoreCase("postmaster")) { // whom RFC 5321 section 4.5.1 lets do without a domain
            assertThat(MailAddress.tryParse(text)).as("read again: %s", text).contains(address);
        }
        assertThat(text.chars())
                .as("no control characters: %s", text)
                .noneMatch(c -> c < ' ' || c >= 0x7f && c < 0xa0 || c == '\u2028' || c == '\u2029');
        assertThat(utf8 || !address.internationalized()).as(text).isTrue();
        assertThat(address.internationalized()).isEqualTo(text.chars().anyMatch(c -> c > '~'));
    }

    static void assertAscii(String text) {
        assertThat(text.chars()).as("printable US-ASCII: %s", text).allMatch(c -> c > ' ' && c < 0x7f);
    }

    private DeliveryResult result(Submission submission) {
        Reply no = Reply.of(554, new EnhancedStatus(5, 7, 1), "no");
        return switch (random.nextInt(8)) {
            case 0 -> new DeliveryResult.Rejected("fuzz", no, List.of());
            case 1 ->
                new DeliveryResult.Rejected(
                        "fuzz",
                        no,
                        List.of(new DeliveryResult.RefusedRecipient(
                                submission.envelope().recipients().get(0).address(), no)));
            case 2 ->
                random.nextInt(4) > 0
                        ? accepted()
                        : new DeliveryResult.Deferred("fuzz", REASONS.get(random.nextInt(REASONS.size())), "later");
            default -> accepted();
        };
    }

    private static DeliveryResult accepted() {
        return new DeliveryResult.Accepted("fuzz", Reply.of(250, new EnhancedStatus(2, 0, 0), "taken"));
    }

    private static String text(Submission submission) {
        try {
            ByteArrayOutputStream octets = new ByteArrayOutputStream();
            submission.content().writeTo(octets);
            return octets.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError("content cannot be read", e);
        }
    }
}
