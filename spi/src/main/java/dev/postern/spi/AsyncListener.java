package dev.postern.spi;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Passes events to another listener through a bounded queue and a daemon thread, which starts with the first event.
 * Made by {@link RelayListener#async}. Thread-safe; several relays may share one.
 */
public final class AsyncListener implements RelayListener, AutoCloseable {

    private static final Logger LOG = System.getLogger(AsyncListener.class.getName());
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Ends a thread's loop; not passed to the listener. */
    private static final RelayEvent END = new RelayEvent() {};

    private final RelayListener listener;
    private final BlockingQueue<RelayEvent> waiting;
    private final LongAdder dropped = new LongAdder();
    private volatile @Nullable Thread thread; // changed under this object's lock
    private int relays; // guarded by this
    private boolean endsWhenEmpty; // the thread's alone

    AsyncListener(RelayListener listener, int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be 1 or more, not " + capacity);
        }
        this.listener = Objects.requireNonNull(listener, "listener");
        this.waiting = new LinkedBlockingQueue<>(capacity); // takes memory for what waits, not for what may
    }

    @Override
    public void on(RelayEvent event) {
        if (event instanceof RelayEvent.RelayStarted) {
            begun();
        }
        if (!waiting.offer(event)) {
            dropped.increment();
        }
        if (thread == null) {
            startThread();
        }
        if (event instanceof RelayEvent.RelayClosed && ended()) {
            close();
        }
    }

    /** {@return how many events were dropped because the queue was full or the listener did not finish in time} */
    public long dropped() {
        return dropped.sum();
    }

    /** {@return how many events are queued, not counting the one that the listener is handling} */
    public int waiting() {
        return waiting.size();
    }

    /**
     * Delivers the queued events, for at most 5 seconds, and ends the thread. Called when the last of its relays has
     * ended. A later event starts a new thread.
     */
    @Override
    public void close() {
        Thread ending = thread;
        if (ending == null) {
            return;
        }
        if (ending == Thread.currentThread()) { // the listener has ended its relay, or this
            endsWhenEmpty = true;
            return;
        }
        long end = RelayClock.system().nanoTime() + PATIENCE_NANOS;
        boolean interrupted = false;
        try {
            if (waiting.offer(END, PATIENCE_NANOS, TimeUnit.NANOSECONDS)) {
                ending.join(Math.max(
                        1,
                        TimeUnit.NANOSECONDS.toMillis(end - RelayClock.system().nanoTime())));
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (ending.isAlive()) {
            ending.interrupt();
            dropped.add(waiting.stream().filter(event -> event != END).count());
            waiting.clear();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void begun() {
        relays++;
    }

    private synchronized boolean ended() {
        return --relays <= 0;
    }

    private synchronized void startThread() {
        if (thread == null) {
            Thread fresh = new Thread(this::run, "postern-listener");
            fresh.setDaemon(true);
            thread = fresh;
            fresh.start();
        }
    }

    private void run() {
        try {
            for (RelayEvent event = waiting.take(); event != END; event = next()) {
                tell(event);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it took too long to end
        } finally {
            endsWhenEmpty = false;
            thread = null;
            if (!waiting.isEmpty() && !Thread.currentThread().isInterrupted()) {
                startThread(); // for events that came while this thread was ending
            }
        }
    }

    private RelayEvent next() throws InterruptedException {
        return endsWhenEmpty && waiting.isEmpty() ? END : waiting.take();
    }

    private void tell(RelayEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "RelayListener failed", e);
        }
    }
}
