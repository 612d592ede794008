package dev.postern.spring;

import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolSettings;
import dev.postern.spool.SpoolStore;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The spool in front of the application's upstreams, which is opened before the relay listens, and closed when the
 * relay has stopped. Available with a bean of type {@link SpoolStore} or with {@code postern.spool.directory}.
 * Thread-safe.
 */
public final class PosternSpool {

    private final SpoolStore store;
    private final SpoolSettings settings;
    private final Consumer<Spool> started;
    private volatile @Nullable Spool spool;

    PosternSpool(SpoolStore store, SpoolSettings settings, Consumer<Spool> started) {
        this.store = store;
        this.settings = settings;
        this.started = started;
    }

    /**
     * Returns the spool.
     *
     * @return the spool of the relay that is running or ran last; a different object after the application's context
     *     was stopped and started again
     * @throws IllegalStateException when the relay has not been started yet
     */
    public Spool spool() {
        Spool last = spool;
        if (last == null) {
            throw new IllegalStateException("there is no spool yet: it is opened with the relay, last of all");
        }
        return last;
    }

    UpstreamDelivery before(UpstreamDelivery next, SpoolInFront.Context context) {
        Spool.Builder builder = Spool.builder(store)
                .settings(settings)
                .listener(context.listener())
                .clock(context.clock());
        if (context.signer() != null) {
            builder.signer(context.signer());
        }
        Spool opened = builder.start(next);
        spool = opened;
        started.accept(opened);
        return opened;
    }

    /** Refuses MAIL while the spool is full, if there is one: a customizer may have set another delivery. */
    EnvelopePolicy capacity() {
        return Spool.capacityPolicy(() -> Optional.ofNullable(spool));
    }
}
