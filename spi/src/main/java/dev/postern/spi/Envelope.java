package dev.postern.spi;

import java.util.List;

/**
 * The envelope of a message (RFC 5321 section 2.3.1).
 *
 * @param reversePath where notifications about the message are sent
 * @param parameters the parameters of MAIL
 * @param recipients the accepted recipients in the order of the RCPT commands; a policy may see a partial list
 */
public record Envelope(ReversePath reversePath, EsmtpParameters parameters, List<Recipient> recipients) {

    /**
     * Copies the recipients.
     *
     * @param reversePath as {@link #reversePath()}
     * @param parameters as {@link #parameters()}
     * @param recipients as {@link #recipients()}
     */
    public Envelope {
        recipients = List.copyOf(recipients);
    }
}
