package dev.postern.internal.content.mime;

import dev.postern.internal.octets.Octets;

/** Follows the body of a part: all lines up to the delimiter that ends it, those of parts within it too. */
interface BodyReader {

    /** Tells whether no further line makes a difference, but for those that begin with two hyphens. */
    boolean indifferent();

    /** Takes a line without its CRLF, or a fragment of one. */
    void line(byte[] buffer, int start, int end, boolean first, boolean last, long position);

    /** Takes whole lines with their CRLFs, none of which begins with two hyphens. */
    default void lines(byte[] buffer, int start, int end, long position) {
        int i = start;
        while (i < end && !indifferent()) {
            int lf = Octets.indexOf(buffer, i, end, Octets.LF);
            line(buffer, i, lf - 1, true, true, position + i - start);
            i = lf + 1;
        }
    }

    /** Ends the body; one that was cut off has no delimiter of its own multipart behind it. */
    void end(boolean cutOff);
}
