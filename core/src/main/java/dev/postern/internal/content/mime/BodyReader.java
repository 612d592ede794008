package dev.postern.internal.content.mime;

/** Follows the body of a part: all lines up to the delimiter that ends it, those of parts within it too. */
interface BodyReader {

    /** Takes a line without its CRLF, or a fragment of one. */
    void line(byte[] buffer, int start, int end, boolean first, boolean last, long position);

    /** Ends the body; one that was cut off has no delimiter of its own multipart behind it. */
    void end(boolean cutOff);
}
