package dev.postern.testkit.tck;

import dev.postern.spi.Envelope;
import dev.postern.spi.Identity;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Submission;
import dev.postern.testkit.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Shared by the contracts. */
final class Tck {

    private Tck() {}

    /** Returns a name that no other test, node or earlier run has used. */
    static String unique(String name) {
        return name + "-" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    }

    /** Returns null, to pass where it is not allowed. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    static <T> T missing() {
        return null;
    }

    /** Reports the test as skipped, for a rule that cannot be tried. */
    static void skip(String why) {
        Assumptions.abort(why);
    }

    /** Returns the value of a hook, or skips the test. */
    static <T> T orSkip(Optional<T> value, String hook) {
        if (value.isEmpty()) {
            skip("nothing to try it with: override " + hook);
        }
        return value.orElseThrow();
    }

    /** Runs a task on each of several threads, which start at the same moment, and returns the results. */
    static <T> List<T> together(int threads, IntFunction<Callable<T>> task) {
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads, Tck::thread);
        try {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Callable<T> one = task.apply(i);
                running.add(executor.submit(() -> {
                    start.await();
                    return one.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> one : running) {
                results.add(one.get()); // whatever does not end is ended by the contract's deadline
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException e) {
            throw new AssertionError("a call on one of " + threads + " threads failed: " + e.getCause(), e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }

    /**
     * Makes a call on an interrupted thread, like a relay's call that takes too long. Returns what the call throws, or
     * null when it returns.
     */
    static @Nullable Throwable interrupted(ThrowingCallable call) {
        FutureTask<@Nullable Throwable> task = new FutureTask<>(() -> {
            Thread.currentThread().interrupt();
            return Assertions.catchThrowable(call);
        });
        thread(task).start();
        try {
            return task.get(); // whatever does not end is ended by the contract's deadline
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException e) {
            throw new AssertionError("the call could not be made", e);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "contract-helper");
        thread.setDaemon(true); // a plug-in that never returns must not keep the process
        ContractDeadline.watch(thread);
        return thread;
    }

    /** Returns whether a call fails, which is as good as a refusal: the relay refuses when a plug-in throws. */
    static boolean throwsException(ThrowingCallable call) {
        return Assertions.catchThrowable(call) instanceof RuntimeException;
    }

    /** Returns a message as a relay gives it to its plug-ins. */
    static Submission submission(Identity identity, Envelope envelope, MessageContent content) {
        return TestMessage.of(content)
                .withIdentity(identity)
                .withEnvelope(envelope)
                .submission();
    }

    /** Closes a plug-in if it can be closed. */
    static void close(Object plugin) throws Exception {
        if (plugin instanceof AutoCloseable closeable) {
            closeable.close();
        }
    }
}
