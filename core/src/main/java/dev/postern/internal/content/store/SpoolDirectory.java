package dev.postern.internal.content.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory of files for what memory does not hold. Safe for use by several threads. */
public final class SpoolDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);
    private static final String PREFIX = "postern-content-";
    private static final Set<OpenOption> NEW_FILE = Set.of(
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            // on POSIX systems the JDK unlinks the file at once: nothing remains of it even after kill -9
            StandardOpenOption.DELETE_ON_CLOSE);

    private final Path directory;
    private final boolean posix;
    private final SecureRandom names = new SecureRandom();
    private volatile boolean closed;

    public SpoolDirectory(Path directory) {
        this.directory = directory;
        this.posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Makes a file that only this process's user can read, and that goes away with its channel. */
    public FileChannel newFile() throws IOException {
        if (closed) {
            throw new IOException("content storage is closed");
        }
        return FileChannel.open(newName(), NEW_FILE, onlyForUs());
    }

    /** Of 64 bits, so that none comes twice. */
    private Path newName() {
        return directory.resolve(PREFIX + Long.toUnsignedString(names.nextLong(), Character.MAX_RADIX));
    }

    private FileAttribute<?>[] onlyForUs() {
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /** Tells whether the file system has so much room left; true when it does not say. */
    public boolean hasRoom(long octets) {
        try {
            return Files.isDirectory(directory) && Files.getFileStore(directory).getUsableSpace() >= octets;
        } catch (FileSystemException e) {
            LOG.warn("no temporary directory {}: {}", directory, e.toString());
            return false;
        } catch (IOException e) {
            LOG.debug("free space of {} is not known", directory, e);
            return true;
        }
    }

    /**
     * Removes what processes have left that were killed between the making of a file and its unlinking: it is empty. A file
     * that is in use has no name where that can happen, so it cannot be met here, and elsewhere it outlives its name.
     */
    public void removeAbandoned() {
        try (DirectoryStream<Path> abandoned = Files.newDirectoryStream(directory, PREFIX + "*")) {
            for (Path each : abandoned) {
                removeEmpty(each);
            }
        } catch (IOException e) {
            LOG.debug("looking for old files in {}", directory, e);
        }
    }

    /** A directory, as versions before the first made one, is not removed unless it is empty. */
    private static void removeEmpty(Path file) {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isDirectory() || found.isRegularFile() && found.size() == 0) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.debug("{} not removed", file, e);
        }
    }

    /** Makes no file any more; those of messages in flight live on until they are closed. */
    @Override
    public void close() {
        closed = true;
    }
}
