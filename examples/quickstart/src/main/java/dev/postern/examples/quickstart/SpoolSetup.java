package dev.postern.examples.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolSettings;
import dev.postern.spool.SpoolStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The spool that the options ask for; it is opened when the relay starts. For one thread. */
final class SpoolSetup {

    private static final String JDBC = "jdbc:";
    private static final String POSTGRESQL = "jdbc:postgresql:";

    /** What is not in this jar, for its licence is not the jar's: LGPL and GPL. */
    private static final Map<String, String> DRIVERS =
            Map.of("jdbc:mariadb:", "mariadb-java-client.jar", "jdbc:mysql:", "mysql-connector-j.jar");

    private static final long MAX_OCTETS = 10L << 30;
    private static final long MAX_ACCOUNT_OCTETS = 2L << 30;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MORE_CONNECTIONS = 8; // of sessions, beside those of attempts

    private final @Nullable String where;
    private final SpoolSettings settings;
    private volatile @Nullable Spool spool;

    SpoolSetup(Options options, RelayLimits limits) {
        where = options.spool;
        require(where != null || options.spoolRetry.isEmpty(), "--spool-retry: add --spool DIRECTORY");
        require(where != null || options.spoolGiveUp == null, "--spool-give-up: add --spool DIRECTORY");
        require(where == null || !where.isBlank(), "--spool: write a directory, or leave it out");
        if (where != null && where.startsWith(JDBC)) {
            requireDriver(where);
        }
        for (Limit limit : options.limits) {
            require(
                    where != null || !limit.name().startsWith("spool"),
                    "--limit " + limit.name() + ": add --spool DIRECTORY");
        }
        settings = settings(options)
                .withTimeout(TIMEOUT)
                .withCapacity(limits.spool, MAX_OCTETS)
                .withCapacityPerAccount(limits.spoolAccount, MAX_ACCOUNT_OCTETS);
        if (options.checkConfig && where != null && !where.startsWith(JDBC)) {
            requireDirectory(where);
        }
    }

    /** Makes nothing. A start just tries, and ends with 1, for a volume may be there at the next one. */
    private static void requireDirectory(String place) {
        Path there = path(place).toAbsolutePath();
        while (there != null
                && Files.notExists(there, LinkOption.NOFOLLOW_LINKS)) { // a link to nowhere is no directory
            there = there.getParent();
        }
        require(
                there != null && Files.isDirectory(there) && Files.isWritable(there),
                "--spool: cannot write to a directory " + place + "; name one that this user may write to, or make");
    }

    private static Path path(String place) {
        try {
            return Path.of(place);
        } catch (InvalidPathException e) {
            throw new WrongArgumentException("--spool: this is no directory's name");
        }
    }

    private static void requireDriver(String url) {
        String form = url.substring(0, url.indexOf(':', JDBC.length()) + 1);
        String jar = DRIVERS.get(form);
        require(
                jar != null || form.equals(POSTGRESQL),
                "--spool: write a directory, or jdbc:postgresql:, jdbc:mariadb: or jdbc:mysql: and //HOST/DATABASE");
        try {
            DriverManager.getDriver(url);
        } catch (SQLException e) { // of a URL that no driver knows
            throw new WrongArgumentException(
                    jar == null
                            ? "--spool: write jdbc:postgresql://HOST:PORT/DATABASE"
                            : "--spool: " + form
                                    + " needs a driver that is not in this jar: java -cp postern-quickstart.jar:" + jar
                                    + " " + Quickstart.class.getName());
        }
    }

    private static SpoolSettings settings(Options options) {
        SpoolSettings settings = SpoolSettings.defaults();
        try {
            if (!options.spoolRetry.isEmpty()) {
                settings = settings.withRetry(options.spoolRetry.toArray(Duration[]::new));
            }
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException("--spool-retry: write 1 to 50 times of 100ms to 720h");
        }
        try {
            return options.spoolGiveUp == null ? settings : settings.withGiveUp(options.spoolGiveUp);
        } catch (IllegalArgumentException e) {
            throw new WrongArgumentException("--spool-give-up: write 100ms to 720h, for instance 48h");
        }
    }

    boolean isWanted() {
        return where != null;
    }

    /** Puts the spool, if one is wanted, in front of a delivery, and opens it. */
    UpstreamDelivery before(UpstreamDelivery next, RelayListener listener) {
        if (where == null) {
            return next;
        }
        Spool opened = Spool.builder(store(where))
                .settings(settings)
                .listener(listener)
                .start(next);
        spool = opened;
        return opened;
    }

    /** Refuses MAIL while the spool is full, which is open when it is asked. */
    EnvelopePolicy capacity() {
        return Spool.capacityPolicy(() -> Optional.ofNullable(spool));
    }

    private SpoolStore store(String place) {
        if (!place.startsWith(JDBC)) {
            return SpoolStore.directory(path(place));
        }
        try {
            return SpoolStore.migratedDatabase(new HikariDataSource(pool(place)));
        } catch (HikariPool.PoolInitializationException e) {
            String said = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            throw new UncheckedIOException("--spool: " + said.replace(place, masked(place)), new IOException(e));
        }
    }

    HikariConfig pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(settings.attempts() + MORE_CONNECTIONS);
        config.setConnectionTimeout(TIMEOUT.toMillis()); // clients wait as long while the server is away
        config.setPoolName("postern-spool");
        return config;
    }

    Optional<Spool> spool() {
        return Optional.ofNullable(spool);
    }

    /** As --check-config shows it: what stands behind a question mark has the password. */
    static String masked(String value) {
        return value.startsWith(JDBC) ? value.replaceFirst("[?].*", "?***").replaceFirst("//[^/]*@", "//***@") : value;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new WrongArgumentException(message);
        }
    }
}
