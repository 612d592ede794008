package dev.postern.jdbc;

import dev.postern.stores.FailureTests;
import dev.postern.stores.StoreServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's own ways to fail: no connection left, read-only as one that was demoted, a lock, no space. */
class PostgresqlOwnFaultsTest extends FailureTests {

    private static final String TOO_MANY_CONNECTIONS = "53300";
    private static final String DISK_FULL = "could not extend file";
    private static final long LARGEST_FILE = 3L << 20; // a segment of its log has 1 MiB

    private final List<Connection> taken = new ArrayList<>();
    private @Nullable Connection locking;

    PostgresqlOwnFaultsTest() {
        super(server(new PostgresServer(LARGEST_FILE, "max_connections=30", "autovacuum=off")));
    }

    private static StoreServer server(PostgresServer process) {
        return new JdbcServer(process.url("postgres"), process);
    }

    @Override
    protected List<Fault> faults() {
        return List.of(
                new Fault("no-connections", server, this::takeAllConnections, this::giveConnectionsBack, false),
                new Fault("read-only", server, () -> readOnly("on"), () -> readOnly("off"), true),
                new Fault("locked", server, this::lock, this::unlock, true),
                new Fault("disk-full", server, this::fill, this::empty, true));
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(server.address());
    }

    private void sql(String statement) {
        try (Connection connection = connect();
                Statement update = connection.createStatement()) {
            update.execute(statement);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String one(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }

    /** The relay's are ended as long as it gets new ones. */
    private void takeAllConnections() {
        String others = " FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'taken'";
        try {
            do {
                takeWhatIsLeft();
                one(taken.get(0), "SELECT count(pg_terminate_backend(pid))" + others);
            } while (!"0".equals(one(taken.get(0), "SELECT count(*)" + others)));
            takeWhatIsLeft();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void takeWhatIsLeft() throws SQLException {
        try {
            while (true) {
                taken.add(DriverManager.getConnection(server.address() + "&ApplicationName=taken"));
            }
        } catch (SQLException e) {
            if (!TOO_MANY_CONNECTIONS.equals(e.getSQLState())) {
                throw e;
            }
        }
    }

    private void giveConnectionsBack() {
        try {
            for (Connection connection : taken) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        taken.clear();
    }

    /** As a server answers that is a standby now; a new connection sees the setting after all old ones were told. */
    private void readOnly(String value) {
        sql("ALTER SYSTEM SET default_transaction_read_only = " + value);
        sql("SELECT pg_reload_conf()");
        String seen;
        do {
            try (Connection connection = connect()) {
                seen = one(connection, "SHOW default_transaction_read_only");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        } while (!value.equals(seen));
    }

    private void lock() {
        try {
            Connection connection = connect();
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("LOCK TABLE postern_ledger IN EXCLUSIVE MODE");
            }
            locking = connection;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void unlock() {
        try {
            Objects.requireNonNull(locking).close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Up to the largest file that the server may write, which it takes as it takes a full disk. */
    private void fill() {
        String filler = "INSERT INTO postern_hold (id, kind, name, period, units, node) SELECT 'filler-' ||"
                + " clock_timestamp() || '-' || i, 'filler', repeat('x', %d), 0, 0, '' FROM generate_series(1, %d) i";
        fillBy(String.format(filler, 250, 1000));
        fillBy(String.format(filler, 1, 1)); // what has room on a page still
    }

    private void fillBy(String statement) {
        try (Connection connection = connect();
                Statement insert = connection.createStatement()) {
            while (true) {
                insert.executeUpdate(statement);
            }
        } catch (SQLException e) {
            if (!String.valueOf(e.getMessage()).contains(DISK_FULL)) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void empty() {
        sql("DELETE FROM postern_hold WHERE kind = 'filler'");
        sql("VACUUM postern_hold");
    }
}
