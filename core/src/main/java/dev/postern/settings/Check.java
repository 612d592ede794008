package dev.postern.settings;

/** What the relay looks at in a message's content. */
public enum Check {
    /** Refuses what is no well-formed message: header, MIME structure, encodings. */
    MIME,
    /** Refuses attachments that are not what their file names say. */
    ATTACHMENTS,
    /**
     * Refuses attachments of another format of the same family, too: a JPEG called {@code .png}, HTML or OOXML called {@code
     * .doc} or {@code .xls}, CSV called {@code .xls}, text called {@code .msg}, a ZIP called {@code .docx} that has nothing of
     * one. Off unless asked for: programs write such files,
     * and open them. Nothing without {@link #ATTACHMENTS}.
     */
    EXACT_FORMATS,
    /** Holds From: to the rules: there, one, readable, of a domain that the identity may send from. */
    FROM,
    /**
     * Refuses a From: field whose display name or comment shows an address of a domain that is not the identity's, also in
     * encoded words, with {@link dev.postern.spi.StandardReply#FROM_DOMAIN_MISMATCH}. Off unless asked for: honest mail has
     * such names, as {@code "bob@example.net via Forum" <forum@example.org>}.
     */
    IMITATED_AUTHOR,
    /** Refuses a lone LF. Off unless asked for: then it becomes CRLF. */
    LINE_ENDINGS
}
