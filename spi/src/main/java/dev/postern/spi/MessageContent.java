package dev.postern.spi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The content of a message as sent to the upstream: header section and body, every line ended by CRLF, no lone CR or
 * LF, no NUL, not dot-stuffed. Held in memory or in a file; valid until the delivery returns, when its storage is
 * freed. It can be read any number of times, from any threads, even at the same time.
 */
public interface MessageContent {

    /** {@return the size in octets, as RFC 1870 section 3 counts them} */
    long size();

    /** {@return whether the content has octets above 127 (RFC 6152)} */
    boolean eightBit();

    /**
     * Opens the content for reading from its beginning.
     *
     * @return an unbuffered stream, which the caller closes; read it in blocks
     * @throws IOException when the file that holds the content cannot be read
     */
    InputStream open() throws IOException;

    /**
     * Writes the whole content, in blocks of some kilobytes.
     *
     * @param out the target; neither flushed nor closed
     * @throws IOException when the content cannot be read or the stream throws it
     */
    default void writeTo(OutputStream out) throws IOException {
        try (InputStream in = open()) {
            in.transferTo(out);
        }
    }
}
