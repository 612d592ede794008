package dev.postern.console;

import dev.postern.spi.Submission;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A message that was relayed, as it went to the upstream. Does not change; safe for use by several threads. */
final class CaughtMail {

    private final long number;
    private final String key;
    private final String id;
    private final String user;
    private final Instant received;
    private final String sender;
    private final List<String> recipients;
    private final byte[] content;
    private MailReader.@Nullable Summary summary; // guarded by this

    CaughtMail(long number, String key, Submission submission, byte[] content) {
        this.number = number;
        this.key = key;
        this.id = submission.id();
        this.user = submission.identity().user();
        this.received = submission.received();
        this.sender = submission.envelope().reversePath().toString();
        this.recipients = submission.envelope().recipients().stream()
                .map(recipient -> recipient.address().toString())
                .toList();
        this.content = content;
    }

    long number() {
        return number;
    }

    /** What a browser has to know to see a part of it by a link, which cannot carry the token. */
    String key() {
        return key;
    }

    boolean isOpenedBy(String shown) {
        return MessageDigest.isEqual(key.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
    }

    String id() {
        return id;
    }

    String user() {
        return user;
    }

    Instant received() {
        return received;
    }

    String sender() {
        return sender;
    }

    List<String> recipients() {
        return recipients;
    }

    /** Not to be changed: it is no copy. */
    byte[] content() {
        return content;
    }

    /** Made when somebody looks, not when the client waits. */
    synchronized MailReader.Summary summary() {
        if (summary == null) {
            summary = MailReader.summary(content);
        }
        return summary;
    }

    /** Whether it has these words, each somewhere: in subject, addresses, user, or the beginning of its text. */
    boolean has(List<String> words) {
        MailReader.Summary shown = summary();
        String all = String.join(
                        "\n",
                        shown.subject(),
                        shown.from(),
                        shown.to(),
                        shown.excerpt(),
                        id,
                        user,
                        sender,
                        String.join("\n", recipients))
                .toLowerCase(Locale.ROOT);
        return words.stream().allMatch(all::contains);
    }
}
