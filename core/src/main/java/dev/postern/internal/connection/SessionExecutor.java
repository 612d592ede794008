package dev.postern.internal.connection;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs SubEtha's sessions on an executor that is not SubEtha's to shut down, and turns every failure to do so into the
 * one that its accept loop survives.
 */
final class SessionExecutor extends AbstractExecutorService {

    private static final Logger LOG = LoggerFactory.getLogger(SessionExecutor.class);

    private final Executor executor;
    private volatile boolean shutdown;

    SessionExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable session) {
        try {
            executor.execute(session);
        } catch (RejectedExecutionException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            LOG.error("no thread for a session", e);
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
