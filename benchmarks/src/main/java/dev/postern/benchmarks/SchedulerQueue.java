package dev.postern.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** db-scheduler, set up as its own page says for speed: it locks and fetches in one statement, and runs at once. */
final class SchedulerQueue implements QueueCommand.Queue {

    private static final String TABLE = """
            CREATE TABLE IF NOT EXISTS scheduled_tasks (
                task_name TEXT NOT NULL,
                task_instance TEXT NOT NULL,
                task_data %s,
                execution_time TIMESTAMP WITH TIME ZONE NOT NULL,
                picked BOOLEAN NOT NULL,
                picked_by TEXT,
                last_success TIMESTAMP WITH TIME ZONE,
                last_failure TIMESTAMP WITH TIME ZONE,
                consecutive_failures INT,
                last_heartbeat TIMESTAMP WITH TIME ZONE,
                version BIGINT NOT NULL,
                priority SMALLINT,
                PRIMARY KEY (task_name, task_instance))""";

    private final HikariDataSource pool;
    private final OneTimeTask<byte[]> task;
    private final Scheduler scheduler;
    private final AtomicLong executed = new AtomicLong();

    private SchedulerQueue(HikariDataSource pool, boolean postgresql, int threads) {
        this.pool = pool;
        task = Tasks.oneTime("job", byte[].class).execute((job, context) -> {
            if (job.getData().length == 0) {
                throw new IllegalStateException("the job is empty");
            }
            executed.incrementAndGet();
        });
        var builder = Scheduler.create(pool, task)
                .threads(threads)
                .pollingInterval(Duration.ofMillis(100))
                .enableImmediateExecution()
                .serializer(new AsItIs());
        scheduler = (postgresql
                        ? builder.pollUsingLockAndFetch(0.5, 4)
                        : builder.pollUsingFetchAndLockOnExecute(0.5, 4).jdbcCustomization(new Sqlite()))
                .build();
        scheduler.start();
    }

    /** It knows no SQLite, whose limit has another form than the standard's. */
    private static final class Sqlite extends DefaultJdbcCustomization {
        Sqlite() {
            super(false);
        }

        @Override
        public String getQueryLimitPart(int limit) {
            return " LIMIT " + limit;
        }
    }

    /** A job is octets already. */
    private static final class AsItIs implements Serializer {
        @Override
        public byte[] serialize(Object data) {
            return (byte[]) data;
        }

        @Override
        public <T> T deserialize(Class<T> type, byte[] octets) {
            return type.cast(octets);
        }
    }

    static SchedulerQueue open(String place, int threads) throws SQLException {
        boolean postgresql = place.startsWith("jdbc:");
        HikariDataSource pool = postgresql ? Pools.open(place, threads + 20) : sqlite(Path.of(place), threads);
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE.formatted(postgresql ? "BYTEA" : "BLOB"));
            statement.execute("CREATE INDEX IF NOT EXISTS execution_time_idx ON scheduled_tasks (execution_time)");
            statement.execute("CREATE INDEX IF NOT EXISTS last_heartbeat_idx ON scheduled_tasks (last_heartbeat)");
        }
        return new SchedulerQueue(pool, postgresql, threads);
    }

    /** As durable as the spool's. */
    private static HikariDataSource sqlite(Path directory, int threads) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Pools.open(
                "jdbc:sqlite:" + directory.resolve("scheduler.db")
                        + "?journal_mode=WAL&synchronous=FULL&busy_timeout=30000&transaction_mode=IMMEDIATE",
                threads + 20);
    }

    @Override
    public void put(String id, byte[] job) {
        scheduler.schedule(task.instance(id, job), Instant.now());
    }

    /** What is executed is done only when its row is gone. */
    @Override
    public long done() {
        long count = executed.get();
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT 1 FROM scheduled_tasks LIMIT 1")) {
            return count == 0 || !row.next() ? count : count - 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        scheduler.stop();
        pool.close();
    }
}
