package dev.postern.internal.upstream.client;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Where a message's content is written to on its way into a connection. Doubles each dot at the beginning of a line (RFC 5321 section 4.5.2), so that nothing in the content ends it. Looks for
 * dots only, eight octets at a time, for encoded attachments have none; passes on what is between them in whole runs.
 */
final class DotStuffing extends OutputStream {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;
    private static final long DOTS = '.' * ONES;
    private static final int STRIDE = 4 * Long.BYTES;
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

    /** Returns where the next dot is, or the end. */
    private static int nextDot(byte[] block, int from, int end) {
        int i = from;
        while (i + STRIDE <= end && !hasDot(block, i)) {
            i += STRIDE;
        }
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long octets = (long) LONGS.get(block, i) ^ DOTS; // zero where a dot is
            long found = octets - ONES & ~octets & HIGHS; // its lowest bit is exact
            if (found != 0) {
                return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
            }
        }
        while (i < end && block[i] != '.') {
            i++;
        }
        return i;
    }

    private static boolean hasDot(byte[] block, int i) {
        long first = (long) LONGS.get(block, i) ^ DOTS;
        long second = (long) LONGS.get(block, i + 8) ^ DOTS;
        long third = (long) LONGS.get(block, i + 16) ^ DOTS;
        long fourth = (long) LONGS.get(block, i + 24) ^ DOTS;
        long found = first - ONES & ~first | second - ONES & ~second | third - ONES & ~third | fourth - ONES & ~fourth;
        return (found & HIGHS) != 0;
    }
}
