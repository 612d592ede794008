package dev.postern.internal.upstream;

import java.io.IOException;

/**
 * The one and last chunk of a message (RFC 3030 section 2), as it is. Its last octet makes it a message, so it stays here
 * until {@link #end()}; and what would be more than was announced would be read as commands, so it is not sent.
 */
final class Chunk extends ContentOutput {

    private final Connection connection;
    private final long size;
    private final byte[] last = new byte[1];

    Chunk(Connection connection, long size) {
        this.connection = connection;
        this.size = size;
    }

    @Override
    void pass(byte[] block, int offset, int length) throws IOException {
        if (octets() > size) {
            throw new IOException("content is longer than its size of " + size);
        }
        boolean whole = octets() == size && length > 0;
        connection.write(block, offset, whole ? length - 1 : length);
        if (whole) {
            last[0] = block[offset + length - 1];
        }
    }

    @Override
    void end() throws IOException {
        connection.write(last, 0, size == 0 ? 0 : 1);
    }
}
