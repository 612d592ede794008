package dev.postern.jdbc;

import dev.postern.spi.LoginThrottle;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Counts failed and undecided logins in a database, by its clock. Thread-safe. */
public final class JdbcLoginThrottle implements LoginThrottle {

    private final Database database;
    private final String now;
    private final String process = UUID.randomUUID() + "-";
    private final AtomicLong numbers = new AtomicLong();

    /** An address's row, and the database's time. */
    private record Block(long now, long until) {
        private boolean lasts() {
            return until > now;
        }
    }

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
    public Decision attempt(String address, Rule rule) {
        Objects.requireNonNull(address, "address");
        if (rule.failures() == Integer.MAX_VALUE) {
            return new Decision.Granted(Attempt.uncounted());
        }
        String id = process + numbers.incrementAndGet();
        return database.transact(connection -> {
            Block block = lock(connection, address);
            if (block.lasts()) { // it does not extend itself
                return new Decision.Blocked();
            }
            return switch (room(connection, address, rule, block.now)) {
                case FREE -> {
                    begin(connection, address, id, rule, block.now);
                    yield new Decision.Granted(new Row(address, id, rule));
                }
                case UNDECIDED -> new Decision.Undecided();
                case NONE -> new Decision.Blocked();
            };
        });
    }

    /** Whether the rule has room for another failure. */
    private enum Room {
        FREE,
        UNDECIDED,
        NONE
    }

    /** An attempt, identified by its row. */
    private final class Row implements Attempt {
        private final String address;
        private final String id;
        private final Rule rule;

        private Row(String address, String id, Rule rule) {
            this.address = address;
            this.id = id;
            this.rule = rule;
        }

        @Override
        public void failed() {
            database.transact(connection -> {
                Block block = lock(connection, address);
                int decided = Database.update(
                        connection,
                        "UPDATE postern_failed_login SET undecided_until = 0"
                                + " WHERE address = ? AND id = ? AND undecided_until > 0",
                        address,
                        id);
                return decided == 0 || block.lasts() ? Room.NONE : room(connection, address, rule, block.now);
            });
        }

        @Override
        public void withdraw() { // without the address's lock, for it only makes room
            database.run(connection -> Database.update(
                    connection,
                    "DELETE FROM postern_failed_login WHERE address = ? AND id = ? AND undecided_until > 0",
                    address,
                    id));
        }
    }

    private static void begin(Connection connection, String address, String id, Rule rule, long now)
            throws SQLException {
        Database.update(
                connection,
                "INSERT INTO postern_failed_login (address, at, id, undecided_until) VALUES (?, ?, ?, ?)",
                address,
                now,
                id,
                now + rule.undecided().toMillis());
        update(connection, address, 0, rule, now);
    }

    /** Begins the block if there is no room and nothing is undecided. */
    private static Room room(Connection connection, String address, Rule rule, long now) throws SQLException {
        long begin = now - rule.window().toMillis();
        boolean old = Database.query(
                connection,
                "SELECT 1 FROM postern_failed_login WHERE address = ? AND at <= ?",
                rows -> rows.next(),
                address,
                begin);
        if (old) { // else MySQL would lock the gap, where others insert rows of other addresses
            Database.update(
                    connection, "DELETE FROM postern_failed_login WHERE address = ? AND at <= ?", address, begin);
        }
        Room room = Database.queryFirst(
                connection,
                "SELECT COUNT(*), COALESCE(SUM(CASE WHEN undecided_until > ? THEN 1 ELSE 0 END), 0)"
                        + " FROM postern_failed_login WHERE address = ?",
                rows -> rows.getLong(1) < rule.failures()
                        ? Room.FREE
                        : rows.getLong(2) > 0 ? Room.UNDECIDED : Room.NONE,
                now,
                address);
        if (room == Room.NONE) {
            Database.update(connection, "DELETE FROM postern_failed_login WHERE address = ?", address);
            update(connection, address, now + rule.block().toMillis(), rule, now);
        }
        return room;
    }

    private static void update(Connection connection, String address, long blockedUntil, Rule rule, long now)
            throws SQLException {
        Database.update(
                connection,
                "UPDATE postern_throttle SET blocked_until = ?, forget_at = ? WHERE address = ?",
                blockedUntil,
                now + Math.max(rule.window().toMillis(), rule.block().toMillis()),
                address);
    }

    /** Locks the row, which serialises the attempts of one address. Must come first in a transaction. */
    private Block lock(Connection connection, String address) throws SQLException {
        Block found = locked(connection, address);
        while (found.now < 0) {
            connection.rollback(); // MySQL has locked the gap, also against who inserts another row there
            Database.update(
                    connection,
                    "INSERT INTO postern_throttle (address, blocked_until, forget_at) VALUES (?, 0, 0)",
                    address);
            connection.commit();
            found = locked(connection, address);
        }
        return found;
    }

    /** The row, or the earliest possible time if there is none. */
    private Block locked(Connection connection, String address) throws SQLException {
        return Database.query(
                connection,
                "SELECT " + now + ", blocked_until FROM postern_throttle WHERE address = ? FOR UPDATE",
                rows -> rows.next() ? new Block(rows.getLong(1), rows.getLong(2)) : new Block(-1, 0),
                address);
    }
}
