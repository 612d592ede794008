package dev.postern.jdbc;

import dev.postern.stores.Ledgers;
import java.util.List;

/** Deletes rows that nobody will ask for any more. */
final class Housekeeping {

    private Housekeeping() {}

    static void run(Database database) {
        LedgerRows rows = LedgerRows.of(database);
        rows.abandoned().forEach(rows::reap); // of an address or a user that never comes back nobody else gives it back
        String now = database.dialect().now;
        for (String statement : List.of(
                "DELETE FROM postern_ledger WHERE kind LIKE 'session-%' AND held = 0",
                "DELETE FROM postern_revocation WHERE at < " + now + " - " + Ledgers.REVOKED_KEPT.toMillis(),
                "DELETE FROM postern_throttle WHERE forget_at < " + now,
                "DELETE FROM postern_failed_login WHERE address NOT IN (SELECT address FROM postern_throttle)")) {
            database.run(connection -> Database.update(connection, statement));
        }
    }
}
