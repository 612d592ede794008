package dev.postern.jdbc;

import dev.postern.spi.CanonicalName;
import dev.postern.spi.MailAddress;
import dev.postern.stores.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Brings the names that stand in tables of an older version into their canonical form. What a database can do of it differs
 * from engine to engine, so it is done here. Two users or accounts that become one are for a person to settle.
 */
final class CanonicalNames {

    /** From this version of the tables on, names are canonical. */
    static final int VERSION = 3;

    private CanonicalNames() {}

    static void adopt(Connection connection) throws SQLException {
        users(connection);
        accounts(connection);
        domains(connection);
        ledgers(connection);
    }

    private static void users(Connection connection) throws SQLException {
        for (String name : others(connection, "postern_user", CanonicalName::ofUser)) {
            String canonical = CanonicalName.ofUser(name);
            requireFree(connection, "postern_user", name, canonical);
            Database.update(connection, "UPDATE postern_user SET name = ? WHERE name = ?", canonical, name);
        }
    }

    private static void accounts(Connection connection) throws SQLException {
        for (String name : others(connection, "postern_account", CanonicalName::ofAccount)) {
            String canonical = CanonicalName.ofAccount(name);
            requireFree(connection, "postern_account", name, canonical);
            Database.update(
                    connection,
                    "INSERT INTO postern_account (name, plan, zone, relay_enabled)"
                            + " SELECT ?, plan, zone, relay_enabled FROM postern_account WHERE name = ?",
                    canonical,
                    name);
            Database.update(connection, "UPDATE postern_user SET account = ? WHERE account = ?", canonical, name);
            Database.update(connection, "UPDATE postern_domain SET account = ? WHERE account = ?", canonical, name);
            Database.update(connection, "DELETE FROM postern_account WHERE name = ?", name);
        }
    }

    /** What was looked up was the folded domain, so of a domain that stands there in two spellings its row counts. */
    private static void domains(Connection connection) throws SQLException {
        for (String name : others(connection, "postern_domain", CanonicalNames::folded)) {
            Database.update(
                    connection,
                    "UPDATE postern_domain SET name = ? WHERE name = ? AND account NOT IN"
                            + " (SELECT account FROM (SELECT account FROM postern_domain WHERE name = ?) same)",
                    folded(name),
                    name,
                    folded(name));
            Database.update(connection, "DELETE FROM postern_domain WHERE name = ?", name);
        }
    }

    /** What each spelling has used counts for the one name that they are now. */
    private static void ledgers(Connection connection) throws SQLException {
        for (String[] ledger : ledgerKeys(connection)) {
            String kind = ledger[0];
            String name = ledger[1];
            String canonical = canonicalKey(kind, name);
            if (canonical.equals(name)) {
                continue;
            }
            long[] old = counts(connection, kind, name);
            long[] kept = counts(connection, kind, canonical);
            Database.update(connection, "DELETE FROM postern_ledger WHERE kind = ? AND name = ?", kind, name);
            if (kept.length == 0) {
                Database.update(
                        connection,
                        "INSERT INTO postern_ledger (kind, name, period, used, held) VALUES (?, ?, ?, ?, ?)",
                        kind,
                        canonical,
                        old[0],
                        old[1],
                        old[2]);
            } else if (old[0] >= kept[0]) { // what is of a period that is over does not count
                boolean samePeriod = old[0] == kept[0];
                Database.update(
                        connection,
                        "UPDATE postern_ledger SET period = ?, used = ?, held = ? WHERE kind = ? AND name = ?",
                        old[0],
                        old[1] + (samePeriod ? kept[1] : 0),
                        old[2] + (samePeriod ? kept[2] : 0),
                        kind,
                        canonical);
            }
            Database.update(
                    connection, "UPDATE postern_hold SET name = ? WHERE kind = ? AND name = ?", canonical, kind, name);
        }
    }

    private static List<String[]> ledgerKeys(Connection connection) throws SQLException {
        return Database.query(connection, "SELECT kind, name FROM postern_ledger", rows -> {
            List<String[]> keys = new ArrayList<>();
            while (rows.next()) {
                keys.add(new String[] {rows.getString(1), rows.getString(2)});
            }
            return keys;
        });
    }

    private static String canonicalKey(String kind, String name) {
        return switch (kind) {
            case "session-address" -> name;
            case "session-user" -> CanonicalName.ofUser(name);
            default -> CanonicalName.ofAccount(name);
        };
    }

    /** Period, used and held; nothing where there is no such ledger. */
    private static long[] counts(Connection connection, String kind, String name) throws SQLException {
        return Database.query(
                connection,
                "SELECT period, used, held FROM postern_ledger WHERE kind = ? AND name = ?",
                rows -> rows.next() ? new long[] {rows.getLong(1), rows.getLong(2), rows.getLong(3)} : new long[0],
                kind,
                name);
    }

    private static List<String> others(Connection connection, String table, UnaryOperator<String> canonical)
            throws SQLException {
        return Database.query(connection, "SELECT DISTINCT name FROM " + table, rows -> {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                String name = rows.getString(1);
                if (!canonical.apply(name).equals(name)) {
                    names.add(name);
                }
            }
            return names;
        });
    }

    private static void requireFree(Connection connection, String table, String name, String canonical)
            throws SQLException {
        boolean taken =
                Database.query(connection, "SELECT 1 FROM " + table + " WHERE name = ?", ResultSet::next, canonical);
        if (taken) {
            throw new StoreException("'" + name + "' and '" + canonical + "' of " + table
                    + " are one name from this version on: rename or delete one of them");
        }
    }

    private static String folded(String domain) {
        String wildcard = domain.startsWith("*.") ? "*." : "";
        return wildcard + MailAddress.foldDomain(domain.substring(wildcard.length()));
    }
}
