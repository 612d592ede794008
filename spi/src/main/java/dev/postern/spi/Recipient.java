package dev.postern.spi;

/**
 * A recipient: the forward-path of RCPT and its parameters (RFC 5321 section 4.1.1.3).
 *
 * @param address the mailbox
 * @param parameters what the client requested for this recipient, for instance {@code NOTIFY} (RFC 3461 section 4.1)
 */
public record Recipient(MailAddress address, EsmtpParameters parameters) {

    /**
     * Creates a recipient without parameters.
     *
     * @param address a mailbox without angle brackets
     * @return the recipient
     * @throws IllegalArgumentException when the text is not a mailbox
     */
    public static Recipient of(String address) {
        return new Recipient(MailAddress.parse(address), EsmtpParameters.none());
    }
}
