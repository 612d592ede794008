package dev.postern.spring;

import dev.postern.SmtpRelay;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;

/**
 * The application's relay, which follows the application's lifecycle: it starts after everything else, and stops first.
 * Messages in flight then get a second less than {@code spring.lifecycle.timeout-per-shutdown-phase} to finish, or half
 * of it if that is under two seconds. A restart uses the same ports. Thread-safe.
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
     * Returns the running relay.
     *
     * @return the relay; a different object after the application's context was stopped and started again
     * @throws IllegalStateException when none is running: the application has not started yet, or is stopping
     */
    public synchronized SmtpRelay relay() {
        if (relay == null) {
            throw new IllegalStateException("the relay does not run: it starts last of all, and stops first");
        }
        return relay;
    }

    /**
     * Starts the relay if none is running.
     *
     * @throws dev.postern.RelayStartException when it cannot listen, or an upstream is not ready and {@code
     *     postern.verify-upstreams} is set
     * @throws IllegalStateException when properties and beans do not provide what it needs
     */
    @Override
    public synchronized void start() {
        if (relay == null) {
            relay = factory.start(addresses);
            addresses = relay.addresses();
        }
    }

    /** Stops the relay, and returns when it has stopped; {@link #stop(Runnable)} does so on another thread. */
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

    /** Stops the relay of an application that failed to start completely. */
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

    /** Returns whether the relay is running. */
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
