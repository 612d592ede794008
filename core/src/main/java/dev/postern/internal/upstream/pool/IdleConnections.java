package dev.postern.internal.upstream.pool;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.ReadyConnection;
import dev.postern.settings.PoolSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connections that rest between two messages. Safe for use by several threads; holds no lock over I/O. */
public final class IdleConnections {

    private final PoolSettings settings;
    private final LearnedLimits learned;
    /** The last used first, so that the others can grow old. */
    private final Deque<ReadyConnection> resting = new ArrayDeque<>();

    private boolean closed;

    public IdleConnections(PoolSettings settings, LearnedLimits learned) {
        this.settings = settings;
        this.learned = learned;
    }

    /** Returns one that seems alive, without asking it; null when there is none. */
    @Nullable
    public ReadyConnection take() {
        while (true) {
            ReadyConnection ready = takeYoungest();
            if (ready == null) {
                return null;
            }
            Connection connection = ready.connection();
            if (!connection.wake()) {
                connection.close();
            } else if (isWorn(ready)) {
                retire(connection);
            } else {
                return ready;
            }
        }
    }

    /** Returns the one that has rested longest, or null; whether it is there has to be asked. */
    synchronized @Nullable ReadyConnection takeOldest() {
        return resting.pollLast();
    }

    private synchronized @Nullable ReadyConnection takeYoungest() {
        return resting.pollFirst();
    }

    /** Keeps a connection, or says goodbye to it. */
    public void put(ReadyConnection ready) {
        if (isWorn(ready) || !add(ready)) {
            retire(ready.connection());
        }
    }

    /** By our settings, by what the upstream announces (RFC 9422 section 4.1), and by what was learned of it. */
    private boolean isWorn(ReadyConnection ready) {
        int messages = Math.min(settings.maxMessages(), ready.extensions().maxMessages());
        return ready.connection().isWorn(Math.min(messages, learned.maxMessages()), settings.maxAge());
    }

    private static void retire(Connection connection) {
        connection.quit();
        connection.close();
    }

    /** Closes all without a word: the upstream may be gone, and each of them would cost a message a time-out. */
    public void drop() {
        for (ReadyConnection ready = takeOldest(); ready != null; ready = takeOldest()) {
            ready.connection().close();
        }
    }

    private synchronized boolean add(ReadyConnection ready) {
        while (!resting.isEmpty() && resting.getLast().connection().isClosed()) {
            resting.removeLast(); // by the watchdog
        }
        if (closed) {
            return false;
        }
        boolean spare = resting.size() >= settings.min();
        ready.connection().rest(spare ? settings.maxIdle() : settings.maxAge());
        resting.addFirst(ready);
        return true;
    }

    public synchronized int size() {
        resting.removeIf(ready -> ready.connection().isClosed());
        return resting.size();
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    /** Keeps no connection any more, and returns those that it had. */
    public synchronized List<ReadyConnection> close() {
        closed = true;
        List<ReadyConnection> last = new ArrayList<>(resting);
        resting.clear();
        return last;
    }
}
