package dev.postern.internal.upstream.client;

import dev.postern.internal.octets.Octets;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Doubles each dot at the beginning of a line on the content's way into a connection (RFC 5321 section 4.5.2), so that
 * nothing in the content ends it. Looks for dots only, for encoded attachments have none; what is between them passes in
 * whole runs.
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
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] block, int offset, int length) throws IOException {
        octets += length;
        if (length == 0) {
            return;
        }
        int end = offset + length;
        int run = offset;
        for (int dot = nextDot(block, offset, end); dot < end; dot = nextDot(block, dot + 1, end)) {
            if ((dot == offset ? last : block[dot - 1]) == '\n') {
                connection.write(block, run, dot - run);
                connection.write(DOT, 0, 1);
                run = dot;
            }
        }
        connection.write(block, run, end - run);
        last = block[end - 1];
    }

    /** How many octets were given, as RFC 1870 section 3 counts them. */
    long octets() {
        return octets;
    }

    /** Adds what ends the content to the connection's buffer; before it the upstream has no message. */
    void end() throws IOException {
        byte[] end = last == '\n' ? END : LINE_AND_END;
        connection.write(end, 0, end.length);
    }

    private static int nextDot(byte[] block, int from, int end) {
        return Octets.indexOf(block, from, end, '.');
    }
}
