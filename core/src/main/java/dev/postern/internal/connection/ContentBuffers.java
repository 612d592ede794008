package dev.postern.internal.connection;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Buffers for sessions that receive content: small ones to wait with, for a client may make us wait for as long as it is
 * allowed to, and large ones for what is there already. Safe for use by several threads.
 */
final class ContentBuffers {

    /** Octets of a buffer that waits; an ordinary message of text fits. */
    static final int WAITING = 8 * 1024;

    /**
     * Octets of a buffer for what is there. A platform thread keeps memory of this size, outside of the heap, from its
     * first read to its end; virtual threads, which JVMs have since 21, share that of a few.
     */
    private static final int FLOWING = (Runtime.version().feature() >= 21 ? 64 : 16) * 1024;

    private static final int KEPT = 64;

    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(KEPT);
    private final BlockingQueue<byte[]> flowing = new ArrayBlockingQueue<>(KEPT);

    byte[] waiting() {
        return take(waiting, WAITING);
    }

    byte[] flowing() {
        return take(flowing, FLOWING);
    }

    private static byte[] take(BlockingQueue<byte[]> free, int octets) {
        byte[] buffer = free.poll();
        return buffer == null ? new byte[octets] : buffer;
    }

    /** Takes a buffer back; with enough in stock it is left to the garbage collector. */
    void giveBack(byte[] buffer) {
        (buffer.length == WAITING ? waiting : flowing).offer(buffer);
    }
}
