package dev.postern.management;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Sends events to some clients at a time, each by a thread of its own: one every interval, made when it is due, so that nothing
 * waits for a client that reads slowly. One that does not take an event in time is cut. Safe for use by several threads.
 */
final class EventStreams implements AutoCloseable {

    static final int MOST = 64;

    private static final int IDLE_SECONDS = 30;

    private final AtomicInteger threads = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ThreadPoolExecutor pool;
    private final Watchdog watchdog;
    private final long intervalMillis;

    EventStreams(Duration interval, Duration deadline) {
        intervalMillis = interval.toMillis();
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "postern-management-events-" + threads.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        pool = new ThreadPoolExecutor(0, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons);
        watchdog = new Watchdog(deadline, daemons);
    }

    /** Takes over an exchange, whose status and headers are not sent yet; false when there are too many. */
    boolean take(HttpExchange exchange, ManagementResponse first, Supplier<ManagementResponse> next) {
        try {
            pool.execute(() -> run(exchange, first, next));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void run(HttpExchange exchange, ManagementResponse first, Supplier<ManagementResponse> next) {
        try (exchange) {
            exchange.sendResponseHeaders(first.status(), 0);
            OutputStream out = exchange.getResponseBody();
            ManagementResponse event = first;
            do {
                byte[] body = event.octets();
                watchdog.run(() -> write(out, body));
                if (closed.await(intervalMillis, TimeUnit.MILLISECONDS)) {
                    return;
                }
                event = next.get();
            } while (event.status() == first.status());
        } catch (IOException | UncheckedIOException e) {
            return; // the client has gone, or is too slow
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server closes
        }
    }

    private static void write(OutputStream out, byte[] body) {
        try {
            out.write(body);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        pool.shutdownNow();
        watchdog.close();
    }
}
