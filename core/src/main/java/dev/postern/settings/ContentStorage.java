package dev.postern.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/** Where the relay holds the content of messages: in memory, and in temporary files. Immutable. */
public final class ContentStorage {

    private static final ContentStorage DEFAULTS = new ContentStorage(new Fields());

    private final Fields fields;

    private static final class Fields extends Values {
        private int memoryPerMessage = 256 << 10;
        // in a small heap, messages that are held in memory must leave room for everything else
        private long memory = Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 4);
        private Path directory = Path.of(System.getProperty("java.io.tmpdir", "."));
    }

    private ContentStorage(Fields fields) {
        this.fields = fields;
    }

    private ContentStorage with(Consumer<Fields> change) {
        return new ContentStorage(Values.copy(fields, change));
    }

    /** {@return the default storage} */
    public static ContentStorage defaults() {
        return DEFAULTS;
    }

    /**
     * Limits how much of one message is held in memory; the rest goes to a temporary file. Default: 262,144 octets (256
     * KiB).
     *
     * @param octets 0 or more
     * @return a copy
     * @throws IllegalArgumentException when octets is negative
     */
    public ContentStorage withMemoryPerMessage(int octets) {
        return with(copy -> copy.memoryPerMessage = Bounds.atLeast("memoryPerMessage", 0, octets));
    }

    /**
     * Limits how much of all messages together is held in memory. Default: 67,108,864 octets (64 MiB) or a quarter of the
     * heap, whichever is less.
     *
     * @param octets 0 or more
     * @return a copy
     * @throws IllegalArgumentException when octets is negative
     */
    public ContentStorage withMemory(long octets) {
        return with(copy -> copy.memory = Bounds.atLeast("memory", 0L, octets));
    }

    /**
     * Sets the directory for temporary files, which only the relay's user can read. On POSIX systems they have no name,
     * so nothing is left behind when the JVM is killed. Default: {@code java.io.tmpdir}.
     *
     * @param directory an existing directory
     * @return a copy
     * @throws IllegalArgumentException when the directory does not exist or is not writable
     */
    public ContentStorage withDirectory(Path directory) {
        Objects.requireNonNull(directory, "directory");
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new IllegalArgumentException(
                    "directory must be an existing directory that can be written to, not " + directory);
        }
        return with(copy -> copy.directory = directory);
    }

    /** {@return how much of one message is held in memory, in octets} */
    public int memoryPerMessage() {
        return fields.memoryPerMessage;
    }

    /** {@return how much of all messages together is held in memory, in octets} */
    public long memory() {
        return fields.memory;
    }

    /** {@return the directory for temporary files} */
    public Path directory() {
        return fields.directory;
    }
}
