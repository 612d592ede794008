package dev.postern.jdbc;

import dev.postern.stores.Ledgers;
import dev.postern.stores.Ledgers.Standing;
import dev.postern.stores.Ledgers.Terms;
import dev.postern.stores.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Rows of {@code postern_ledger} and what is held of them, in transactions that any of the databases understands. Every
 * transaction locks the ledger first, so that none of them wait for each other in a ring.
 */
class LedgerRows {

    /** A wish for units; the id names what holds them. */
    record Ask(String id, long units) {}

    /**
     * What came of wishes.
     *
     * @param standing the ledger right after, or right before when nothing was held
     * @param held units by id, all that it holds; empty when they were refused together
     * @param stale whether the ledger counts what nodes hold that are gone
     */
    record Outcome(Standing standing, Map<String, Long> held, boolean stale) {}

    private static final String DEAD = " FROM postern_hold h WHERE h.kind = ? AND h.name = ?"
            + " AND NOT EXISTS (SELECT 1 FROM postern_node n WHERE n.id = h.node";

    final Database database;
    final String now;

    LedgerRows(Database database) {
        this.database = database;
        this.now = database.dialect().now;
    }

    static LedgerRows of(Database database) {
        return database.dialect() == Dialect.POSTGRESQL ? new PostgresLedgerRows(database) : new LedgerRows(database);
    }

    /** Holds all that is asked for, or nothing. */
    Outcome hold(Terms terms, List<Ask> asks, String node) {
        long units = asks.stream().mapToLong(Ask::units).sum();
        return database.transact(connection -> {
            Standing before = lock(connection, terms.key());
            Standing turned =
                    before.period() >= terms.start() ? before : new Standing(before.now(), terms.start(), 0, 0);
            boolean inPeriod = before.now() >= terms.start() && before.now() < terms.end();
            if (!inPeriod || units > terms.limit() - turned.used() - turned.held()) {
                return new Outcome(turned, Map.of(), stale(connection, terms.key()));
            }
            Standing after = new Standing(turned.now(), turned.period(), turned.used(), turned.held() + units);
            write(connection, terms.key(), after);
            Map<String, Long> held = new LinkedHashMap<>();
            for (Ask ask : asks) {
                held.put(ask.id, grow(connection, terms.key(), after.period(), ask, node));
            }
            return new Outcome(after, held, false);
        });
    }

    /** Deletes nothing that is not there: MySQL would lock the gap, where others insert rows of theirs. */
    private static long grow(Connection connection, Ledgers.Key key, long period, Ask ask, String node)
            throws SQLException {
        List<Long> before = Database.query(
                connection,
                "SELECT CASE WHEN period = ? THEN units ELSE 0 END FROM postern_hold WHERE id = ?",
                rows -> rows.next() ? List.of(rows.getLong(1)) : List.of(),
                period,
                ask.id);
        if (before.isEmpty()) {
            insertHold(connection, key, period, ask, node);
            return ask.units;
        }
        long units = before.get(0) + ask.units;
        Database.update(
                connection,
                "UPDATE postern_hold SET units = ?, period = ?, node = ? WHERE id = ?",
                units,
                period,
                node,
                ask.id);
        return units;
    }

    private static void insertHold(Connection connection, Ledgers.Key key, long period, Ask ask, String node)
            throws SQLException {
        Database.update(
                connection,
                "INSERT INTO postern_hold (id, kind, name, period, units, node) VALUES (?, ?, ?, ?, ?, ?)",
                ask.id,
                key.kind(),
                key.name(),
                period,
                ask.units,
                node);
    }

    /** Ends holds: the units asked for become used, up to what was held; 0 gives everything back. */
    Standing settle(Ledgers.Key key, List<Ask> asks) {
        return database.transact(connection -> {
            Standing standing = lock(connection, key);
            long used = standing.used();
            long held = standing.held();
            for (Ask ask : asks) {
                long units = Database.query(
                        connection,
                        "SELECT units FROM postern_hold WHERE id = ? AND kind = ? AND name = ? AND period = ?",
                        rows -> rows.next() ? rows.getLong(1) : 0L,
                        ask.id,
                        key.kind(),
                        key.name(),
                        standing.period());
                used += Math.min(units, ask.units);
                held -= units;
                Database.update(
                        connection,
                        "DELETE FROM postern_hold WHERE id = ? AND kind = ? AND name = ?",
                        ask.id,
                        key.kind(),
                        key.name());
            }
            Standing after = new Standing(standing.now(), standing.period(), used, held);
            write(connection, key, after);
            return after;
        });
    }

    /** Ledgers of which nodes hold something that are gone. */
    List<Ledgers.Key> abandoned() {
        return database.run(connection -> Database.query(
                connection,
                "SELECT DISTINCT kind, name FROM postern_hold WHERE node NOT IN (SELECT id FROM postern_node)",
                rows -> {
                    List<Ledgers.Key> keys = new ArrayList<>();
                    while (rows.next()) {
                        keys.add(new Ledgers.Key(rows.getString(1), rows.getString(2)));
                    }
                    return keys;
                }));
    }

    /** Gives back what nodes hold that are gone; returns how much it was. */
    long reap(Ledgers.Key key) {
        return database.transact(connection -> {
            Standing standing = lock(connection, key);
            Database.update(
                    connection,
                    "DELETE FROM postern_hold WHERE kind = ? AND name = ? AND node NOT IN (SELECT id FROM postern_node)",
                    key.kind(),
                    key.name());
            // what is left, and not what is gone: a node can go between two statements, for no lock keeps it
            long left = Database.queryFirst(
                    connection,
                    "SELECT COALESCE(SUM(units), 0) FROM postern_hold WHERE kind = ? AND name = ? AND period = ?",
                    rows -> rows.getLong(1),
                    key.kind(),
                    key.name(),
                    standing.period());
            write(connection, key, new Standing(standing.now(), standing.period(), standing.used(), left));
            return standing.held() - left;
        });
    }

    /** Changes what is used. */
    Standing adjust(Ledgers.Key key, long start, LongUnaryOperator change) {
        return database.transact(connection -> {
            Standing before = lock(connection, key);
            Standing after = before.period() >= start
                    ? new Standing(before.now(), before.period(), change.applyAsLong(before.used()), before.held())
                    : new Standing(before.now(), start, change.applyAsLong(0), 0);
            write(connection, key, after);
            return after;
        });
    }

    /** Holds what is held already, whatever the limit, for a node that has lost its lease and goes on. */
    void adopt(Ledgers.Key key, Ask ask, String node) {
        database.transact(connection -> {
            Standing standing = lock(connection, key);
            int kept = Database.update(connection, "UPDATE postern_hold SET node = ? WHERE id = ?", node, ask.id);
            if (kept == 0) {
                insertHold(connection, key, standing.period(), ask, node);
                write(
                        connection,
                        key,
                        new Standing(standing.now(), standing.period(), standing.used(), standing.held() + ask.units));
            }
            return 0;
        });
    }

    /** Tells whether what an id holds is counted, and will be as long as its node lives. */
    boolean holds(String id) {
        return database.run(connection -> Database.query(
                connection,
                "SELECT 1 FROM postern_hold h JOIN postern_node n ON n.id = h.node WHERE h.id = ?",
                rows -> rows.next(),
                id));
    }

    /** Returns how a ledger stands without what nodes hold that are gone. */
    Standing standing(Ledgers.Key key) {
        return database.run(connection -> Database.queryFirst(
                connection,
                "SELECT t.now, l.period, l.used, l.held - (SELECT COALESCE(SUM(h.units), 0)" + DEAD
                        + " AND n.expires > "
                        + now + ") AND h.period = l.period) FROM (SELECT " + now
                        + " AS now) t LEFT JOIN postern_ledger l ON l.kind = ? AND l.name = ?",
                rows -> new Standing(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4)),
                key.kind(),
                key.name(),
                key.kind(),
                key.name()));
    }

    private boolean stale(Connection connection, Ledgers.Key key) throws SQLException {
        return Database.query(
                connection,
                "SELECT 1" + DEAD + " AND n.expires > " + now + ")",
                rows -> rows.next(),
                key.kind(),
                key.name());
    }

    /** Comes first in a transaction, for it may end one and begin another. */
    private Standing lock(Connection connection, Ledgers.Key key) throws SQLException {
        List<Standing> found = locked(connection, key);
        while (found.isEmpty()) { // also when housekeeping was faster than the next lock
            connection.rollback(); // MySQL has locked the gap, also against others who insert another row there
            // one of several that insert at once fails by the primary key, and is tried again. Its period is over:
            // nobody has checked yet that the present one is what the node takes for it
            Database.update(
                    connection,
                    "INSERT INTO postern_ledger (kind, name, period, used, held) VALUES (?, ?, 0, 0, 0)",
                    key.kind(),
                    key.name());
            connection.commit();
            found = locked(connection, key);
        }
        return found.get(0);
    }

    private List<Standing> locked(Connection connection, Ledgers.Key key) throws SQLException {
        return Database.query(
                connection,
                "SELECT " + now + ", period, used, held FROM postern_ledger WHERE kind = ? AND name = ? FOR UPDATE",
                rows -> {
                    List<Standing> found = new ArrayList<>(1);
                    while (rows.next()) {
                        found.add(new Standing(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4)));
                    }
                    return found;
                },
                key.kind(),
                key.name());
    }

    private static void write(Connection connection, Ledgers.Key key, Standing standing) throws SQLException {
        try (PreparedStatement statement = Database.prepare(
                connection,
                "UPDATE postern_ledger SET period = ?, used = ?, held = ? WHERE kind = ? AND name = ?",
                standing.period(),
                standing.used(),
                standing.held(),
                key.kind(),
                key.name())) {
            if (statement.executeUpdate() != 1) {
                throw new StoreException("the ledger's row went while it was locked");
            }
        }
    }

    /** Writes down that a ledger's sessions are to end. Two who do so at once: the second one's row is tried again. */
    final void revoke(Ledgers.Key key) {
        database.transact(connection -> {
            int rows = Database.update(
                    connection,
                    "UPDATE postern_revocation SET at = " + now + " WHERE kind = ? AND name = ?",
                    key.kind(),
                    key.name());
            return rows > 0
                    ? rows
                    : Database.update(
                            connection,
                            "INSERT INTO postern_revocation (kind, name, at) VALUES (?, ?, " + now + ")",
                            key.kind(),
                            key.name());
        });
    }

    /** What was written down so lately. */
    final List<Ledgers.Revoked> revoked(Duration within) {
        return database.run(connection -> Database.query(
                connection,
                "SELECT kind, name, " + now + " - at FROM postern_revocation WHERE at >= " + now + " - ?",
                rows -> {
                    List<Ledgers.Revoked> revoked = new ArrayList<>();
                    while (rows.next()) {
                        revoked.add(new Ledgers.Revoked(
                                new Ledgers.Key(rows.getString(1), rows.getString(2)),
                                Duration.ofMillis(Math.max(0, rows.getLong(3)))));
                    }
                    return revoked;
                },
                within.toMillis()));
    }
}
