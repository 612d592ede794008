package dev.postern.stores;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How many units a node began to commit and has committed, in a file that outlives its kill. A slot for each thread. */
final class Tally {

    private static final int SLOTS = 64;

    private final MappedByteBuffer counts;

    Tally(Path file) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            counts = channel.map(FileChannel.MapMode.READ_WRITE, 0, SLOTS * 2L * Long.BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void began(int slot) {
        increment(2 * slot);
    }

    void done(int slot) {
        increment(2 * slot + 1);
    }

    private void increment(int count) {
        counts.putLong(count * Long.BYTES, counts.getLong(count * Long.BYTES) + 1);
    }

    long began() {
        return sum(0);
    }

    long done() {
        return sum(1);
    }

    private long sum(int first) {
        long sum = 0;
        for (int count = first; count < 2 * SLOTS; count += 2) {
            sum += counts.getLong(count * Long.BYTES);
        }
        return sum;
    }
}
