package dev.postern.internal.content.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds one message's octets: in memory up to a threshold and while the budget lasts, else in a file. Written by one
 * thread; read by any number once written. After {@link #close()} a read fails.
 */
public final class Spool implements AutoCloseable {

    /** Octets of a block. */
    public static final int BLOCK = 16 * 1024;

    /** Octets of a file's write buffer when the budget has none left; so little is not counted. */
    private static final int LEAST_BLOCK = 1024;

    /** Opens the file when it is needed. */
    public interface FileMaker {
        FileChannel make() throws IOException;
    }

    private final int threshold;
    private final MemoryBudget budget;
    private final FileMaker fileMaker;
    private List<byte[]> blocks = new ArrayList<>();
    private int free; // octets of the last block; of a file, the only block is the write buffer
    private long size;
    private @Nullable FileChannel file;
    private volatile boolean closed;

    public Spool(int threshold, MemoryBudget budget, FileMaker fileMaker) {
        this.threshold = threshold;
        this.budget = budget;
        this.fileMaker = fileMaker;
    }

    /** Finds a place for the first octets. */
    public void prepare() throws IOException {
        if (!addBlock()) {
            toFile();
        }
    }

    /** Octets that were written. */
    public long size() {
        return size;
    }

    /** Writes octets behind those before. */
    public void write(byte[] buffer, int offset, int length) throws IOException {
        FileChannel known = file;
        if (known != null && length >= BLOCK) { // large runs go to the file as they are
            emptyBuffer(known);
            writeFully(known, buffer, offset, length);
            size += length;
            return;
        }
        int from = offset;
        int end = offset + length;
        while (from < end) {
            if (free == 0 && !(file == null && addBlock())) {
                toFile();
            }
            byte[] last = blocks.get(blocks.size() - 1);
            int count = Math.min(end - from, free);
            System.arraycopy(buffer, from, last, last.length - free, count);
            free -= count;
            from += count;
            size += count;
        }
    }

    /** Ends writing. */
    public void flush() throws IOException {
        FileChannel channel = file;
        if (channel != null) {
            emptyBuffer(channel);
            dropBlocks();
        }
    }

    /** Reads at a position, behind which there have to be as many octets. Returns how many were read, 1 or more. */
    int read(long position, byte[] buffer, int offset, int length) throws IOException {
        FileChannel channel = file;
        if (channel != null) {
            int count = channel.read(ByteBuffer.wrap(buffer, offset, Math.min(length, 4 * BLOCK)), position);
            if (count < 0) {
                throw new IOException("the file of the content was cut");
            }
            return count;
        }
        byte[] block = block(position);
        int inBlock = (int) (position % BLOCK);
        int count = Math.min(length, BLOCK - inBlock);
        System.arraycopy(block, inBlock, buffer, offset, count);
        return count;
    }

    /** Writes a range: from memory without a copy, from a file in blocks. */
    void writeTo(OutputStream out, long from, long end) throws IOException {
        byte[] copy = file == null ? new byte[0] : new byte[(int) Math.min(4 * BLOCK, end - from)];
        long position = from;
        while (position < end) {
            if (file == null) {
                int inBlock = (int) (position % BLOCK);
                int count = (int) Math.min(end - position, BLOCK - inBlock);
                out.write(block(position), inBlock, count);
                position += count;
            } else {
                int count = read(position, copy, 0, (int) Math.min(copy.length, end - position));
                out.write(copy, 0, count);
                position += count;
            }
        }
    }

    private byte[] block(long position) throws IOException {
        List<byte[]> held = blocks;
        if (closed || held.isEmpty()) {
            throw new IOException("the content is no longer held");
        }
        return held.get((int) (position / BLOCK));
    }

    private boolean addBlock() {
        if ((blocks.size() + 1L) * BLOCK > threshold) {
            return false;
        }
        byte[] block = takeBlock();
        if (block == null) {
            return false;
        }
        blocks.add(block);
        free = BLOCK;
        return true;
    }

    /** Null when the budget has none; what the heap has no room for is not taken from the budget either. */
    private byte @Nullable [] takeBlock() {
        if (!budget.tryTake(BLOCK)) {
            return null;
        }
        boolean made = false;
        try {
            byte[] block = new byte[BLOCK];
            made = true;
            return block;
        } finally {
            if (!made) {
                budget.giveBack(BLOCK);
            }
        }
    }

    /** Moves on to the file, or empties the write buffer into it. All blocks are full then. */
    private void toFile() throws IOException {
        FileChannel channel = file;
        if (channel == null) {
            channel = fileMaker.make();
            file = channel;
            budget.fileOpened();
        }
        for (byte[] block : blocks) {
            writeFully(channel, block, 0, block.length);
        }
        if (blocks.isEmpty()) {
            byte[] block = takeBlock();
            blocks.add(block == null ? new byte[LEAST_BLOCK] : block);
        } else {
            List<byte[]> spare = blocks.subList(1, blocks.size());
            giveBack(spare);
            spare.clear();
        }
        free = blocks.get(0).length;
    }

    private void emptyBuffer(FileChannel channel) throws IOException {
        byte[] block = blocks.get(0);
        writeFully(channel, block, 0, block.length - free);
        free = block.length;
    }

    private static void writeFully(FileChannel channel, byte[] buffer, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(buffer, offset, length);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    private void dropBlocks() {
        giveBack(blocks);
        blocks = new ArrayList<>(); // the old one stays as it is for a thread that reads of it
        free = 0;
    }

    private void giveBack(List<byte[]> those) {
        for (byte[] block : those) {
            if (block.length == BLOCK) {
                budget.giveBack(BLOCK);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        dropBlocks();
        if (file != null) {
            budget.fileClosed();
            file.close();
        }
    }
}
