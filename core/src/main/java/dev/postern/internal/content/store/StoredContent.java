package dev.postern.internal.content.store;

import dev.postern.internal.octets.Octets;
import dev.postern.spi.MessageContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/**
 * Content as it goes upstream: the fields that we add, then what was received, without the ranges that are taken out.
 */
public final class StoredContent implements MessageContent {

    private final byte[] prefix;
    private final Spool spool;
    private final long[] kept; // start and end of each range that stays, in order
    private final long size;
    private final boolean eightBit;

    private StoredContent(byte[] prefix, Spool spool, long[] kept, long size, boolean eightBit) {
        this.prefix = prefix;
        this.spool = spool;
        this.kept = kept;
        this.size = size;
        this.eightBit = eightBit;
    }

    /** All that was received, and nothing else. */
    public static StoredContent of(Spool spool, boolean eightBit) {
        return new StoredContent(new byte[0], spool, new long[] {0, spool.size()}, spool.size(), eightBit);
    }

    /** Makes the content. The ranges are start and end by turns, in order. */
    public static StoredContent of(byte[] prefix, Spool spool, long[] removed, boolean received8, boolean prefix8)
            throws IOException {
        long[] kept = new long[removed.length + 2];
        System.arraycopy(removed, 0, kept, 1, removed.length);
        kept[kept.length - 1] = spool.size();
        long size = prefix.length;
        for (int i = 0; i < kept.length; i += 2) {
            size += kept[i + 1] - kept[i];
        }
        StoredContent content = new StoredContent(prefix, spool, kept, size, received8 || prefix8);
        // what is taken out may have been all that had eight bits
        return received8 && removed.length > 0
                ? new StoredContent(prefix, spool, kept, size, content.scanForEightBit())
                : content;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean eightBit() {
        return eightBit;
    }

    @Override
    public InputStream open() {
        return new Reading();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(prefix);
        for (int i = 0; i < kept.length; i += 2) {
            spool.writeTo(out, kept[i], kept[i + 1]);
        }
    }

    private boolean scanForEightBit() throws IOException {
        byte[] block = new byte[Spool.BLOCK];
        try (InputStream in = open()) {
            for (int count = in.read(block); count >= 0; count = in.read(block)) {
                if (Octets.hasEightBit(block, 0, count)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** One reading; readings do not know of each other, for the file is read by position. */
    private final class Reading extends InputStream {

        private int inPrefix;
        private int range;
        private long position = kept[0];

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, buffer.length);
            if (length == 0) {
                return 0;
            }
            if (inPrefix < prefix.length) {
                int count = Math.min(length, prefix.length - inPrefix);
                System.arraycopy(prefix, inPrefix, buffer, offset, count);
                inPrefix += count;
                return count;
            }
            while (position >= kept[range + 1]) {
                if (range + 2 >= kept.length) {
                    return -1;
                }
                range += 2;
                position = kept[range];
            }
            int most = (int) Math.min(length, kept[range + 1] - position);
            int count = spool.read(position, buffer, offset, most);
            position += count;
            return count;
        }
    }
}
