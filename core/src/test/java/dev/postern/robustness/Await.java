package dev.postern.robustness;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits until something holds: looks again and again, for the thing has nobody to tell it by. */
public final class Await {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(1);

    private Await() {}

    public static void until(String what, BooleanSupplier holds) {
        until(() -> what, holds);
    }

    /** The text is made when the time is over, so that it can tell how far it came. */
    public static void until(Supplier<String> what, BooleanSupplier holds) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what.get());
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
