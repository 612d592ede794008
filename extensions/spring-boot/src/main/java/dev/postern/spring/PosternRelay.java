package dev.postern.spring;

import dev.postern.SmtpRelay;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * The application's relay, with the application's life: it starts when all else has, and stops before all else. Messages in
 * flight then have a second less than {@code spring.lifecycle.timeout-per-shutdown-phase} to end, half of it where that is
 * under two seconds. Starts again at the ports that it had. Safe for use by several threads.
 */
public final class PosternRelay implements SmartLifecycle, DisposableBean {

    private static final Duration CLOSING = Duration.ofSeconds(1); // for what follows when the grace is over

    private final RelayFactory factory;
    private final Duration grace;
    private List<InetSocketAddress> addresses = List.of(); // guarded by this
    private @Nullable SmtpRelay relay; // guarded by this

    PosternRelay(RelayFactory factory, Duration shutdownPhase) {
        this.factory = factory;
        Duration half = shutdownPhase.dividedBy(2);
        this.grace = shutdownPhase.minus(CLOSING.compareTo(half) < 0 ? CLOSING : half);
    }

    /**
     * Returns the relay that runs, to watch and steer it.
     *
     * @return the relay; another one after the application's context was stopped and started again
     * @throws IllegalStateException when none runs: the application has not started yet, or it stops
     */
    public synchronized SmtpRelay relay() {
        if (relay == null) {
            throw new IllegalStateException("the relay does not run: it starts last of all, and stops first");
        }
        return relay;
    }

    /**
     * Starts the relay, where none runs.
     *
     * @throws dev.postern.RelayStartException when it cannot listen, or an upstream is not ready and {@code
     *     postern.verify-upstreams} is set
     * @throws IllegalStateException when properties and beans leave out what it needs
     */
    @Override
    public synchronized void start() {
        if (relay == null) {
            relay = factory.start(addresses);
            addresses = relay.addresses();
        }
    }

    /** Stops the relay, and returns when it has; {@link #stop(Runnable)} does so elsewhere. */
    @Override
    public void stop() {
        stop(grace);
    }

    /**
     * Stops the relay on a thread of its own.
     *
     * @param callback called when it has stopped
     */
    @Override
    public void stop(Runnable callback) {
        new Thread(
                        () -> {
                            try {
                                stop();
                            } finally {
                                callback.run();
                            }
                        },
                        "postern-stop")
                .start();
    }

    /** Ends the relay of an application that could not start to its end. */
    @Override
    public void destroy() {
        stop(Duration.ZERO);
    }

    private void stop(Duration longest) {
        SmtpRelay running;
        synchronized (this) {
            running = relay;
        }
        if (running != null) {
            running.stop(longest);
            synchronized (this) {
                relay = relay == running ? null : relay; // another one may have been started since
            }
        }
    }

    /** Tells whether the relay runs. */
    @Override
    public synchronized boolean isRunning() {
        return relay != null;
    }

    /** Returns the last phase: it starts last, and stops first. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
