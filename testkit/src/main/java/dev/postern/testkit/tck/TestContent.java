package dev.postern.testkit.tck;

import dev.postern.spi.MessageContent;
import dev.postern.testkit.internal.wire.Octets;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** Content that tracks its readers, and that can fail or be freed. */
final class TestContent implements MessageContent {

    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger readAfterFree = new AtomicInteger();
    private final byte[] octets;
    private final int breaksAfter;
    private volatile boolean freed;

    private TestContent(byte[] octets, int breaksAfter) {
        this.octets = octets;
        this.breaksAfter = breaksAfter;
    }

    static TestContent of(byte[] octets) {
        return new TestContent(octets, Integer.MAX_VALUE);
    }

    /** A line of every octet that content may have, in an order that is invalid in any multi-octet charset. */
    static byte[] noText() {
        byte[] line = new byte[257];
        int length = 0;
        for (int octet = 255; octet > 0; octet--) {
            if (octet != '\r' && octet != '\n') {
                line[length++] = (byte) octet;
            }
        }
        line[length++] = '\r';
        line[length++] = '\n';
        return Arrays.copyOf(line, length);
    }

    TestContent breakingAfter(int count) {
        return new TestContent(octets, count);
    }

    byte[] octets() {
        return octets.clone();
    }

    void free() {
        freed = true;
    }

    @Override
    public long size() {
        return octets.length;
    }

    @Override
    public boolean eightBit() {
        return Octets.areEightBit(octets);
    }

    @Override
    public InputStream open() throws IOException {
        open.incrementAndGet();
        return new Reading();
    }

    private final class Reading extends FilterInputStream {
        private int read;
        private boolean closed;

        Reading() {
            super(new ByteArrayInputStream(octets));
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (freed) {
                readAfterFree.incrementAndGet();
                throw new IOException("the content was freed");
            }
            if (read >= breaksAfter) {
                throw new IOException("the file that holds the content is broken");
            }
            int count = super.read(buffer, offset, Math.min(length, breaksAfter - read));
            read += Math.max(0, count);
            return count;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                open.decrementAndGet();
            }
        }
    }
}
