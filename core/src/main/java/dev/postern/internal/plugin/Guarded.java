package dev.postern.internal.plugin;

import dev.postern.spi.NonBlocking;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plug-in that can only be called through its guard, with its name for the log. */
public final class Guarded<T> {

    private static final Logger LOG = LoggerFactory.getLogger(PluginGuard.class); // the stage's

    private final String name;
    private final T plugin;
    private final @Nullable PluginGuard guard; // null for one that runs on the caller's thread
    private final @Nullable Count count; // of the others
    private final @Nullable Breaker breaker;
    /** No more than it gave before it was lost. */
    private final Queue<BooleanSupplier> owed = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean settling = new AtomicBoolean();

    /** What became of its calls. */
    private static final class Count {
        private final RelayClock clock;
        private final LongAdder answered = new LongAdder();
        private final LongAdder answeredNanos = new LongAdder();
        private final LongAdder failed = new LongAdder();
        private final LongAdder failedNanos = new LongAdder();

        private Count(RelayClock clock) {
            this.clock = clock;
        }

        private void add(boolean answer, long nanos) {
            (answer ? answered : failed).increment();
            (answer ? answeredNanos : failedNanos).add(Math.max(0, nanos));
        }
    }

    private Guarded(
            String name, T plugin, @Nullable PluginGuard guard, @Nullable Count count, @Nullable Breaker breaker) {
        this.name = name;
        this.plugin = plugin;
        this.guard = guard;
        this.count = count;
        this.breaker = breaker;
    }

    /** A plug-in that may be the host's: the guard stands around it unless it says that it cannot block. */
    public static <T> Guarded<T> of(String name, T plugin, PluginGuard guard) {
        return plugin instanceof NonBlocking
                ? inline(name, plugin)
                : new Guarded<>(name, plugin, guard, new Count(guard.clock()), null);
    }

    /** A plug-in that cannot block or that bounds its own time: it runs on the caller's thread. */
    public static <T> Guarded<T> inline(String name, T plugin) {
        return new Guarded<>(name, plugin, null, null, null);
    }

    /** The same as a shared store: once it has failed several times in a row it is not called for a while. */
    public Guarded<T> breaking(RelayListener listener, StoreFailure then) {
        RelayClock clock = guard == null ? RelayClock.system() : guard.clock();
        Breaker.Listener teller = new StoreBreaker(name, listener, then);
        return new Guarded<>(name, plugin, guard, count, new Breaker(StoreBreaker.RULE, clock, teller));
    }

    /** The name of the interface that it implements. */
    public String name() {
        return name;
    }

    /** Whether it has failed several times in a row, and has not answered since. */
    public boolean isLost() {
        return breaker != null && breaker.isOpen();
    }

    /** What became of its calls; empty for one that runs on the caller's thread. */
    public Optional<RelayFigures.PlugIn> figures() {
        return Optional.ofNullable(count)
                .map(counts -> new RelayFigures.PlugIn(
                        name,
                        counts.answered.sum(),
                        Duration.ofNanos(counts.answeredNanos.sum()),
                        counts.failed.sum(),
                        Duration.ofNanos(counts.failedNanos.sum())));
    }

    /** Asks it; empty when it has no answer. */
    public <R> Optional<R> call(Function<T, R> question) {
        return call(question, (same, late) -> {});
    }

    /** The same for an answer that must be given back: {@code late} gets one that came too late. */
    public <R> Optional<R> call(Function<T, R> question, BiConsumer<T, R> late) {
        Supplier<R> call = () -> question.apply(plugin);
        return counted(() -> unlessBroken(() -> guard == null
                ? PluginGuard.callInline(name, call)
                : guard.call(name, call, answer -> late.accept(plugin, answer))));
    }

    private <R> Optional<R> unlessBroken(Supplier<Optional<R>> call) {
        if (breaker == null) {
            return call.get();
        }
        Optional<Optional<R>> called = breaker.run(attempt -> {
            Optional<R> answer = call.get();
            if (answer.isPresent()) {
                attempt.succeeded();
            }
            return answer;
        });
        if (called.isPresent() && called.get().isPresent()) {
            settleOwed();
        }
        if (called.isEmpty()) {
            LOG.debug("{} not called: it has not answered lately", name);
        }
        return called.orElse(Optional.empty());
    }

    /**
     * Asks it to end what it gave, which nobody else will: in a pause, in which nobody calls it, that is left for when it has
     * answered again. Empty when it has no answer, or is not asked yet.
     */
    public <R> Optional<R> callToSettle(Function<T, R> question) {
        return callOrOwe(question, same -> {
            R unused = question.apply(same);
        });
    }

    /** The same for what has no answer; false when it failed, or is not asked yet. */
    public boolean settle(Consumer<T> action) {
        return callOrOwe(answered(action), action).isPresent();
    }

    private <R> Optional<R> callOrOwe(Function<T, R> question, Consumer<T> later) {
        AtomicBoolean asked = new AtomicBoolean();
        try {
            return call(same -> {
                asked.set(true);
                return question.apply(same);
            });
        } finally {
            if (!asked.get()) { // also when there was no thread for it
                owed.add(() -> settle(later));
            }
        }
    }

    /** Has something done behind its next answer, as what is settled later; false when it must be left alone then. */
    public void whenItAnswers(BooleanSupplier action) {
        owed.add(action);
    }

    /** On a thread for which nobody waits. */
    private void settleOwed() {
        if (owed.isEmpty() || settling.get()) {
            return;
        }
        if (guard == null) {
            settleAll();
        } else {
            guard.elsewhere(name, this::settleAll);
        }
    }

    /** By one thread. What is left when one of them fails, or is not asked again, waits for the next answer. */
    private void settleAll() {
        if (!settling.compareAndSet(false, true)) {
            return;
        }
        try {
            BooleanSupplier next = owed.poll();
            while (next != null && next.getAsBoolean()) {
                next = owed.poll();
            }
        } finally {
            settling.set(false);
        }
    }

    /** Asks it from inside of another stage's code, to which it cannot return that it has no answer. */
    public <R> R require(Function<T, R> question) {
        return call(question).orElseThrow(() -> new PluginFailure(name));
    }

    /** Has it do something; false when it failed. */
    public boolean run(Consumer<T> action) {
        return call(answered(action)).isPresent();
    }

    private static <T> Function<T, Boolean> answered(Consumer<T> action) {
        return same -> {
            action.accept(same);
            return Boolean.TRUE;
        };
    }

    private <R> Optional<R> counted(Supplier<Optional<R>> call) {
        if (count == null) {
            return call.get();
        }
        long begun = count.clock.nanoTime();
        boolean answered = false;
        try {
            Optional<R> answer = call.get();
            answered = answer.isPresent();
            return answer;
        } finally {
            count.add(answered, count.clock.nanoTime() - begun);
        }
    }
}
