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

    /** Opens the file when it is needed. */
    public interface FileMaker {
        FileChannel make() throws IOException;
    }

    private final int threshold;
    private final MemoryBudget budget;
    private final FileMaker fileMaker;
    private List<byte[]> blocks = new ArrayList<>();
    private int inLast = BLOCK; // octets used of the last block; of a file, the last block is the write buffer
    private long size;
    private @Nullable FileChannel file;
    private volatile boolean closed;

    /** Makes an empty one, that holds nothing yet. */
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
            writeFully(known, blocks.get(0), 0, inLast);
            writeFully(known, buffer, offset, length);
            inLast = 0;
            size += length;
            return;
        }
        int from = offset;
        int end = offset + length;
        while (from < end) {
            if (inLast == BLOCK && !(file == null && addBlock())) {
                toFile();
            }
            int count = Math.min(end - from, BLOCK - inLast);
            System.arraycopy(buffer, from, blocks.get(blocks.size() - 1), inLast, count);
            inLast += count;
            from += count;
            size += count;
        }
    }

    /** Ends writing. */
    public void flush() throws IOException {
        FileChannel channel = file;
        if (channel != null) {
            writeFully(channel, blocks.get(0), 0, inLast);
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
        if ((blocks.size() + 1L) * BLOCK > threshold || !budget.tryTake(BLOCK)) {
            return false;
        }
        blocks.add(new byte[BLOCK]);
        inLast = 0;
        return true;
    }

    /** Moves on to the file, or empties the write buffer into it. */
    private void toFile() throws IOException {
        FileChannel channel = file;
        if (channel == null) {
            channel = fileMaker.make();
            file = channel;
            budget.fileOpened();
        }
        for (byte[] block : blocks) {
            writeFully(channel, block, 0, inLast); // all are full when this is called
        }
        if (blocks.isEmpty()) {
            budget.take(BLOCK);
            blocks.add(new byte[BLOCK]);
        } else {
            budget.giveBack((blocks.size() - 1L) * BLOCK);
            blocks.subList(1, blocks.size()).clear();
        }
        inLast = 0;
    }

    private static void writeFully(FileChannel channel, byte[] buffer, int offset, int length) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(buffer, offset, length);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    private void dropBlocks() {
        budget.giveBack((long) blocks.size() * BLOCK);
        blocks = new ArrayList<>();
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
