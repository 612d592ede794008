package dev.postern.internal.upstream;

import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** MAIL and RCPT of an envelope, with the parameters that the upstream understands. */
final class EnvelopeCommands {

    private static final List<String> MAIL_DSN = List.of("RET", "ENVID"); // RFC 3461 section 4.3
    private static final List<String> RCPT_DSN = List.of("NOTIFY", "ORCPT"); // RFC 3461 section 4.1

    private final Envelope envelope;
    private final MessageContent content;
    private final Extensions extensions;

    EnvelopeCommands(Envelope envelope, MessageContent content, Extensions extensions) {
        this.envelope = envelope;
        this.content = content;
        this.extensions = extensions;
    }

    /** Tells what the message needs and the upstream lacks; what cannot be sent as it is is not changed by us. */
    Optional<StandardReply> unsupported() {
        if (needsUtf8() && !extensions.offers("SMTPUTF8")) {
            return Optional.of(StandardReply.ADDRESS_UNSUPPORTED);
        }
        if (content.eightBit() && !extensions.offers("8BITMIME")) {
            return Optional.of(StandardReply.ENCODING_UNSUPPORTED);
        }
        return Optional.empty();
    }

    String mail() {
        EsmtpParameters parameters = envelope.parameters();
        StringBuilder line = new StringBuilder("MAIL FROM:").append(envelope.reversePath());
        if (extensions.offers("SIZE")) {
            line.append(" SIZE=").append(content.size()); // ours: the client's was a guess, and of other content
        }
        if (extensions.offers("8BITMIME") && (parameters.eightBitMime() || content.eightBit())) {
            line.append(" BODY=8BITMIME");
        }
        if (extensions.offers("SMTPUTF8") && (parameters.smtpUtf8() || needsUtf8())) {
            line.append(" SMTPUTF8");
        }
        if (extensions.offers("DSN")) {
            append(line, parameters, MAIL_DSN);
        }
        if (extensions.offers("AUTH")) {
            append(line, parameters, List.of("AUTH")); // RFC 4954 section 5
        }
        return line.toString();
    }

    String rcpt(Recipient recipient) {
        StringBuilder line =
                new StringBuilder("RCPT TO:<").append(recipient.address()).append('>');
        if (extensions.offers("DSN")) {
            append(line, recipient.parameters(), RCPT_DSN);
        }
        return line.toString();
    }

    /**
     * The addresses decide, and the parameters that repeat one: a declared SMTPUTF8 alone may be mere caution. With 8-bit
     * content it may as well speak of the header, and such a message must not go on without it (RFC 6531 section 3.2).
     */
    private boolean needsUtf8() {
        return envelope.parameters().smtpUtf8() && content.eightBit()
                || envelope.reversePath()
                        .address()
                        .filter(MailAddress::internationalized)
                        .isPresent()
                || envelope.recipients().stream()
                        .anyMatch(recipient -> recipient.address().internationalized())
                || extensions.offers("DSN") && dsnValues().anyMatch(EnvelopeCommands::nonAscii);
    }

    private Stream<String> dsnValues() {
        return Stream.concat(
                MAIL_DSN.stream().flatMap(keyword -> envelope.parameters().get(keyword).stream()),
                envelope.recipients().stream()
                        .flatMap(recipient ->
                                RCPT_DSN.stream().flatMap(keyword -> recipient.parameters().get(keyword).stream())));
    }

    private static boolean nonAscii(String value) {
        return value.chars().anyMatch(c -> c > '~');
    }

    private static void append(StringBuilder line, EsmtpParameters parameters, List<String> keywords) {
        for (String keyword : keywords) {
            parameters
                    .get(keyword)
                    .ifPresent(value ->
                            line.append(' ').append(keyword).append('=').append(value));
        }
    }
}
