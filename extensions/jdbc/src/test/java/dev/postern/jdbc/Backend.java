package dev.postern.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The databases that the stores are tested on, each started when a test first wants it. */
public enum Backend {
    POSTGRESQL,
    MARIADB,
    H2;

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static @Nullable PostgresServer postgres;
    private static @Nullable MariaDbServer mariaDb;

    /** A pool of connections to an empty database. */
    HikariDataSource freshDatabase() {
        return pool(freshUrl(), 24);
    }

    /** An empty database for the common tests. */
    JdbcServer freshServer() {
        return new JdbcServer(freshUrl());
    }

    public static HikariDataSource pool(String url, int size) {
        return pool(url, size, 20_000);
    }

    static HikariDataSource pool(String url, int size, long timeoutMillis) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(timeoutMillis);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** The URL of an empty database, with its user. */
    public String freshUrl() {
        String name = "postern" + DATABASES.incrementAndGet();
        return switch (this) {
            case POSTGRESQL ->
                create(postgres().url("postgres"), name, postgres().url(name));
            case MARIADB -> create(mariaDb().url(""), name, mariaDb().url(name));
            case H2 -> "jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000";
        };
    }

    private static String create(String admin, String name, String url) {
        try (Connection connection = DriverManager.getConnection(admin);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
            return url;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized PostgresServer postgres() {
        postgres = postgres == null ? new PostgresServer() : postgres;
        return postgres;
    }

    private static synchronized MariaDbServer mariaDb() {
        mariaDb = mariaDb == null ? new MariaDbServer() : mariaDb;
        return mariaDb;
    }
}
