package dev.postern.internal.content.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The private directory for what memory does not hold. Made when the first message needs it, and again when something
 * has removed it. Safe for use by several threads.
 */
public final class SpoolDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);
    private static final String PREFIX = "postern-content-";
    private static final Duration ABANDONED = Duration.ofDays(1);
    private static final Set<OpenOption> NEW_FILE = Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            // on POSIX systems the JDK unlinks the file at once: nothing remains of it even after kill -9
            StandardOpenOption.DELETE_ON_CLOSE);

    private final Path parent;
    private final boolean posix;
    private @Nullable Path directory;
    private final AtomicLong files = new AtomicLong();
    private boolean closed;

    /** Makes nothing yet. */
    public SpoolDirectory(Path parent) {
        this.parent = parent;
        this.posix = parent.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Makes a file that only this process's user can read, and that goes away with its channel. */
    public FileChannel newFile(Instant now) throws IOException {
        Path known = directory(null, now);
        try {
            return open(known);
        } catch (NoSuchFileException e) {
            LOG.info("temporary directory {} has gone, making another", known);
            return open(directory(known, now));
        }
    }

    private synchronized Path directory(@Nullable Path gone, Instant now) throws IOException {
        if (closed) {
            throw new IOException("content storage is closed");
        }
        Path known = directory;
        if (known == null || known.equals(gone)) {
            removeAbandoned(now);
            known = Files.createTempDirectory(parent, PREFIX, permissions("rwx------"));
            directory = known;
        }
        return known;
    }

    /** Tells whether the file system has so much room left; true when it does not say. */
    public boolean hasRoom(long octets) {
        try {
            return Files.isDirectory(parent) && Files.getFileStore(parent).getUsableSpace() >= octets;
        } catch (FileSystemException e) {
            LOG.warn("no temporary directory {}: {}", parent, e.toString());
            return false;
        } catch (IOException e) {
            LOG.debug("free space of {} is not known", parent, e);
            return true;
        }
    }

    private FileChannel open(Path in) throws IOException {
        return FileChannel.open(in.resolve("content-" + files.incrementAndGet()), NEW_FILE, permissions("rw-------"));
    }

    private FileAttribute<?>[] permissions(String text) {
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))}
                : new FileAttribute<?>[0];
    }

    /** Removes what a crashed process has left. A directory in use is younger, or not empty, or is made again. */
    private void removeAbandoned(Instant now) {
        try (DirectoryStream<Path> old = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path each : old) {
                if (Files.getLastModifiedTime(each).toInstant().isBefore(now.minus(ABANDONED))) {
                    remove(each);
                }
            }
        } catch (IOException e) {
            LOG.debug("looking for old directories in {}", parent, e);
        }
    }

    private static void remove(Path empty) {
        try {
            Files.deleteIfExists(empty);
        } catch (IOException e) {
            LOG.debug("removing {}", empty, e);
        }
    }

    /** Removes the directory; files of messages in flight live on until they are closed. */
    @Override
    public synchronized void close() {
        closed = true;
        if (directory != null) {
            remove(directory);
            directory = null;
        }
    }
}
