package dev.postern.internal.connection;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Large buffers for sessions that receive content, so that the many idle ones need only a small one. */
final class BulkBuffers {

    static final int SIZE = 64 * 1024;

    private static final int KEPT = 64;

    private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(KEPT);

    byte[] take() {
        byte[] buffer = free.poll();
        return buffer == null ? new byte[SIZE] : buffer;
    }

    /** Takes a buffer back; with enough in stock it is left to the garbage collector. */
    void giveBack(byte[] buffer) {
        free.offer(buffer);
    }
}
