package dev.postern.internal.content.store;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what all messages hold: octets in memory, and files. Safe for use by several threads. */
public final class MemoryBudget {

    private final long limit;
    private final AtomicLong held = new AtomicLong();
    private final AtomicInteger files = new AtomicInteger();

    public MemoryBudget(long limit) {
        this.limit = limit;
    }

    /** Takes octets if they are left. */
    boolean tryTake(int octets) {
        long before = held.getAndUpdate(now -> now + octets > limit ? now : now + octets);
        return before + octets <= limit;
    }

    void giveBack(long octets) {
        held.addAndGet(-octets);
    }

    void fileOpened() {
        files.incrementAndGet();
    }

    void fileClosed() {
        files.decrementAndGet();
    }

    public int files() {
        return files.get();
    }

    public long held() {
        return held.get();
    }
}
