package dev.postern.spool;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** A database server, by the host's data source; other nodes may have it open too. */
final class DatabaseEngine implements Engine {

    private static final int MAX_ATTEMPTS = 10;

    private final DataSource dataSource;
    private final int timeoutMillis;
    private final boolean postgresql;
    private final boolean readCommitted; // what the host's connections have from the start

    DatabaseEngine(DataSource dataSource, Duration timeout, boolean migrate) {
        this.dataSource = dataSource;
        this.timeoutMillis = (int) timeout.toMillis();
        try (Connection connection = dataSource.getConnection()) {
            if (migrate) {
                migrate(connection);
            }
            Sql.require(connection);
            postgresql = Sql.folder(connection).equals("postgresql");
            readCommitted = connection.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED;
        } catch (SQLException e) {
            throw new SpoolException("the spool's database cannot be used: " + e.getMessage(), e);
        }
    }

    /** Nodes that do so at the same time wait for each other. */
    private static void migrate(Connection connection) throws SQLException {
        String folder = Sql.folder(connection);
        boolean postgres = folder.equals("postgresql");
        connection.setAutoCommit(false);
        try {
            List<Integer> locked = Sql.query(
                    connection,
                    postgres
                            ? "SELECT 1 FROM (SELECT pg_advisory_xact_lock(8230917)) AS locked"
                            : "SELECT GET_LOCK('postern_spool', 60)",
                    row -> row.getInt(1));
            if (locked.get(0) != 1) {
                throw new SpoolException("another node still makes the tables: start again when it is done");
            }
            Sql.migrate(connection, folder);
            connection.commit();
        } finally {
            connection.rollback(); // of nothing, but after an exception
            if (!postgres) {
                Sql.query(connection, "SELECT RELEASE_LOCK('postern_spool')", row -> row.getInt(1));
            }
            connection.setAutoCommit(true);
        }
    }

    @Override
    public <T> T transact(Step step, Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try (Connection connection = dataSource.getConnection()) {
                return once(connection, work);
            } catch (SQLException e) {
                if (attempt == MAX_ATTEMPTS || !lostToAnother(e)) {
                    throw new SpoolException("the spool's database failed at " + step, e);
                }
            } catch (IOException e) {
                throw new SpoolException("the content cannot be read", e);
            }
        }
    }

    private <T> T once(Connection connection, Work<T> work) throws SQLException, IOException {
        int timeout = connection.getNetworkTimeout();
        connection.setNetworkTimeout(Runnable::run, timeoutMillis);
        T result;
        if (work instanceof OneStatement && connection.getAutoCommit()) {
            result = work.on(connection);
            connection.setNetworkTimeout(Runnable::run, timeout);
            return result;
        }
        connection.setAutoCommit(false);
        try {
            if (!readCommitted) {
                Sql.update(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"); // of this one alone
            }
            result = work.on(connection);
            connection.commit();
        } catch (SQLException | IOException | RuntimeException e) {
            rollBack(connection, e);
            throw e;
        }
        connection.setAutoCommit(true); // after a failure the pool looks after the connection
        connection.setNetworkTimeout(Runnable::run, timeout);
        return result;
    }

    private static void rollBack(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Deadlocks and serialization failures (SQLSTATE class 40): nothing was committed. */
    private static boolean lostToAnother(SQLException e) {
        String state = e.getSQLState();
        return state != null && state.startsWith("40");
    }

    @Override
    public <T> T read(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            int timeout = connection.getNetworkTimeout();
            connection.setNetworkTimeout(Runnable::run, timeoutMillis);
            T result = work.on(connection);
            connection.setNetworkTimeout(Runnable::run, timeout);
            return result;
        } catch (SQLException | IOException e) {
            throw new SpoolException("the spool's database cannot be read", e);
        }
    }

    @Override
    public boolean alone() {
        return false;
    }

    @Override
    public String forUpdateSkipLocked() {
        return " FOR UPDATE SKIP LOCKED";
    }

    @Override
    public boolean combines() {
        return postgresql;
    }

    /** The data source is the host's. */
    @Override
    public void close() {}
}
