package dev.postern.stores;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Between two questions to a server whose time nobody can move: who asks without a pause takes its processor away. */
public final class Pause {

    private static final Duration BRIEF = Duration.ofMillis(10);

    private Pause() {}

    /** Lets a few milliseconds pass. */
    public static void brief() {
        LockSupport.parkNanos(BRIEF.toNanos());
    }
}
