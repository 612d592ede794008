package dev.postern.spool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import javax.sql.DataSource;

/** Where a spool keeps its messages. Immutable. */
public final class SpoolStore {

    private final Function<Duration, Engine> opening;

    private SpoolStore(Function<Duration, Engine> opening) {
        this.opening = opening;
    }

    /**
     * Keeps them in a directory of this machine, by SQLite. One relay uses a directory at a time; a second one is refused.
     * The directory is made where there is none, and can be read by its owner alone. It needs a local file system: locks
     * and the order of writes cannot be relied upon on a network's.
     *
     * @param directory where
     * @return the store
     */
    public static SpoolStore directory(Path directory) {
        Objects.requireNonNull(directory, "directory");
        return new SpoolStore(timeout -> new SqliteEngine(directory, timeout));
    }

    /**
     * Keeps them in a database server that several relays share: PostgreSQL 9.5, MySQL 8.0 or MariaDB 10.6, or newer. A
     * commit must wait for the server's disk, as is their default ({@code synchronous_commit}, {@code
     * innodb_flush_log_at_trx_commit}). The tables have to be there.
     *
     * @param dataSource gives connections, from a pool with at least as many as {@link SpoolSettings#withAttempts}; clients
     *     wait as long as it does for a server that is away, so it should wait no longer than {@link
     *     SpoolSettings#withTimeout} (HikariCP's {@code connectionTimeout} is 30 seconds unless it is told otherwise); the
     *     host closes it after the spool
     * @return the store
     */
    public static SpoolStore database(DataSource dataSource) {
        Objects.requireNonNull(dataSource, "dataSource");
        return new SpoolStore(timeout -> new DatabaseEngine(dataSource, timeout, false));
    }

    /**
     * As {@link #database}, and makes the tables where there are none.
     *
     * @param dataSource as there; its user may create tables
     * @return the store
     */
    public static SpoolStore migratedDatabase(DataSource dataSource) {
        Objects.requireNonNull(dataSource, "dataSource");
        return new SpoolStore(timeout -> new DatabaseEngine(dataSource, timeout, true));
    }

    /** For tests, which break an engine. */
    SpoolStore wrapped(Function<Engine, Engine> wrapper) {
        return new SpoolStore(timeout -> wrapper.apply(opening.apply(timeout)));
    }

    Engine open(Duration timeout) {
        return opening.apply(timeout);
    }
}
