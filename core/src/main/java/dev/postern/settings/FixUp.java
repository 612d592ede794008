package dev.postern.settings;

/** The changes that the relay makes to a message before passing it on (RFC 6409 section 8). */
public enum FixUp {
    /** Adds a Received: field (RFC 5321 section 4.4). */
    RECEIVED,
    /** Adds Date: if it is missing (RFC 6409 section 8.2). */
    DATE,
    /** Adds Message-ID: if it is missing (RFC 6409 section 8.3). */
    MESSAGE_ID,
    /**
     * Adds the relay's host name to the recipient {@code <Postmaster>} (RFC 5321 section 4.5.1).
     */
    POSTMASTER,
    /** Removes Bcc: and Resent-Bcc: (RFC 5322 section 3.6.3). */
    REMOVE_BCC
}
