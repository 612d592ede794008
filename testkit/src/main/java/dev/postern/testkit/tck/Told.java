package dev.postern.testkit.tck;

import dev.postern.spi.Envelope;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Submission;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Describes a submission as text, for comparison. */
final class Told {

    private Told() {}

    /** Returns sender, client, recipients, parameters and content. */
    static String told(Submission message) {
        Envelope envelope = message.envelope();
        return List.of(
                        message.identity().user(),
                        message.identity().account(),
                        sender(message),
                        new TreeMap<>(envelope.parameters().values()),
                        addresses(message),
                        envelope.recipients().stream()
                                .map(one -> new TreeMap<>(one.parameters().values()))
                                .toList())
                + content(message);
    }

    /** Returns the reverse-path without angle brackets. */
    static String sender(Submission message) {
        return message.envelope()
                .reversePath()
                .address()
                .map(MailAddress::toString)
                .orElse("");
    }

    /** Returns the recipients without angle brackets. */
    static List<String> addresses(Submission message) {
        return message.envelope().recipients().stream()
                .map(recipient -> recipient.address().toString())
                .collect(Collectors.toList());
    }

    /** Returns the content, one character per octet. */
    static String content(Submission message) {
        try (InputStream in = message.content().open()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
