package dev.postern.internal.plugin;

import dev.postern.internal.reply.Printable;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
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
import org.slf4j.MDC;

/**
 * Stands around every plug-in. One that throws, answers null or takes too long has no answer, and its caller refuses
 * temporarily; the cause goes to the log. An {@link Error} goes on to the session's panic boundary.
 */
public final class PluginGuard {

    private static final Logger LOG = LoggerFactory.getLogger(PluginGuard.class);
    private static final SampledLines INLINE_LINES = new SampledLines(RelayClock.system());

    private final Executor executor;
    private final TimedCalls calls;
    private final RelayClock clock;
    private final Duration limit;
    private final SampledLines lines;

    private PluginGuard(Executor executor, RelayClock clock, Duration limit, int most) {
        this.executor = executor;
        this.calls = new TimedCalls(executor, clock, most);
        this.clock = clock;
        this.limit = limit;
        this.lines = new SampledLines(clock);
    }

    /**
     * For a host's code: runs it on a thread of the executor and gives up waiting after the limit. No more than {@code
     * most} calls run at a time, those that were given up included.
     */
    public static PluginGuard timed(Executor executor, RelayClock clock, Duration limit, int most) {
        return new PluginGuard(executor, clock, limit, most);
    }

    /** From now on at least so many calls may run at a time. */
    public void grow(int most) {
        calls.grow(most);
    }

    RelayClock clock() {
        return clock;
    }

    /** Tells a listener, whose failures are its own, Errors too: it hears of what is so whatever becomes of its thread. */
    public static void tell(RelayListener listener, RelayEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed", inSession("RelayListener"), Printable.failure(e));
        }
    }

    /** Calls code that cannot block or that bounds its own time, on the caller's thread; empty when it has no answer. */
    static <T> Optional<T> callInline(String plugin, Supplier<T> call) {
        try {
            return answer(plugin, call.get(), INLINE_LINES);
        } catch (RuntimeException e) {
            failed(plugin, e, INLINE_LINES);
            return Optional.empty();
        }
    }

    /** Calls a host's code; empty when it has no answer. {@code late} gets one that came too late. */
    <T> Optional<T> call(String plugin, Supplier<T> call, Consumer<T> late) {
        long deadline = clock.nanoTime() + limit.toNanos();
        try {
            return answer(plugin, calls.call(call, deadline, answer -> giveBack(plugin, late, answer)), lines);
        } catch (RejectedExecutionException e) {
            String why = Printable.of(String.valueOf(e.getMessage()));
            lines.say(plugin + " not called", more -> LOG.error("{} not called: {}{}", inSession(plugin), why, more));
        } catch (TimeoutException e) {
            lines.say(
                    plugin + " late",
                    more -> LOG.error("{} did not answer within {}{}", inSession(plugin), limit, more));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            failed(plugin, Objects.requireNonNullElse(e.getCause(), e), lines);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.error("{} given up: the relay stops", inSession(plugin));
        }
        return Optional.empty();
    }

    /** On another thread than the plug-in's, which was interrupted, or is about to be. */
    private <T> void giveBack(String plugin, Consumer<T> late, T answer) {
        lines.say(
                plugin + " too late",
                more -> LOG.warn("{} answered when nobody waited for it any more{}", plugin, more));
        elsewhere(plugin, () -> late.accept(answer));
    }

    /** Gives something back on a thread of its own, for which nobody waits. */
    void elsewhere(String plugin, Runnable giveBack) {
        try {
            executor.execute(() -> {
                try {
                    giveBack.run();
                } catch (RuntimeException | Error e) {
                    LOG.error("{} was not given back what it gave", plugin, Printable.failure(e));
                }
            });
        } catch (RejectedExecutionException | Error e) { // the relay stops, or there are no more threads
            LOG.error("{} was not given back what it gave: there is no thread for it", plugin, e);
        }
    }

    private static <T> Optional<T> answer(String plugin, @Nullable T answer, SampledLines lines) {
        if (answer == null) {
            lines.say(plugin + " null", more -> LOG.error("{} answered null{}", inSession(plugin), more));
        }
        return Optional.ofNullable(answer);
    }

    private static void failed(String plugin, Throwable failure, SampledLines lines) {
        lines.say(
                plugin + " failed",
                more -> LOG.error("{} failed{}", inSession(plugin), more, Printable.failure(failure)));
    }

    /** With the id of the session whose thread this is, by which a client's report is found in a log of plain text. */
    private static String inSession(String plugin) {
        String session = MDC.get("session");
        return session == null ? plugin : session + " " + plugin;
    }
}
