package dev.postern.internal.plugin;

import dev.postern.spi.RelayClock;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a host's code on other threads, and waits for each call until a moment of the relay's clock. A call that is given
 * up and still runs keeps its permit, so that code which never returns cannot use up the threads. Safe for use by several
 * threads.
 */
public final class TimedCalls {

    private final Executor executor;
    private final RelayClock clock;
    private final Semaphore permits;
    private int most; // guarded by this

    TimedCalls(Executor executor, RelayClock clock, int most) {
        this.executor = executor;
        this.clock = clock;
        this.permits = new Semaphore(most);
        this.most = most;
    }

    /** {@code most} calls run at a time, each on a thread of its own, those that were given up and still run included. */
    public TimedCalls(String threadName, RelayClock clock, int most) {
        this(call -> start(call, threadName), clock, most);
    }

    private static void start(Runnable call, String threadName) {
        Thread thread = new Thread(call, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    /** From now on at least so many calls may run at a time. */
    synchronized void grow(int atLeast) {
        if (atLeast > most) {
            permits.release(atLeast - most);
            most = atLeast;
        }
    }

    /**
     * Makes a call and waits for its answer, which may be null when the host breaks the rules.
     *
     * @param deadline until when, as {@link RelayClock#nanoTime()} counts
     * @param late takes an answer that came when nobody waited for it any more, on the call's thread
     * @throws RejectedExecutionException when too many calls run, or the executor takes no more
     * @throws TimeoutException when the deadline came first; the call is interrupted
     * @throws InterruptedException when the caller was interrupted; the call is interrupted too
     * @throws ExecutionException when the call threw something
     */
    public <T> T call(Supplier<T> call, long deadline, Consumer<T> late)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (!permits.tryAcquire()) {
            throw new RejectedExecutionException("too many of its calls have not returned yet");
        }
        AtomicBoolean permitPassed = new AtomicBoolean(); // to the call when it begins, or back when it never does
        FutureTask<T> task =
                new FutureTask<>(() -> permitPassed.compareAndSet(false, true) ? callAndLeave(call) : null) {
                    @Override
                    protected void set(@Nullable T answer) {
                        super.set(answer);
                        if (isCancelled() && answer != null) { // so nobody has got it
                            late.accept(answer);
                        }
                    }
                };
        try {
            executor.execute(task);
            return await(task, deadline);
        } finally {
            if (permitPassed.compareAndSet(false, true)) {
                permits.release();
            }
        }
    }

    private <T> T callAndLeave(Supplier<T> call) {
        try {
            return call.get();
        } finally {
            permits.release();
        }
    }

    /** A call that is given up just when it answers has answered. */
    private <T> T await(FutureTask<T> task, long deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        while (true) {
            try {
                return task.get(clock.waitMillis(deadline - clock.nanoTime()), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (deadline - clock.nanoTime() <= 0 && task.cancel(true)) {
                    throw e;
                }
            } catch (InterruptedException e) {
                if (task.cancel(true)) {
                    throw e;
                }
                Thread.currentThread().interrupt();
            }
        }
    }
}
