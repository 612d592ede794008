package dev.postern.spool;

import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayClock;
import dev.postern.spool.Engine.Step;
import dev.postern.spool.Suspension.Of;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is not tried for a time. The rows hold for all nodes; what this one goes by was read a second ago at most. Safe for
 * use by several threads.
 */
final class Suspensions {

    /** Which one. */
    private record Key(Of of, String name) {}

    private final Engine engine;
    private final RelayClock clock;
    private volatile Map<Key, Long> ends = Map.of();

    /** When suspensions would have ended that are no more: a message may still come back that was to wait for it. */
    private final Set<Long> over = ConcurrentHashMap.newKeySet();

    /** Of those, the ones for which somebody may wait in the rows. */
    private final Set<Long> toWake = ConcurrentHashMap.newKeySet();

    Suspensions(Engine engine, RelayClock clock) {
        this.engine = engine;
        this.clock = clock;
    }

    /** When an account's messages go on, in milliseconds; 0 when nothing keeps them. */
    long untilOfAccount(String account) {
        return until(new Key(Of.ACCOUNT, account));
    }

    /** The same for one of its messages to a recipient. */
    long until(String account, Recipient recipient) {
        if (ends.isEmpty()) {
            return 0;
        }
        String domain = MailAddress.foldDomain(recipient.address().domain());
        return Math.max(untilOfAccount(account), until(new Key(Of.DOMAIN, domain)));
    }

    private long until(Key key) {
        long end = ends.getOrDefault(key, 0L);
        return end > now() ? end : 0;
    }

    /** Accounts whose messages wait. */
    List<String> accounts() {
        long now = now();
        return ends.entrySet().stream()
                .filter(one -> one.getKey().of() == Of.ACCOUNT && one.getValue() > now)
                .map(one -> one.getKey().name())
                .toList();
    }

    List<Suspension> all() {
        refresh();
        long now = now();
        return ends.entrySet().stream()
                .filter(one -> one.getValue() > now)
                .map(one -> suspension(one.getKey(), one.getValue()))
                .sorted(Comparator.comparing(Suspension::until))
                .toList();
    }

    private static Suspension suspension(Key key, long end) {
        return new Suspension(key.of(), key.name(), Instant.ofEpochMilli(end));
    }

    Suspension suspend(Of of, String name, Duration time) {
        Key key = new Key(of, name);
        long end = now() + time.toMillis();
        engine.transact(Step.CONTROL, connection -> {
            Sql.update(connection, "DELETE FROM postern_spool_suspension WHERE ends <= ?", now());
            replace(connection, key, Optional.of(end));
            return 0;
        });
        refresh();
        return suspension(key, end);
    }

    /** Whether there was one. */
    boolean resume(Of of, String name) {
        boolean was = engine.transact(
                Step.CONTROL, connection -> replace(connection, new Key(of, name), Optional.empty()) > now());
        refresh();
        return was;
    }

    /** Returns when the former one ends; what waits for that moment is tried now, or waits for the new one. */
    private long replace(Connection connection, Key key, Optional<Long> end) throws SQLException {
        long former = Sql.query(
                        connection,
                        "SELECT ends FROM postern_spool_suspension WHERE kind = ? AND name = ?",
                        row -> row.getLong(1),
                        code(key.of()),
                        key.name())
                .stream()
                .findFirst()
                .orElse(0L);
        Sql.update(
                connection,
                "DELETE FROM postern_spool_suspension WHERE kind = ? AND name = ?",
                code(key.of()),
                key.name());
        if (former > now()) {
            wake(connection, former); // here, for who dies behind this transaction would let it wait to the end
        }
        if (end.isPresent()) {
            Sql.update(
                    connection,
                    "INSERT INTO postern_spool_suspension (kind, name, ends) VALUES (?, ?, ?)",
                    code(key.of()),
                    key.name(),
                    end.get());
        }
        return former;
    }

    /** Reads the rows; what waits for one that is no more, here or because of another node, is tried now. */
    void refresh() {
        Map<Key, Long> before = ends;
        Map<Key, Long> read = new HashMap<>();
        engine.query(
                "SELECT kind, name, ends FROM postern_spool_suspension",
                row -> read.put(new Key(of(row.getInt(1)), row.getString(2)), row.getLong(3)));
        long now = now();
        over.removeIf(end -> end <= now);
        before.forEach((key, end) -> {
            if (end > now && !end.equals(read.get(key))) {
                over.add(end); // from now on, who comes back too late to be woken is heard of by isOver
                toWake.add(end);
            }
        });
        ends = read;
        toWake.forEach(this::wake);
    }

    /** Whether a message that comes back waits for the end of a suspension that is over; then the next look wakes it. */
    boolean isOver(long due) {
        boolean isOver = over.contains(due);
        if (isOver) {
            toWake.add(due);
        }
        return isOver;
    }

    private void wake(long end) {
        boolean done = false;
        toWake.remove(end); // first, for what is added meanwhile may be too late for this time
        try {
            engine.transact(Step.RELEASE, connection -> wake(connection, end));
            done = true;
        } finally {
            if (!done) {
                toWake.add(end);
            }
        }
    }

    private int wake(Connection connection, long end) throws SQLException {
        return Sql.update(
                connection,
                "UPDATE postern_spool_message SET due = ? WHERE owner = '' AND state = 0 AND due = ?",
                now(),
                end);
    }

    private long now() {
        return clock.now().toEpochMilli();
    }

    private static int code(Of of) {
        return switch (of) {
            case ACCOUNT -> 0;
            case DOMAIN -> 1;
        };
    }

    private static Of of(int code) {
        return Rows.decoded(Of.values(), Suspensions::code, code, "a suspension of a kind");
    }
}
