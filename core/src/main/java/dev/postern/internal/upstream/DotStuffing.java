package dev.postern.internal.upstream;

import java.io.OutputStream;

/**
 * Doubles each dot at the beginning of a line (RFC 5321 section 4.5.2), so that nothing in the content ends it. Looks for
 * dots only, which encoded attachments have none of, and passes on what is between them in whole runs.
 */
final class DotStuffing extends OutputStream {

    private static final byte[] DOT = {'.'};
    private static final byte[] END = {'.', '\r', '\n'};
    private static final byte[] LINE_AND_END = {'\r', '\n', '.', '\r', '\n'};

    private final Connection connection;
    private byte last = '\n'; // the first line begins here
    private long octets;

    DotStuffing(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void write(int octet) throws UpstreamException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] block, int offset, int length) throws UpstreamException {
        int end = offset + length;
        int run = offset;
        byte before = last;
        for (int i = offset; i < end; i++) {
            byte octet = block[i];
            if (octet == '.' && before == '\n') {
                connection.write(block, run, i - run);
                connection.write(DOT, 0, 1);
                run = i;
            }
            before = octet;
        }
        connection.write(block, run, end - run);
        last = before;
        octets += length;
    }

    /** Adds the end of the content to the connection's buffer. */
    void end() throws UpstreamException {
        byte[] end = last == '\n' ? END : LINE_AND_END;
        connection.write(end, 0, end.length);
    }

    /** How many octets were given, as RFC 1870 section 3 counts them. */
    long octets() {
        return octets;
    }
}
