package dev.postern.internal.plugin;

import dev.postern.spi.NonBlocking;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** A plug-in that can only be called through its guard, with its name for the log. */
public final class Guarded<T> {

    private final String name;
    private final T plugin;
    private final PluginGuard guard;

    private Guarded(String name, T plugin, PluginGuard guard) {
        this.name = name;
        this.plugin = plugin;
        this.guard = guard;
    }

    /** A plug-in that may be the host's: the guard stands around it unless it says that it cannot block. */
    public static <T> Guarded<T> of(String name, T plugin, PluginGuard guard) {
        return plugin instanceof NonBlocking ? inline(name, plugin) : new Guarded<>(name, plugin, guard);
    }

    /** A plug-in that cannot block or that bounds its own time: it runs on the caller's thread. */
    public static <T> Guarded<T> inline(String name, T plugin) {
        return new Guarded<>(name, plugin, PluginGuard.inline());
    }

    /** The same as a shared store: once it has failed several times in a row it is not called for a while. */
    public Guarded<T> breaking(RelayListener listener, StoreFailure then) {
        return new Guarded<>(name, plugin, guard.breaking(name, listener, then));
    }

    /** Asks it; empty when it has no answer. */
    public <R> Optional<R> call(Function<T, R> question) {
        return guard.call(name, () -> question.apply(plugin));
    }

    /** The same for an answer that must be given back: {@code late} gets one that came too late. */
    public <R> Optional<R> call(Function<T, R> question, BiConsumer<T, R> late) {
        return guard.call(name, () -> question.apply(plugin), answer -> late.accept(plugin, answer));
    }

    /**
     * Asks it from inside of another stage's code.
     *
     * @throws PluginFailure when it has no answer
     */
    public <R> R require(Function<T, R> question) {
        return call(question).orElseThrow(() -> new PluginFailure(name));
    }

    /** Has it do something; false when it failed. */
    public boolean run(Consumer<T> action) {
        return guard.call(name, () -> {
                    action.accept(plugin);
                    return Boolean.TRUE;
                })
                .isPresent();
    }
}
