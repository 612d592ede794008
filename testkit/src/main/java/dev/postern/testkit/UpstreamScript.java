package dev.postern.testkit;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Which fault comes next. Safe for use by several threads. */
final class UpstreamScript {

    private final Map<Stage, Fault> always = new EnumMap<>(Stage.class);
    private final Map<Stage, Queue<Fault>> once = new EnumMap<>(Stage.class);
    private final Map<String, Fault> recipients = new HashMap<>();

    synchronized void always(Stage stage, Fault fault) {
        always.put(stage, checked(stage, fault));
    }

    synchronized void once(Stage stage, Fault fault) {
        once.computeIfAbsent(stage, key -> new ArrayDeque<>()).add(checked(stage, fault));
    }

    synchronized void recipient(String address, Fault fault) {
        recipients.put(address.toLowerCase(Locale.ROOT), fault);
    }

    synchronized void clear() {
        always.clear();
        once.clear();
        recipients.clear();
    }

    synchronized Optional<Fault> next(Stage stage) {
        Queue<Fault> queue = once.get(stage);
        @Nullable Fault next = queue == null ? null : queue.poll();
        return Optional.ofNullable(next == null ? always.get(stage) : next);
    }

    synchronized Optional<Fault> nextForRecipient(String address) {
        @Nullable Fault own = recipients.get(address.toLowerCase(Locale.ROOT));
        return own == null ? next(Stage.RCPT) : Optional.of(own);
    }

    private static Fault checked(Stage stage, Fault fault) {
        if (stage == Stage.CONNECT && fault instanceof Fault.Say) {
            throw new IllegalArgumentException("nothing can be said at CONNECT; use GREETING");
        }
        return fault;
    }
}
