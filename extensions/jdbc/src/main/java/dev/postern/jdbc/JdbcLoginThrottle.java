package dev.postern.jdbc;

import dev.postern.spi.LoginThrottle;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;

/** Failed logins in a database, by its clock. Safe for use by several threads. */
public final class JdbcLoginThrottle implements LoginThrottle {

    private final Database database;
    private final String now;

    /** An address's row, and the database's time. */
    private record Block(long now, long until) {}

    JdbcLoginThrottle(Database database) {
        this.database = database;
        this.now = database.dialect().now;
    }

    @Override
    public boolean blocked(String address, Rule rule) {
        Objects.requireNonNull(address, "address");
        return database.run(connection -> Database.query(
                connection,
                "SELECT 1 FROM postern_throttle WHERE address = ? AND blocked_until > " + now,
                rows -> rows.next(),
                address));
    }

    @Override
    public void failed(String address, Rule rule) {
        Objects.requireNonNull(address, "address");
        if (rule.failures() == Integer.MAX_VALUE) {
            return;
        }
        database.transact(connection -> {
            Block block = lock(connection, address);
            if (block.until <= block.now) { // else it does not extend itself
                count(connection, address, rule, block.now);
            }
            return 0;
        });
    }

    private static void count(Connection connection, String address, Rule rule, long now) throws SQLException {
        Database.update(
                connection,
                "DELETE FROM postern_failed_login WHERE address = ? AND at <= ?",
                address,
                now - rule.window().toMillis());
        Database.update(connection, "INSERT INTO postern_failed_login (address, at) VALUES (?, ?)", address, now);
        long failures = Database.queryFirst(
                connection,
                "SELECT COUNT(*) FROM postern_failed_login WHERE address = ?",
                rows -> rows.getLong(1),
                address);
        boolean full = failures >= rule.failures();
        if (full) {
            Database.update(connection, "DELETE FROM postern_failed_login WHERE address = ?", address);
        }
        Database.update(
                connection,
                "UPDATE postern_throttle SET blocked_until = ?, forget_at = ? WHERE address = ?",
                full ? now + rule.block().toMillis() : 0,
                now + Math.max(rule.window().toMillis(), rule.block().toMillis()),
                address);
    }

    /** The row's lock makes failures of one address come one after the other. */
    private Block lock(Connection connection, String address) throws SQLException {
        String select = "SELECT " + now + ", blocked_until FROM postern_throttle WHERE address = ? FOR UPDATE";
        Block found = Database.query(
                connection,
                select,
                rows -> rows.next() ? new Block(rows.getLong(1), rows.getLong(2)) : new Block(-1, 0),
                address);
        if (found.now >= 0) {
            return found;
        }
        Database.update(
                connection,
                "INSERT INTO postern_throttle (address, blocked_until, forget_at) VALUES (?, 0, 0)",
                address);
        return Database.queryFirst(connection, select, rows -> new Block(rows.getLong(1), rows.getLong(2)), address);
    }
}
