package dev.postern.jdbc;

import dev.postern.stores.Ledgers;
import java.util.List;

/** Deletes rows that nobody will ask for any more. */
final class Housekeeping {

    private Housekeeping() {}

    /** Each dead node may have left many ledgers; {@code keepAlive} runs before each of them. */
    static void run(Database database, Runnable keepAlive) {
        LedgerRows rows = LedgerRows.of(database);
        for (Ledgers.Key key : rows.abandoned()) { // of who never comes back nobody else gives it back
            keepAlive.run();
            rows.reap(key);
        }
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
