package dev.postern.spool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SQLite in a directory of one process. SQLite has one writer at a time, and a commit waits for the disk; so one thread
 * writes, and what has come meanwhile shares the next commit. Reading goes on beside it (WAL).
 */
final class SqliteEngine implements Engine {

    private static final Logger LOG = LoggerFactory.getLogger(SqliteEngine.class);
    private static final int MAX_BATCH = 128;
    private static final int MAX_WAITING = 4096;
    private static final int MAX_IDLE_READERS = 8;
    private static final long PLENTY = 256 << 20;
    private static final int MAX_LOG = 32 << 20; // at rest: it grows with what is written at once
    private static final int BUSY = 5; // SQLITE_BUSY, of whose extended codes the driver gives this much
    private static final String PRIVATE_FILE = "rw-------";
    private static final String PRIVATE_DIRECTORY = "rwx------";

    private final Path file;
    private final long busyMillis; // that a write waits for another program, which reads or copies the file
    private final FileStore disk; // to find it takes longer than to ask it
    private final FileChannel lockFile;
    private volatile Connection writer; // changed by the writing thread alone
    private final Thread thread;
    /** Guarded by itself, as is closed. It never grows: one that has no memory to grow loses all that is in it. */
    private final Deque<Waiting<?>> queue = new ArrayDeque<>(MAX_WAITING);

    private final Deque<Connection> readers = new ArrayDeque<>(); // guarded by itself
    private boolean closed;
    private volatile boolean blind;

    /** What makes a connection ready. */
    private interface Setup {
        void on(Connection connection) throws SQLException;
    }

    /** What waits for its commit. Its end is told without any memory, for there may be none. */
    private static final class Waiting<T> {
        private final Work<T> work;
        private final CountDownLatch done = new CountDownLatch(1);
        private @Nullable T result; // both are read behind the latch
        private @Nullable Throwable failure;

        Waiting(Work<T> work) {
            this.work = work;
        }

        void run(Connection connection) throws SQLException, IOException {
            result = work.on(connection);
        }

        void committed() {
            done.countDown();
        }

        void failed(Throwable e) {
            if (done.getCount() > 0) {
                failure = e;
                done.countDown();
            }
        }

        @SuppressWarnings("NullAway") // as the work returned it
        T result(Step step) {
            boolean interrupted = false;
            while (done.getCount() > 0) {
                try {
                    done.await();
                } catch (InterruptedException e) {
                    interrupted = true; // it is written all the same
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (failure != null) {
                throw new SpoolException("the spool's file failed at " + step, failure);
            }
            return result;
        }
    }

    SqliteEngine(Path directory, Duration longestLock) {
        busyMillis = longestLock.toMillis();
        try {
            Files.createDirectories(directory, onlyOurs(PRIVATE_DIRECTORY));
            lockFile = lock(directory);
        } catch (IOException e) {
            throw unusable(directory, e);
        }
        file = directory.resolve("spool.db");
        boolean opened = false;
        try {
            createFile(file);
            disk = Files.getFileStore(file);
            writer = connect(SqliteEngine::beFirstWriter);
            opened = true;
        } catch (IOException e) {
            throw unusable(directory, e);
        } catch (SQLException e) {
            throw new SpoolException("the spool cannot be opened: " + file + ": " + e.getMessage(), e);
        } finally {
            if (!opened) {
                closeLock();
            }
        }
        thread = new Thread(this::write, "postern-spool-writer");
        thread.setDaemon(true);
        thread.start();
    }

    private static UncheckedIOException unusable(Path directory, IOException e) {
        return new UncheckedIOException("the spool's directory " + directory + " cannot be used: " + e, e);
    }

    private static FileAttribute<?>[] onlyOurs(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static void createFile(Path file) throws IOException {
        try {
            Files.createFile(file, onlyOurs(PRIVATE_FILE)); // SQLite gives its other files the same permissions
        } catch (FileAlreadyExistsException e) {
            // from an earlier run, which is what a spool is for
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        Path path = directory.resolve("lock");
        createFile(path);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // this process has it open already
        }
        channel.close();
        throw new SpoolException("another relay uses the spool in " + directory
                + ": give each its own directory, or share a database server");
    }

    /** Makes a connection ready, or closes it: of a file that is broken there would be one more with each attempt. */
    private Connection connect(Setup setup) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        boolean ready = false;
        try {
            execute(connection, "PRAGMA busy_timeout=" + busyMillis);
            setup.on(connection);
            ready = true;
            return connection;
        } finally {
            if (!ready) {
                connection.close();
            }
        }
    }

    private static void beWriter(Connection connection) throws SQLException {
        // RFC 5321 section 4.2.5: a 250 is a promise; FULL waits for the disk at each commit
        execute(connection, "PRAGMA journal_mode=WAL");
        execute(connection, "PRAGMA synchronous=FULL");
        execute(connection, "PRAGMA journal_size_limit=" + MAX_LOG);
        connection.setAutoCommit(false);
    }

    private static void beFirstWriter(Connection connection) throws SQLException {
        beWriter(connection);
        Sql.migrate(connection, "sqlite");
        Sql.require(connection);
        connection.commit();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public <T> T transact(Step step, Work<T> work) {
        Waiting<T> waiting = new Waiting<>(work);
        synchronized (queue) {
            if (closed || queue.size() >= MAX_WAITING) {
                throw new SpoolException(closed ? "the spool is closed" : "the spool's disk is too slow");
            }
            queue.add(waiting);
            queue.notifyAll();
        }
        return waiting.result(step);
    }

    private void write() {
        List<Waiting<?>> batch =
                new ArrayList<>(MAX_BATCH); // the same always: a heap that is full has no place for another
        boolean more = true;
        while (more) {
            try {
                more = writeNext(batch);
            } catch (RuntimeException
                    | Error e) { // what is done about a fault takes memory too, if only for its classes
                fail(batch, e);
            }
        }
    }

    /** False when the engine is closed and nothing waits any more. */
    private boolean writeNext(List<Waiting<?>> batch) {
        next(batch);
        if (batch.isEmpty()) {
            return false;
        }
        try {
            batch.removeIf(one -> !ran(one));
            writer.commit();
            batch.forEach(Waiting::committed);
            batch.clear();
        } catch (SQLException | RuntimeException | Error e) { // whoever waits is told, and there is no other writer
            fail(batch, e instanceof BatchLost && e.getCause() != null ? e.getCause() : e);
            reopen();
        }
        return true;
    }

    private static void fail(List<Waiting<?>> batch, Throwable why) {
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).failed(why);
        }
        batch.clear();
    }

    /** What had run before in the same transaction is gone too. */
    private static final class BatchLost extends RuntimeException {
        private static final long serialVersionUID = 1;

        BatchLost(Throwable fault) {
            super("the transaction was lost", fault);
        }
    }

    /** After a fault of the disk nobody can say which state a connection is in. */
    private void reopen() {
        try {
            Connection fresh = connect(SqliteEngine::beWriter);
            Connection broken = writer;
            writer = fresh;
            broken.close(); // rolls back
        } catch (SQLException | RuntimeException | Error e) { // there is no other writer
            Enduring.error(LOG, "The spool's file cannot be opened again; the next write tries: {}", file, e);
        }
    }

    /** Adds what waits; nothing when the engine is closed and nothing waits any more. */
    private void next(List<Waiting<?>> batch) {
        synchronized (queue) {
            while (queue.isEmpty() && !closed) {
                try {
                    queue.wait();
                } catch (InterruptedException e) {
                    closed = true; // nobody interrupts it but who ends the process
                }
            }
            while (!queue.isEmpty() && batch.size() < MAX_BATCH) {
                batch.add(queue.remove());
            }
        }
    }

    /**
     * Whether it ran; one that fails leaves nothing behind, and does not harm the others. Unless SQLite has rolled back the
     * whole transaction, as it does when the disk is full: then the savepoint is gone, and so are they.
     */
    @SuppressWarnings("CatchingUnchecked")
    private boolean ran(Waiting<?> one) {
        try {
            Savepoint before = writer.setSavepoint();
            try {
                one.run(writer);
                writer.releaseSavepoint(before);
                return true;
            } catch (Throwable e) { // an Error too is for whoever asked, not for the only writer
                rollBack(before, e);
                if (isLocked(e)) {
                    throw new BatchLost(e); // each of the others would wait for as long
                }
                one.failed(e);
                return false;
            }
        } catch (SQLException e) {
            throw new BatchLost(e);
        }
    }

    private static boolean isLocked(Throwable e) {
        return e instanceof SQLException failure && failure.getErrorCode() == BUSY;
    }

    /** What is told of a lost transaction is the fault that lost it. */
    private void rollBack(Savepoint before, Throwable why) {
        try {
            writer.rollback(before);
            writer.releaseSavepoint(before);
        } catch (SQLException e) {
            why.addSuppressed(e);
            throw new BatchLost(why);
        }
    }

    @Override
    public <T> T read(Work<T> work) {
        try {
            Connection connection = reader();
            boolean done = false;
            try {
                T result = work.on(connection);
                done = true;
                return result;
            } finally {
                if (done) {
                    keep(connection);
                } else {
                    connection.close(); // nobody knows in which state it is
                }
            }
        } catch (SQLException | IOException e) {
            throw new SpoolException("the spool's file cannot be read", e);
        }
    }

    private Connection reader() throws SQLException {
        synchronized (readers) {
            Connection idle = readers.poll();
            if (idle != null) {
                return idle;
            }
        }
        return connect(connection -> {});
    }

    private void keep(Connection connection) throws SQLException {
        synchronized (readers) {
            if (!isClosed() && readers.size() < MAX_IDLE_READERS) {
                readers.add(connection);
                return;
            }
        }
        connection.close();
    }

    private boolean isClosed() {
        synchronized (queue) {
            return closed;
        }
    }

    @Override
    public boolean alone() {
        return true;
    }

    /** There is one writer. */
    @Override
    public String forUpdateSkipLocked() {
        return "";
    }

    /** There are no round trips. */
    @Override
    public boolean combines() {
        return false;
    }

    @Override
    public long room() {
        try {
            long usable = disk.getUsableSpace();
            long room = usable > PLENTY ? usable : usable + freed();
            blind = false;
            return room;
        } catch (IOException | SpoolException e) { // what cannot be looked at will hardly be written to
            if (!blind) { // each message asks
                LOG.warn("The spool's disk cannot be looked at, and is taken for full: {}", file, e);
            }
            blind = true;
            return 0;
        }
    }

    /** The file does not shrink: what has left has its place there still. */
    private long freed() {
        return read(connection -> number(connection, "PRAGMA freelist_count") * number(connection, "PRAGMA page_size"));
    }

    private static long number(Connection connection, String pragma) throws SQLException {
        return Sql.query(connection, pragma, row -> row.getLong(1)).get(0);
    }

    @Override
    public void close() {
        synchronized (queue) {
            closed = true;
            queue.notifyAll();
        }
        awaitWriter();
        try {
            List<Connection> open = new ArrayList<>(List.of(writer));
            synchronized (readers) {
                open.addAll(readers);
                readers.clear();
            }
            for (Connection connection : open) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new SpoolException("the spool was not closed: " + file, e);
        } finally {
            closeLock();
        }
    }

    /** Also on an interrupted thread: while the writer writes, the directory is nobody else's. */
    private void awaitWriter() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeLock() {
        try {
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
