package dev.postern.stores;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a test has opened; it is closed in the opposite order. For any thread. */
public final class Opened {

    private final List<AutoCloseable> all = new CopyOnWriteArrayList<>();

    /** Takes a resource, and returns it. */
    public <T extends AutoCloseable> T add(T resource) {
        all.add(resource);
        return resource;
    }

    /** Closes all of it. */
    public void close() throws Exception {
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).close();
        }
        all.clear();
    }
}
