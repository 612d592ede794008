package dev.postern.jdbc;

import dev.postern.stores.Ledgers;
import dev.postern.stores.Ledgers.Standing;
import dev.postern.stores.Ledgers.Terms;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What happens for each message, in one statement and so in one round trip, on PostgreSQL. */
final class PostgresLedgerRows extends LedgerRows {

    private static final String ASKED_MANY = "SELECT * FROM unnest(?, ?) AS a (id, units)";

    /**
     * With an array as its parameter a statement would be planned at each execution, which takes longer than to run it.
     */
    private static final String ASKED_ONE = "SELECT CAST(? AS VARCHAR) AS id, CAST(? AS BIGINT) AS units";

    /**
     * The ledger's row is inserted or grown where its limit allows, which locks it and looks at its newest version; holds
     * follow from what that returned. When it returned nothing, the last line says how the ledger stands.
     */
    private static final String HOLD = """
            WITH asked AS (%s),
            t AS (SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now),
            p AS (SELECT CAST(? AS VARCHAR) AS kind, CAST(? AS VARCHAR) AS name, CAST(? AS BIGINT) AS start,
                CAST(? AS BIGINT) AS period_end, CAST(? AS BIGINT) AS max, CAST(? AS VARCHAR) AS node,
                (SELECT CAST(sum(units) AS BIGINT) FROM asked) AS units),
            grown AS (
                INSERT INTO postern_ledger AS l (kind, name, period, used, held)
                SELECT p.kind, p.name, p.start, 0, p.units FROM p, t
                WHERE t.now >= p.start AND t.now < p.period_end AND p.units <= p.max
                ON CONFLICT (kind, name) DO UPDATE SET
                    period = greatest(l.period, excluded.period),
                    used = CASE WHEN l.period < excluded.period THEN 0 ELSE l.used END,
                    held = CASE WHEN l.period < excluded.period THEN 0 ELSE l.held END + excluded.held
                WHERE l.period < excluded.period
                    OR excluded.held <= (SELECT max FROM p) - l.used - l.held
                RETURNING l.period, l.used, l.held),
            kept AS (
                INSERT INTO postern_hold AS h (id, kind, name, period, units, node)
                SELECT asked.id, p.kind, p.name, grown.period, asked.units, p.node FROM asked, p, grown
                ON CONFLICT (id) DO UPDATE SET
                    units = CASE WHEN h.period = excluded.period THEN h.units ELSE 0 END + excluded.units,
                    period = excluded.period, node = excluded.node
                RETURNING h.id, h.units)
            SELECT t.now, coalesce(grown.period, l.period, 0), coalesce(grown.used, l.used, 0),
                coalesce(grown.held, l.held, 0), kept.id, kept.units,
                grown.period IS NULL AND EXISTS (
                    SELECT 1 FROM postern_hold h WHERE h.kind = p.kind AND h.name = p.name
                    AND NOT EXISTS (SELECT 1 FROM postern_node n WHERE n.id = h.node AND n.expires > t.now))
            FROM t CROSS JOIN p LEFT JOIN grown ON true LEFT JOIN kept ON true
                LEFT JOIN postern_ledger l ON grown.period IS NULL AND l.kind = p.kind AND l.name = p.name""";

    /** The ledger is locked first, as everywhere. */
    private static final String SETTLE = """
            WITH asked AS (%s),
            l AS MATERIALIZED (
                SELECT kind, name, period FROM postern_ledger WHERE kind = ? AND name = ? FOR UPDATE),
            gone AS (
                DELETE FROM postern_hold h USING asked, l
                WHERE h.id = asked.id AND h.kind = l.kind AND h.name = l.name
                RETURNING CASE WHEN h.period = l.period THEN h.units ELSE 0 END AS held, asked.units AS used),
            s AS (
                SELECT CAST(coalesce(sum(held), 0) AS BIGINT) AS freed, CAST(coalesce(sum(least(held, used)), 0) AS BIGINT) AS used FROM gone)
            UPDATE postern_ledger p SET held = p.held - s.freed, used = p.used + s.used FROM s, l
            WHERE p.kind = l.kind AND p.name = l.name
            RETURNING CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT), p.period, p.used, p.held""";

    PostgresLedgerRows(Database database) {
        super(database);
    }

    @Override
    Outcome hold(Terms terms, List<Ask> asks, String node) {
        return database.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(statementFor(HOLD, asks))) {
                int next = bind(statement, connection, asks);
                statement.setString(next, terms.key().kind());
                statement.setString(next + 1, terms.key().name());
                statement.setLong(next + 2, terms.start());
                statement.setLong(next + 3, terms.end());
                statement.setLong(next + 4, terms.limit());
                statement.setString(next + 5, node);
                try (ResultSet rows = statement.executeQuery()) {
                    return outcome(rows, terms);
                }
            }
        });
    }

    private static Outcome outcome(ResultSet rows, Terms terms) throws SQLException {
        Map<String, Long> held = new LinkedHashMap<>();
        Standing standing = new Standing(0, 0, 0, 0);
        boolean stale = false;
        while (rows.next()) {
            standing = new Standing(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4));
            stale = rows.getBoolean(7);
            String id = rows.getString(5);
            if (id != null) {
                held.put(id, rows.getLong(6));
            }
        }
        return new Outcome(
                standing.period() >= terms.start() ? standing : new Standing(standing.now(), terms.start(), 0, 0),
                held,
                stale);
    }

    @Override
    Standing settle(Ledgers.Key key, List<Ask> asks) {
        return database.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(statementFor(SETTLE, asks))) {
                int next = bind(statement, connection, asks);
                statement.setString(next, key.kind());
                statement.setString(next + 1, key.name());
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next()
                            ? new Standing(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4))
                            : new Standing(0, 0, 0, 0);
                }
            }
        });
    }

    private static String statementFor(String text, List<Ask> asks) {
        return text.formatted(asks.size() == 1 ? ASKED_ONE : ASKED_MANY);
    }

    private static int bind(PreparedStatement statement, Connection connection, List<Ask> asks) throws SQLException {
        if (asks.size() == 1) {
            statement.setString(1, asks.get(0).id());
            statement.setLong(2, asks.get(0).units());
            return 3;
        }
        Array ids =
                connection.createArrayOf("varchar", asks.stream().map(Ask::id).toArray());
        Array units =
                connection.createArrayOf("bigint", asks.stream().map(Ask::units).toArray());
        statement.setArray(1, ids);
        statement.setArray(2, units);
        return 3;
    }
}
