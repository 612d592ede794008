package dev.postern.settings;

/** The checks that the relay makes on a message's content. */
public enum Check {
    /** Refuses messages that are not well-formed: header, MIME structure, encodings. */
    MIME,
    /** Refuses attachments whose format does not match their file names. */
    ATTACHMENTS,
    /**
     * Refuses attachments of another format of the same family, too: a JPEG called {@code .png}, HTML or OOXML called
     * {@code .doc} or {@code .xls}, CSV called {@code .xls}, text called {@code .msg}, a ZIP called {@code .docx} that
     * is not one. Off by default, because programs write and open such files. Has no effect without {@link
     * #ATTACHMENTS}.
     */
    EXACT_FORMATS,
    /** Refuses a message unless From: has exactly one readable address, in a domain that the identity may send from. */
    FROM,
    /**
     * Refuses a From: field whose display name or comment shows an address in a domain that is not the identity's, even
     * in encoded words, with {@link dev.postern.spi.StandardReply#FROM_DOMAIN_MISMATCH}. Off by default, because
     * legitimate mail has such names, for instance {@code "bob@example.net via Forum" <forum@example.org>}.
     */
    IMITATED_AUTHOR,
    /** Refuses a lone LF. Off by default: a lone LF becomes CRLF. */
    LINE_ENDINGS
}
