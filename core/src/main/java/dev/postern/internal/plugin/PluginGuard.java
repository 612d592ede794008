package dev.postern.internal.plugin;

import dev.postern.internal.reply.Printable;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
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
    private static final PluginGuard INLINE = new PluginGuard(null, null, new SampledLines(RelayClock.system()));

    /** Where a host's code runs, and for how long. */
    private record Elsewhere(Executor executor, TimedCalls calls, RelayClock clock, Duration limit) {}

    private final @Nullable Elsewhere elsewhere;
    private final @Nullable Breaker breaker;
    private final SampledLines lines;

    private PluginGuard(@Nullable Elsewhere elsewhere, @Nullable Breaker breaker, SampledLines lines) {
        this.elsewhere = elsewhere;
        this.breaker = breaker;
        this.lines = lines;
    }

    /** For code that cannot block or that bounds its own time: runs it on the caller's thread. */
    static PluginGuard inline() {
        return INLINE;
    }

    /**
     * For a host's code: runs it on a thread of the executor and gives up waiting after the limit. No more than {@code
     * most} calls run at a time, those that were given up included.
     */
    public static PluginGuard timed(Executor executor, RelayClock clock, Duration limit, int most) {
        Elsewhere elsewhere = new Elsewhere(executor, new TimedCalls(executor, clock, most), clock, limit);
        return new PluginGuard(elsewhere, null, new SampledLines(clock));
    }

    /** From now on at least so many calls may run at a time. */
    public void grow(int most) {
        if (elsewhere != null) {
            elsewhere.calls.grow(most);
        }
    }

    /** Whether what is behind it has not answered lately. */
    boolean isLost() {
        return breaker != null && breaker.isOpen();
    }

    RelayClock clock() {
        return elsewhere == null ? RelayClock.system() : elsewhere.clock;
    }

    /** The same for a shared store: once it has failed several times in a row it is not called for a while. */
    PluginGuard breaking(String store, RelayListener listener, StoreFailure then) {
        Breaker.Listener teller = new StoreBreaker(store, listener, then);
        return new PluginGuard(elsewhere, new Breaker(StoreBreaker.RULE, clock(), teller), lines);
    }

    /** Tells a listener, whose failures are its own. */
    public static void tell(RelayListener listener, RelayEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            LOG.error("RelayListener failed", Printable.failure(e));
        }
    }

    /** Calls a plug-in; empty when it has no answer. {@code late} gets one that came too late. */
    <T> Optional<T> call(String plugin, Supplier<T> call, Consumer<T> late) {
        if (breaker == null) {
            return callUnbroken(plugin, call, late);
        }
        Optional<Optional<T>> called = breaker.run(attempt -> {
            Optional<T> answer = callUnbroken(plugin, call, late);
            if (answer.isPresent()) {
                attempt.succeeded();
            }
            return answer;
        });
        if (called.isEmpty()) {
            LOG.debug("{} not called: it has not answered lately", plugin);
        }
        return called.orElse(Optional.empty());
    }

    private <T> Optional<T> callUnbroken(String plugin, Supplier<T> call, Consumer<T> late) {
        return elsewhere == null ? callHere(plugin, call) : callElsewhere(plugin, call, late, elsewhere);
    }

    private <T> Optional<T> callHere(String plugin, Supplier<T> call) {
        try {
            return answer(plugin, call.get());
        } catch (RuntimeException e) {
            failed(plugin, e);
            return Optional.empty();
        }
    }

    private <T> Optional<T> callElsewhere(String plugin, Supplier<T> call, Consumer<T> late, Elsewhere elsewhere) {
        long deadline = elsewhere.clock.nanoTime() + elsewhere.limit.toNanos();
        try {
            return answer(
                    plugin,
                    elsewhere.calls.call(call, deadline, answer -> giveBack(plugin, late, answer, elsewhere.executor)));
        } catch (RejectedExecutionException e) {
            String why = Printable.of(String.valueOf(e.getMessage()));
            lines.say(plugin + " not called", more -> LOG.error("{} not called: {}{}", plugin, why, more));
        } catch (TimeoutException e) {
            lines.say(
                    plugin + " late",
                    more -> LOG.error("{} did not answer within {}{}", plugin, elsewhere.limit, more));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            failed(plugin, Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.error("{} given up: the relay stops", plugin);
        }
        return Optional.empty();
    }

    /** On another thread than the plug-in's, which was interrupted, or is about to be. */
    private <T> void giveBack(String plugin, Consumer<T> late, T answer, Executor elsewhere) {
        lines.say(
                plugin + " too late",
                more -> LOG.warn("{} answered when nobody waited for it any more{}", plugin, more));
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

    private <T> Optional<T> answer(String plugin, @Nullable T answer) {
        if (answer == null) {
            lines.say(plugin + " null", more -> LOG.error("{} answered null{}", plugin, more));
        }
        return Optional.ofNullable(answer);
    }

    private void failed(String plugin, Throwable failure) {
        lines.say(plugin + " failed", more -> LOG.error("{} failed{}", plugin, more, Printable.failure(failure)));
    }
}
