package dev.postern.internal.upstream.client;

import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** MAIL and RCPT of an envelope, with the parameters that the upstream understands. */
final class EnvelopeCommands {

    private static final List<String> MAIL_DSN = List.of("RET", "ENVID"); // RFC 3461 section 4.3
    private static final List<String> RCPT_DSN = List.of("NOTIFY", "ORCPT"); // RFC 3461 section 4.1

    private final Envelope envelope;
    private final MessageContent content;
    private final Extensions extensions;
    private final boolean submitter;
    private final boolean dsn;
    private final boolean needsUtf8;

    EnvelopeCommands(Envelope envelope, MessageContent content, ReadyConnection ready) {
        this.envelope = envelope;
        this.content = content;
        this.extensions = ready.extensions();
        this.submitter = ready.authenticated() && extensions.offers("AUTH");
        this.dsn = extensions.offers("DSN");
        this.needsUtf8 = needsUtf8();
    }

    /** Tells what the message needs and the upstream lacks; what cannot be sent as it is is not changed by us. */
    Optional<StandardReply> unsupported() throws IOException {
        if (!extensions.offers("SMTPUTF8") && (needsUtf8 || isInternationalized())) {
            return Optional.of(StandardReply.ADDRESS_UNSUPPORTED);
        }
        if (requireTls() && !extensions.offers("REQUIRETLS")) {
            return Optional.of(StandardReply.REQUIRETLS_UNSUPPORTED); // RFC 8689 section 4.2.1
        }
        if (content.eightBit() && !extensions.offers("8BITMIME")) {
            return Optional.of(StandardReply.ENCODING_UNSUPPORTED);
        }
        return Optional.empty();
    }

    /** Whether the upstream is told what the sender wants to hear of. */
    boolean dsn() {
        return dsn;
    }

    private boolean requireTls() {
        return envelope.parameters().get("REQUIRETLS").isPresent();
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
        if (extensions.offers("SMTPUTF8") && (parameters.smtpUtf8() || needsUtf8)) {
            line.append(" SMTPUTF8");
        }
        if (requireTls()) {
            line.append(" REQUIRETLS");
        }
        if (dsn) {
            append(line, parameters, MAIL_DSN);
        }
        if (submitter) {
            // RFC 4954 section 5: for a server that knows who says so; what is said, the envelope gate has decided
            append(line, parameters, List.of("AUTH"));
        }
        return line.toString();
    }

    String rcpt(Recipient recipient) {
        StringBuilder line =
                new StringBuilder("RCPT TO:<").append(recipient.address()).append('>');
        if (dsn) {
            append(line, recipient.parameters(), RCPT_DSN);
        }
        return line.toString();
    }

    /**
     * A declared SMTPUTF8 alone may be mere caution: many clients say it to each server that offers it. What must not go on
     * without it is a message whose header needs it (RFC 6531 section 3.2).
     */
    private boolean isInternationalized() throws IOException {
        return envelope.parameters().smtpUtf8() && content.eightBit() && HeaderScan.isInternationalized(content);
    }

    /** The addresses decide, and the parameters that repeat one. */
    private boolean needsUtf8() {
        if (envelope.reversePath()
                        .address()
                        .filter(MailAddress::internationalized)
                        .isPresent()
                || dsn && nonAscii(envelope.parameters(), MAIL_DSN)) {
            return true;
        }
        for (Recipient recipient : envelope.recipients()) {
            if (recipient.address().internationalized() || dsn && nonAscii(recipient.parameters(), RCPT_DSN)) {
                return true;
            }
        }
        return false;
    }

    private static boolean nonAscii(EsmtpParameters parameters, List<String> keywords) {
        for (String keyword : keywords) {
            String value = parameters.get(keyword).orElse("");
            for (int i = 0; i < value.length(); i++) {
                if (value.charAt(i) > '~') {
                    return true;
                }
            }
        }
        return false;
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
