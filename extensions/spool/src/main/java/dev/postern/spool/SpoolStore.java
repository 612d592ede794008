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
     * Keeps messages in a directory of this machine, with SQLite. Only one relay can use a directory at a time; a
     * second one is refused. The directory is created if it does not exist, and only its owner can read it. It must be
     * on a local file system: on a network file system, locks and the order of writes are not reliable.
     *
     * @param directory the directory
     * @return the store
     */
    public static SpoolStore directory(Path directory) {
        Objects.requireNonNull(directory, "directory");
        return new SpoolStore(timeout -> new SqliteEngine(directory, timeout));
    }

    /**
     * Keeps messages in a database server that several relays can share: PostgreSQL 9.5, MySQL 8.0 or MariaDB 10.6, or
     * newer. A commit must wait for the server's disk, which is their default ({@code synchronous_commit}, {@code
     * innodb_flush_log_at_trx_commit}). The tables must exist.
     *
     * @param dataSource a pool with at least as many connections as {@link SpoolSettings#withAttempts}. Clients wait as
     *     long as it waits for an unreachable server, so it should wait no longer than {@link
     *     SpoolSettings#withTimeout} (the default of HikariCP's {@code connectionTimeout} is 30 seconds). The host
     *     closes it after the spool
     * @return the store
     */
    public static SpoolStore database(DataSource dataSource) {
        Objects.requireNonNull(dataSource, "dataSource");
        return new SpoolStore(timeout -> new DatabaseEngine(dataSource, timeout, false));
    }

    /**
     * Like {@link #database}, but creates the tables if they do not exist.
     *
     * @param dataSource like there; its user must be allowed to create tables
     * @return the store
     */
    public static SpoolStore migratedDatabase(DataSource dataSource) {
        Objects.requireNonNull(dataSource, "dataSource");
        return new SpoolStore(timeout -> new DatabaseEngine(dataSource, timeout, true));
    }

    /** Wraps the engine, for tests that make it fail. */
    SpoolStore wrapped(Function<Engine, Engine> wrapper) {
        return new SpoolStore(timeout -> wrapper.apply(opening.apply(timeout)));
    }

    Engine open(Duration timeout) {
        return opening.apply(timeout);
    }
}
