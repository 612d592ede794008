package dev.postern.jdbc;

import dev.postern.stores.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * The host's data source, with a bound on every call: a statement that takes longer breaks its connection, which the
 * host's pool replaces. Safe for use by several threads.
 */
final class Database {

    private static final int MAX_ATTEMPTS = 10;

    private final DataSource dataSource;
    private final int timeoutMillis;
    private final Dialect dialect;

    /** Something done on a connection. */
    @FunctionalInterface
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    Database(DataSource dataSource, Duration timeout) {
        this.dataSource = dataSource;
        this.timeoutMillis = (int) timeout.toMillis();
        try (Connection connection = dataSource.getConnection()) {
            dialect = Dialect.of(connection);
        } catch (SQLException e) {
            throw new StoreException("no connection to the database: check the data source", e);
        }
    }

    Dialect dialect() {
        return dialect;
    }

    /** One statement, committed by itself. */
    <T> T run(Work<T> work) {
        return attempt(true, work);
    }

    /** Several statements, all or nothing. */
    <T> T transact(Work<T> work) {
        return attempt(false, connection -> {
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollBack(connection, e);
                throw e;
            }
        });
    }

    private <T> T attempt(boolean autoCommit, Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = dataSource.getConnection()) {
                return bounded(connection, autoCommit, work);
            } catch (SQLException e) {
                if (attempt == MAX_ATTEMPTS || !lostToAnother(e)) {
                    throw new StoreException("the database failed", e);
                }
            }
        }
    }

    private <T> T bounded(Connection connection, boolean autoCommit, Work<T> work) throws SQLException {
        int timeout = networkTimeout(connection, timeoutMillis);
        boolean wasAutoCommit = connection.getAutoCommit();
        connection.setAutoCommit(autoCommit);
        T result = work.on(connection);
        connection.setAutoCommit(wasAutoCommit); // after a failure the pool looks after the connection
        networkTimeout(connection, timeout);
        return result;
    }

    /** Sets a time-out, and returns the one before; a driver that cannot (an embedded database) has no network. */
    private static int networkTimeout(Connection connection, int millis) throws SQLException {
        try {
            int before = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, millis);
            return before;
        } catch (SQLFeatureNotSupportedException e) {
            return 0;
        }
    }

    private static void rollBack(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Deadlocks and serialization failures (SQLSTATE class 40), and a row that another transaction inserted first. */
    private static boolean lostToAnother(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("40") || state.startsWith("23"));
    }

    static PreparedStatement prepare(Connection connection, String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    static int update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    /** What is made of a result, which stands before its first row. */
    @FunctionalInterface
    interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }

    static <T> T query(Connection connection, String sql, Reader<T> reader, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            return reader.read(rows);
        }
    }

    static <T> T queryFirst(Connection connection, String sql, Reader<T> reader, Object... parameters)
            throws SQLException {
        return query(
                connection,
                sql,
                rows -> {
                    if (!rows.next()) {
                        throw new StoreException("the database returned no row");
                    }
                    return reader.read(rows);
                },
                parameters);
    }
}
