package dev.postern.settings;

/** What the relay looks at in a message's content. */
public enum Check {
    /** Refuses messages that are not well-formed: header, MIME structure, encodings. */
    MIME,
    /** Refuses attachments that are not what their file names say. */
    ATTACHMENTS,
    /**
     * Refuses attachments of another format of the same family, too: a JPEG called {@code .png}, HTML or OOXML called
     * {@code .doc} or {@code .xls}, CSV called {@code .xls}, text called {@code .msg}, a ZIP called {@code .docx} that has
     * nothing of one. Off by default, because programs write and open such files. Has no effect without {@link
     * #ATTACHMENTS}.
     */
    EXACT_FORMATS,
    /** Refuses a message unless From: has exactly one readable address, of a domain that the identity may send from. */
    FROM,
    /**
     * Refuses a From: field whose display name or comment shows an address of a domain that is not the identity's, also in
     * encoded words, with {@link dev.postern.spi.StandardReply#FROM_DOMAIN_MISMATCH}. Off by default, because honest mail
     * has such names, for instance {@code "bob@example.net via Forum" <forum@example.org>}.
     */
    IMITATED_AUTHOR,
    /** Refuses a lone LF. Off by default: a lone LF becomes CRLF. */
    LINE_ENDINGS
}
