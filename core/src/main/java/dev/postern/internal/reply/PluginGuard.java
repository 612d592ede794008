package dev.postern.internal.reply;

import dev.postern.internal.time.TimedCall;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands around every plug-in. One that throws, answers null or takes too long has no answer, and its caller refuses
 * temporarily; the cause goes to the log. An {@link Error} goes on to the session's panic boundary.
 */
public final class PluginGuard {

    private static final Logger LOG = LoggerFactory.getLogger(PluginGuard.class);

    private final @Nullable ExecutorService executor;
    private final RelayClock clock;
    private final Duration limit;
    private final Semaphore places;
    private final @Nullable Breaker breaker;

    private PluginGuard(
            @Nullable ExecutorService executor,
            RelayClock clock,
            Duration limit,
            Semaphore places,
            @Nullable Breaker breaker) {
        this.executor = executor;
        this.clock = clock;
        this.limit = limit;
        this.places = places;
        this.breaker = breaker;
    }

    /**
     * A guard for code that cannot block or that bounds its own time: runs it on the caller's thread.
     *
     * @return the guard
     */
    public static PluginGuard inline() {
        return new PluginGuard(null, RelayClock.system(), Duration.ZERO, new Semaphore(0), null);
    }

    /**
     * A guard for a host's code: runs it on a thread of its own and gives up waiting after a time.
     *
     * @param executor runs the plug-in
     * @param clock the relay's clock
     * @param limit how long to wait
     * @param places how many calls at the same time, the given-up ones that still run included
     * @return the guard
     */
    public static PluginGuard timed(ExecutorService executor, RelayClock clock, Duration limit, int places) {
        return new PluginGuard(executor, clock, limit, new Semaphore(places), null);
    }

    /**
     * Makes a guard for a shared store out of this one: a store that failed several times in a row is not called for a
     * while, so that its outage does not cost every session a time-out.
     *
     * @param store its name for the events
     * @param listener is told when the store is lost and found
     * @param then what its callers do meanwhile
     * @return a guard that shares this one's places
     */
    public PluginGuard breaking(String store, RelayListener listener, StoreFailure then) {
        return new PluginGuard(executor, clock, limit, places, new Breaker(store, clock, listener, then));
    }

    /**
     * Tells a listener, whose failures are its own.
     *
     * @param listener the host's
     * @param event what happened
     */
    public static void tell(RelayListener listener, RelayEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            LOG.error("RelayListener failed", Printable.failure(e));
        }
    }

    /**
     * Calls a plug-in.
     *
     * @param plugin its name for the log
     * @param call the call; what it returns may be null, against its type, when the host breaks the rules
     * @return the answer, empty when there was none
     */
    public <T> Optional<T> call(String plugin, Supplier<T> call) {
        return call(plugin, call, late -> {});
    }

    /**
     * Calls a plug-in that answers with something that has to be given back.
     *
     * @param plugin its name for the log
     * @param call the call
     * @param late gets an answer that came when nobody waited for it any more
     * @return the answer, empty when there was none
     */
    public <T> Optional<T> call(String plugin, Supplier<T> call, Consumer<T> late) {
        if (breaker == null) {
            return callUnbroken(plugin, call, late);
        }
        if (!breaker.admits()) {
            LOG.debug("{} not called: it has not answered lately", plugin);
            return Optional.empty();
        }
        boolean answered = false;
        try {
            Optional<T> answer = callUnbroken(plugin, call, late);
            answered = answer.isPresent();
            return answer;
        } finally {
            breaker.ended(answered);
        }
    }

    private <T> Optional<T> callUnbroken(String plugin, Supplier<T> call, Consumer<T> late) {
        return executor == null ? callHere(plugin, call) : callElsewhere(plugin, call, late, executor);
    }

    /**
     * Calls a plug-in from inside of another stage's code.
     *
     * @param plugin its name for the log
     * @param call the call
     * @return the answer
     * @throws PluginFailure when there was none
     */
    public <T> T require(String plugin, Supplier<T> call) {
        return call(plugin, call).orElseThrow(() -> new PluginFailure(plugin));
    }

    /**
     * Calls a plug-in that answers nothing.
     *
     * @param plugin its name for the log
     * @param call the call
     * @return false when it failed
     */
    public boolean run(String plugin, Runnable call) {
        return call(plugin, () -> {
                    call.run();
                    return Boolean.TRUE;
                })
                .isPresent();
    }

    private static <T> Optional<T> callHere(String plugin, Supplier<T> call) {
        try {
            return answer(plugin, call.get());
        } catch (RuntimeException e) {
            LOG.error("{} failed", plugin, Printable.failure(e));
            return Optional.empty();
        }
    }

    private <T> Optional<T> callElsewhere(
            String plugin, Supplier<T> call, Consumer<T> late, ExecutorService elsewhere) {
        if (!places.tryAcquire()) {
            LOG.error("{} not called: too many of its calls have not returned yet", plugin);
            return Optional.empty();
        }
        AtomicBoolean placeGiven = new AtomicBoolean(); // to the call when it begins, or back when it never does
        long deadline = clock.nanoTime() + limit.toNanos();
        FutureTask<T> task = new FutureTask<>(() -> placeGiven.compareAndSet(false, true) ? callAndLeave(call) : null) {
            @Override
            protected void set(@Nullable T answer) {
                super.set(answer);
                if (isCancelled() && answer != null) { // so nobody has got it
                    giveBack(plugin, late, answer, elsewhere);
                }
            }
        };
        try {
            elsewhere.execute(task);
            return answer(plugin, TimedCall.await(task, clock, deadline));
        } catch (RejectedExecutionException e) {
            LOG.error("{} not called", plugin, Printable.failure(e));
        } catch (TimeoutException e) {
            LOG.error("{} did not answer within {}", plugin, limit);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            LOG.error("{} failed", plugin, Printable.failure(Objects.requireNonNullElse(e.getCause(), e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.error("{} given up: the relay stops", plugin);
        } finally {
            if (placeGiven.compareAndSet(false, true)) {
                places.release();
            }
        }
        return Optional.empty();
    }

    /** On another thread than the plug-in's, which was interrupted, or is about to be. */
    private static <T> void giveBack(String plugin, Consumer<T> late, T answer, Executor elsewhere) {
        LOG.warn("{} answered when nobody waited for it any more", plugin);
        try {
            elsewhere.execute(() -> {
                try {
                    late.accept(answer);
                } catch (RuntimeException e) {
                    LOG.error("a late answer of {} was not given back", plugin, Printable.failure(e));
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.error("a late answer of {} was not given back: the relay stops", plugin, e);
        }
    }

    private <T> T callAndLeave(Supplier<T> call) {
        try {
            return call.get();
        } finally {
            places.release();
        }
    }

    private static <T> Optional<T> answer(String plugin, @Nullable T answer) {
        if (answer == null) {
            LOG.error("{} answered null", plugin);
        }
        return Optional.ofNullable(answer);
    }
}
