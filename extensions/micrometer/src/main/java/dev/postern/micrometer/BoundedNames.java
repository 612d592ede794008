package dev.postern.micrometer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Names that come from outside as values of a tag: the first ones as they are, further ones as one. Safe for use by several threads. */
final class BoundedNames {

    static final String OTHER = "other";

    private final int most;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    BoundedNames(int most) {
        this.most = most;
    }

    String of(String name) {
        return known.contains(name) || admit(name) ? name : OTHER;
    }

    private synchronized boolean admit(String name) {
        return known.size() < most && known.add(name) || known.contains(name);
    }
}
