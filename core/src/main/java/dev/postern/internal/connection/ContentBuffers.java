package dev.postern.internal.connection;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Buffers for sessions that receive content: small ones to wait with, for a client may make us wait for as long as it is
 * allowed to, and large ones for what is there already; and some for records of TLS. Safe for use by several threads.
 */
final class ContentBuffers {

    /** Octets of a buffer that waits; an ordinary message of text fits. */
    static final int WAITING = 8 * 1024;

    /**
     * Octets of a buffer for what is there. A platform thread keeps memory of this size, outside of the heap, from its
     * first read to its end; virtual threads, which JVMs have since 21, share that of a few.
     */
    private static final int FLOWING = (Runtime.version().feature() >= 21 ? 64 : 16) * 1024;

    /** Octets of the longest record of TLS, with its header (RFC 5246 section 6.2.3; RFC 8446 allows less). */
    private static final int RECORD = (1 << 14) + 2048 + 5;

    private static final int KEPT = 64;

    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(KEPT);
    private final BlockingQueue<byte[]> flowing = new ArrayBlockingQueue<>(KEPT);
    private final BlockingQueue<byte[]> records = new ArrayBlockingQueue<>(KEPT);

    byte[] waiting() {
        return take(waiting, WAITING);
    }

    byte[] flowing() {
        return take(flowing, FLOWING);
    }

    /** For a record, by an engine that wants room for so many octets. */
    byte[] record(int least) {
        return least > RECORD ? new byte[least] : take(records, RECORD);
    }

    /** How much is read at once, into whichever buffer. */
    int mostAtOnce() {
        return FLOWING;
    }

    private static byte[] take(BlockingQueue<byte[]> free, int octets) {
        byte[] buffer = free.poll();
        return buffer == null ? new byte[octets] : buffer;
    }

    /** Takes a buffer back; with enough in stock, or of another size, it is left to the garbage collector. */
    void giveBack(byte[] buffer) {
        if (buffer.length == WAITING) {
            waiting.offer(buffer);
        } else if (buffer.length == FLOWING) {
            flowing.offer(buffer);
        } else if (buffer.length == RECORD) {
            records.offer(buffer);
        }
    }
}
