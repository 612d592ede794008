package dev.postern.jdbc;

import dev.postern.spi.RelayClock;
import dev.postern.stores.Holdings;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreException;
import dev.postern.stores.StoreSettings;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * One relay process's stores on a database that several processes share: PostgreSQL, MySQL, MariaDB, or H2 for one
 * process. The process has a lease, which a separate thread renews three times per lease period. When the process dies,
 * its sessions and reservations are freed within four thirds of the lease (40 s by default). A process that was only
 * suspended notices before it sends a message whose units it no longer holds.
 *
 * <p>The data source should be a pool that waits for a connection for less than the relay's plug-in time-out; every
 * statement is bounded by {@link Builder#timeout}. Thread-safe. Close it after the relay.
 */
public final class JdbcStores implements SharedStores {

    /**
     * The time-out of a statement, which may change every row of a large table, and waits for another node that does
     * so.
     */
    private static final Duration MIGRATION_TIMEOUT = Duration.ofMinutes(10);

    private final AtomicBoolean open = new AtomicBoolean(true);
    private final Lease lease;
    private final JdbcQuotaStore quota;
    private final JdbcSessionRegistry sessions;
    private final JdbcLoginThrottle throttle;
    private final JdbcAuthenticator authenticator;

    private JdbcStores(Builder builder) {
        StoreSettings settings = builder.settings;
        Database database = new Database(builder.dataSource, settings.timeout());
        if (builder.migrate) {
            Schema.migrate(new Database(builder.dataSource, MIGRATION_TIMEOUT));
        }
        Schema.require(database);
        lease = new Lease(database, settings.lease(), settings.clock());
        Holdings holdings = new Holdings(new JdbcLedgers(LedgerRows.of(database), lease, settings.timeout()));
        lease.onBeat(holdings::settleLeftovers);
        quota = new JdbcQuotaStore(holdings, settings.clock());
        sessions = new JdbcSessionRegistry(holdings);
        throttle = new JdbcLoginThrottle(database);
        authenticator = new JdbcAuthenticator(database);
    }

    /**
     * Returns a builder of the stores.
     *
     * @param dataSource connects to the database
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * {@return the DDL that creates the tables of this library's version, for hosts where applications may not create
     * tables; each statement ends with a semicolon} To each CREATE TABLE, append {@code ENGINE=InnoDB DEFAULT CHARACTER
     * SET utf8mb4 COLLATE utf8mb4_0900_bin} on MySQL, and the same with {@code utf8mb4_nopad_bin} on MariaDB.
     * Afterwards, {@code CREATE TABLE postern_schema (one INT NOT NULL PRIMARY KEY, version INT NOT NULL)} holds one
     * row: 1 and the version.
     */
    public static String ddl() {
        return Schema.ddl();
    }

    @Override
    public JdbcQuotaStore quota() {
        return quota;
    }

    @Override
    public JdbcSessionRegistry sessions() {
        return sessions;
    }

    @Override
    public JdbcLoginThrottle throttle() {
        return throttle;
    }

    /** {@return the authenticator, for {@code AuthSettings.passwords} and {@code Policies.withSenderDomains}} */
    public JdbcAuthenticator authenticator() {
        return authenticator;
    }

    /** Makes this process look dead to others; for tests. */
    void stopHeart() {
        lease.stopHeart();
    }

    /**
     * Ends the lease, so that everything still held is freed at once; a second call does nothing. Does not close the
     * data source.
     */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            lease.close();
        }
    }

    /** Configures the stores. Not thread-safe. */
    public static final class Builder {

        private final DataSource dataSource;
        private boolean migrate;
        private StoreSettings settings = StoreSettings.defaults();

        private Builder(DataSource dataSource) {
            this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
        }

        /**
         * Creates the tables, or updates them to this library's version. Default: they must exist.
         *
         * @return this builder
         */
        public Builder migrate() {
            migrate = true;
            return this;
        }

        /**
         * Sets how long a process may be silent before it is considered dead. All processes of a database should use
         * the same. Default: 30 s.
         *
         * @param length 1 s to 1 h
         * @return this builder
         * @throws IllegalArgumentException when length is out of bounds
         */
        public Builder lease(Duration length) {
            settings = settings.withLease(length);
            return this;
        }

        /**
         * Sets how long a statement may take. Default: 1.5 s, under the relay's default plug-in time-out.
         *
         * @param limit 10 ms to 1 min
         * @return this builder
         * @throws IllegalArgumentException when limit is out of bounds
         */
        public Builder timeout(Duration limit) {
            settings = settings.withTimeout(limit);
            return this;
        }

        /**
         * Sets this process's clock, for tests; it only determines when to query. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            settings = settings.withClock(newClock);
            return this;
        }

        /**
         * Connects, and starts the lease.
         *
         * @return the stores
         * @throws StoreException when the database does not answer, is of an unsupported kind, or its tables have
         *     another version
         */
        public JdbcStores start() {
            return new JdbcStores(this);
        }
    }
}
