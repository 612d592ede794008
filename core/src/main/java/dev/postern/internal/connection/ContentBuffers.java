package dev.postern.internal.connection;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Buffers for sessions that receive content: small ones to wait with, for a client may make us wait for as long as it is
 * allowed to, and a bounded number of large ones for content that flows; and some for records of TLS. Safe for use by
 * several threads.
 */
final class ContentBuffers {

    /** Octets of a buffer that waits; an ordinary message of text fits. */
    static final int WAITING = 8 * 1024;

    /**
     * Octets of a buffer for content that flows. A platform thread keeps memory of this size, outside of the heap, from its
     * first read to its end; virtual threads, which JVMs have since 21, share that of a few.
     */
    private static final int FLOWING = (Runtime.version().feature() >= 21 ? 64 : 16) * 1024;

    /** Octets of the longest record of TLS, with its header (RFC 5246 section 6.2.3; RFC 8446 allows less). */
    private static final int RECORD = (1 << 14) + 2048 + 5;

    /** Octets of a buffer for a line that does not fit into one to wait with. */
    private static final int LINE = 14 * 1024;

    private static final int KEPT = 64;

    /** How many flow at most, for any of them may stop: a small part of the memory that there is. */
    private final int mostFlow = (int) Math.max(16, Runtime.getRuntime().maxMemory() / 64 / FLOWING);

    private final AtomicInteger flow = new AtomicInteger();

    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(KEPT);
    private final BlockingQueue<byte[]> flowing = new ArrayBlockingQueue<>(KEPT);
    private final BlockingQueue<byte[]> records = new ArrayBlockingQueue<>(KEPT);

    byte[] waiting() {
        return take(waiting, WAITING);
    }

    /** For content that flows; another one to wait with when so many flow that there is none for it. */
    byte[] flowing() {
        if (flow.incrementAndGet() > mostFlow) {
            flow.decrementAndGet();
            return waiting();
        }
        return take(flowing, FLOWING);
    }

    byte[] line() {
        return new byte[LINE];
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
            flow.decrementAndGet();
            flowing.offer(buffer);
        } else if (buffer.length == RECORD) {
            records.offer(buffer);
        }
    }
}
