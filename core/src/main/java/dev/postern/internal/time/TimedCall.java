package dev.postern.internal.time;

import dev.postern.spi.RelayClock;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a host's code, which runs on a thread of its own, until a moment of the relay's clock. */
public final class TimedCall {

    private TimedCall() {}

    /**
     * Waits for an answer. Who is not waited for any more is cancelled, and interrupted, unless he has just answered.
     *
     * @param call the call, begun or not
     * @param clock the relay's clock
     * @param deadline the moment, as {@link RelayClock#nanoTime()} counts
     * @return the answer
     * @throws TimeoutException when the moment came first; the call is cancelled
     * @throws InterruptedException when the waiting thread was interrupted; the call is cancelled
     * @throws ExecutionException when the call threw something
     */
    public static <T> T await(FutureTask<T> call, RelayClock clock, long deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        while (true) {
            try {
                return call.get(clock.waitMillis(deadline - clock.nanoTime()), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (deadline - clock.nanoTime() <= 0 && call.cancel(true)) {
                    throw e;
                }
            } catch (InterruptedException e) {
                if (call.cancel(true)) {
                    throw e;
                }
                Thread.currentThread().interrupt();
            }
        }
    }
}
