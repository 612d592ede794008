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
 * The stores of one relay process on a database that several processes share: PostgreSQL, MySQL, MariaDB, or H2 for one
 * process. The process has a lease, which a thread of its own renews three times as often as it would end. When the
 * process dies, its sessions and reservations return within the lease's time and a third of it (40 s by default). A
 * process that was only suspended finds out before it sends anything that it no longer holds units for.
 *
 * <p>The data source should be a pool whose time to wait for a connection is under the relay's plug-in time-out; every
 * statement is bounded by {@link Builder#timeout}. Safe for use by several threads. Close it after the relay.
 */
public final class JdbcStores implements SharedStores {

    /** Of a statement: one may change each row of a large table, and waits for another node that does so. */
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
     * Starts to configure the stores.
     *
     * @param dataSource connections to the database
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * {@return the DDL of the tables, from none to this library's version, for hosts that do not let an application
     * create tables; each statement ends with a semicolon} To each CREATE TABLE, append
     * {@code ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin} on MySQL, and the same with
     * {@code utf8mb4_nopad_bin} on MariaDB. After it,
     * {@code CREATE TABLE postern_schema (one INT NOT NULL PRIMARY KEY, version INT NOT NULL)} holds one row: 1 and the
     * version.
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

    /** Makes this process one that died, as far as others can see; for tests. */
    void stopHeart() {
        lease.stopHeart();
    }

    /**
     * Ends the lease, so that what is still held returns at once; a second time does nothing. Leaves the data source.
     */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            lease.close();
        }
    }

    /** Configures the stores. Not safe for use by several threads. */
    public static final class Builder {

        private final DataSource dataSource;
        private boolean migrate;
        private StoreSettings settings = StoreSettings.defaults();

        private Builder(DataSource dataSource) {
            this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
        }

        /**
         * Creates the tables, or brings them to this library's version. Default: they must be there.
         *
         * @return this builder
         */
        public Builder migrate() {
            migrate = true;
            return this;
        }

        /**
         * Sets how long a process may be silent before it is taken for dead. Every process of a database should have the
         * same. Default: 30 s.
         *
         * @param length 1 s to 1 h
         * @return this builder
         * @throws IllegalArgumentException when length is out of its bounds
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
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder timeout(Duration limit) {
            settings = settings.withTimeout(limit);
            return this;
        }

        /**
         * Sets the clock of this process, for tests; it never decides anything but when to ask. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            settings = settings.withClock(newClock);
            return this;
        }

        /**
         * Connects, and begins the lease.
         *
         * @return the stores
         * @throws StoreException when the database does not answer, is of another kind, or its tables have another version
         */
        public JdbcStores start() {
            return new JdbcStores(this);
        }
    }
}
