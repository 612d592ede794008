package dev.postern.internal.upstream;

import java.io.IOException;
import java.io.OutputStream;

/** Where a message's content is written to on its way into a connection. */
abstract class ContentOutput extends OutputStream {

    private long octets;

    @Override
    public final void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public final void write(byte[] block, int offset, int length) throws IOException {
        octets += length;
        pass(block, offset, length);
    }

    /** Passes octets on to the connection, not empty ones. */
    abstract void pass(byte[] block, int offset, int length) throws IOException;

    /** Adds what ends the content to the connection's buffer; before it the upstream has no message. */
    abstract void end() throws IOException;

    /** How many octets were given, as RFC 1870 section 3 counts them. */
    final long octets() {
        return octets;
    }
}
