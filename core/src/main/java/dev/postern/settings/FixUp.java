package dev.postern.settings;

/** What the relay mends in a message before it hands it on (RFC 6409 section 8). */
public enum FixUp {
    /** Adds a Received: field (RFC 5321 section 4.4). */
    RECEIVED,
    /** Adds Date: where it is missing (RFC 6409 section 8.2). */
    DATE,
    /** Adds Message-ID: where it is missing (RFC 6409 section 8.3). */
    MESSAGE_ID,
    /**
     * Gives the recipient {@code <Postmaster>} the relay's host name (RFC 5321 section 4.5.1); without, it goes on as it is.
     */
    POSTMASTER,
    /** Removes Bcc: and Resent-Bcc: (RFC 5322 section 3.6.3). */
    REMOVE_BCC
}
