package dev.postern.internal.connection.subetha;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs SubEtha's sessions on the accepting thread, for all that one does is to hand its connection over, and turns every
 * failure into the one that the accept loop survives: no thread to be had must not be the end of listening.
 */
final class SessionExecutor extends AbstractExecutorService {

    private static final Logger LOG = LoggerFactory.getLogger(SessionExecutor.class);

    private volatile boolean shutdown;

    @Override
    public void execute(Runnable session) {
        try {
            session.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a connection was not taken", e);
            throw new RejectedExecutionException(e);
        }
    }

    @Override
    public void shutdown() {
        shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    /** The listener waits for its sessions itself, within a bound. */
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
