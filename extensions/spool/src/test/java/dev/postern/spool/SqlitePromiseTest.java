package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spool.Engine.Step;
import dev.postern.spool.Engine.Work;
import dev.postern.testkit.TestMessage;
import dev.postern.tools.OnAnyJdk;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine. */
@OnAnyJdk
class SqlitePromiseTest extends PromiseTests {

    @TempDir
    Path directory;

    /** A directory of an older version goes on, and what a newer one has added does not matter. */
    @Test
    void olderAndNewerTables_goOn() throws Exception {
        Path spool = Files.createDirectories(directory.resolve("old"));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + spool.resolve("spool.db"))) {
            for (String part :
                    Sql.ddl("sqlite", 1).replaceAll("(?m)^--.*\n", "").split(";")) {
                if (!part.isBlank()) {
                    Sql.update(connection, part.strip());
                }
            }
        }
        Spool.builder(SpoolStore.directory(spool))
                .start(message -> Scene.accepted())
                .close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + spool.resolve("spool.db"))) {
            Sql.update(connection, "INSERT INTO postern_spool_version (version) VALUES (?)", Sql.VERSION + 1);
        }
        try (Spool reopened = Spool.builder(SpoolStore.directory(spool)).start(message -> Scene.accepted())) {
            assertThat(reopened.suspensions()).isEmpty();
        }
    }

    /** Whatever is found has left before it is read: that comes to an end, and is not told as an empty spool. */
    @Test
    @Timeout(60)
    void messagesThatLeaveWhileTheyAreListed_areNoEmptySpool() {
        AtomicBoolean leaving = new AtomicBoolean();
        SpoolStore store = newStore().wrapped(engine -> new MortalEngine(engine) {
            @Override
            public <T> T read(Work<T> work) {
                return super.read(connection -> work.on(leaving.get() ? withoutMessages(connection) : connection));
            }
        });
        try (Spool spool =
                Spool.builder(store).start(message -> DeliveryResult.deferred("up", Reason.FAILED, "not now"))) {
            spool.deliver(Scene.message("hello", "bob@example.net"));
            assertThat(spool.list(SpoolFilter.all(), 10)).hasSize(1);
            leaving.set(true);
            assertThatThrownBy(() -> spool.list(SpoolFilter.all(), 10))
                    .isInstanceOf(SpoolException.class)
                    .hasMessageContaining("ask again");
        }
    }

    /** What was written at once stands in the log first, whose place would be lost to all that comes. */
    @Test
    @Timeout(60)
    void logOfWhatWasLarge_doesNotKeepItsPlace() throws Exception {
        Path log = directory.resolve("spool").resolve("spool.db-wal");
        byte[] large = new byte[40 << 20];
        try (Spool spool = Spool.builder(newStore()).start(any -> Scene.accepted())) {
            spool.deliver(TestMessage.of(large).submission());
            assertThat(Files.size(log)).isGreaterThan(large.length);
            while (Files.size(log) > large.length) {
                spool.deliver(Scene.message("small", "bob@example.net"));
            }
        }
    }

    /** Whoever waits, and so the log, hears of the disk, and not of what SQLite says when all was rolled back for it. */
    @Test
    void fullDisk_isCalledThat() {
        try (Engine engine = new SqliteEngine(directory.resolve("spool"), Duration.ofSeconds(10))) {
            engine.transact(
                    Step.CONTROL, connection -> Sql.query(connection, "PRAGMA max_page_count=1", row -> row.getInt(1)));
            Work<Integer> write = connection -> Sql.update(
                    connection,
                    "INSERT INTO postern_spool_content (message, piece, octets) VALUES ('one', 0, zeroblob(1000000))");
            assertThatThrownBy(() -> engine.transact(Step.PUT, write))
                    .isInstanceOf(SpoolException.class)
                    .cause()
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("SQLITE_FULL");
            assertThat(engine.transact(Step.PUT, write))
                    .as("written once there is room again")
                    .isOne();
        }
    }

    /** The message is all that an operator sees of a start that fails. */
    @Test
    void fileThatCannotBeOpened_saysWhy() throws Exception {
        Files.writeString(Files.createDirectories(directory.resolve("spool")).resolve("spool.db"), "no database");
        assertThatThrownBy(() -> Spool.builder(newStore()).start(message -> Scene.accepted()))
                .isInstanceOf(SpoolException.class)
                .hasMessageContaining("file is not a database");
    }

    /** A back-up, for instance: those that wait for the same commit wait for it together. */
    @Test
    @Timeout(60)
    void fileThatAnotherProgramLocks_isWaitedForOnce() throws Exception {
        Path place = directory.resolve("locked");
        AtomicInteger tried = new AtomicInteger();
        Work<Integer> write = connection -> {
            tried.incrementAndGet();
            return Sql.update(connection, "INSERT INTO postern_spool_node (id, beat) VALUES ('one', 0)");
        };
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Executor each = task -> {
            Thread thread = new Thread(task);
            threads.add(thread);
            thread.start();
        };
        try (Engine engine = new SqliteEngine(place, Duration.ofMillis(200));
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + place.resolve("spool.db"))) {
            other.createStatement().execute("BEGIN IMMEDIATE");
            List<CompletableFuture<Integer>> waiting = engine.transact(Step.CONTROL, connection -> {
                List<CompletableFuture<Integer>> begun = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    begun.add(CompletableFuture.supplyAsync(() -> engine.transact(Step.PUT, write), each));
                }
                while (!threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING)) {
                    Scene.pause();
                }
                return begun;
            });
            for (CompletableFuture<Integer> one : waiting) {
                assertThatThrownBy(one::get).rootCause().hasMessageContaining("SQLITE_BUSY");
            }
            assertThat(tried).hasValue(1);
            other.createStatement().execute("ROLLBACK");
            assertThat(engine.transact(Step.PUT, write)).isOne();
        }
    }

    /** Finds ids, and none of their messages. */
    private static Connection withoutMessages(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("prepareStatement")) {
                        arguments[0] = String.valueOf(arguments[0])
                                .replace("postern_spool_message WHERE id IN", "postern_spool_message WHERE id NOT IN");
                    }
                    return method.invoke(connection, arguments);
                });
    }

    @Override
    SpoolStore newStore() {
        return SpoolStore.directory(directory.resolve("spool"));
    }
}
