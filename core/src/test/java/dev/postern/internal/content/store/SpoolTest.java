package dev.postern.internal.content.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@OnAnyJdk
class SpoolTest {

    private static final int BLOCK = Spool.BLOCK;

    @TempDir
    Path directory;

    private final List<FileChannel> made = new ArrayList<>();

    /** Takes no more at a time than a block of a file has. */
    private static final class InBlocks extends ByteArrayOutputStream {

        @Override
        public void write(byte[] buffer, int offset, int length) {
            assertThat(length).isBetween(1, 4 * BLOCK);
            super.write(buffer, offset, length);
        }
    }

    private Spool spool(int threshold, byte[] content) throws IOException {
        SpoolDirectory files = new SpoolDirectory(directory);
        Spool spool = new Spool(threshold, new MemoryBudget(100L * BLOCK), () -> {
            made.add(files.newFile());
            return made.get(made.size() - 1);
        });
        spool.prepare();
        spool.write(content, 0, content.length);
        spool.flush();
        return spool;
    }

    private static byte[] random(int length) {
        byte[] content = new byte[length];
        new Random(1).nextBytes(content);
        return content;
    }

    @Test
    void everyRangeIsThatOfTheContentInMemoryAndInAFile() throws IOException {
        byte[] content = random(5 * BLOCK + 100);
        int[][] ranges = {
            {0, content.length},
            {0, 1},
            {7, 7},
            {BLOCK - 1, BLOCK + 1},
            {BLOCK, 2 * BLOCK},
            {BLOCK + 5, 5 * BLOCK + 7},
            {content.length - 1, content.length}
        };
        for (int threshold : new int[] {10 * BLOCK, 0}) {
            try (Spool spool = spool(threshold, content)) {
                assertThat(spool.size()).isEqualTo(content.length);
                for (int[] range : ranges) {
                    byte[] expected = Arrays.copyOfRange(content, range[0], range[1]);
                    InBlocks written = new InBlocks();
                    spool.writeTo(written, range[0], range[1]);
                    assertThat(written.toByteArray()).isEqualTo(expected);
                    byte[] read = new byte[expected.length + 2];
                    for (int i = range[0]; i < range[1]; ) {
                        int count = spool.read(i, read, 1 + i - range[0], range[1] - i);
                        assertThat(count).isBetween(1, 4 * BLOCK);
                        i += count;
                    }
                    assertThat(Arrays.copyOfRange(read, 1, read.length - 1)).isEqualTo(expected);
                    assertThat(read[0] + read[read.length - 1]).isZero();
                }
            }
        }
        assertThat(made).hasSize(1);
    }

    @Test
    void aFileThatWasCutFailsTheReading() throws IOException {
        byte[] content = random(2 * BLOCK);
        try (Spool spool = spool(0, content)) {
            made.get(0).truncate(BLOCK);
            assertThat(spool.read(0, new byte[10], 0, 10)).isEqualTo(10);
            assertThatThrownBy(() -> spool.read(BLOCK, new byte[10], 0, 10))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("was cut");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void nobodyElseCanReadTheFile() throws IOException {
        String real = directory.toRealPath().toString();
        try (Spool spool = spool(0, random(1));
                Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(spool.size()).isEqualTo(1);
            List<Path> ours = descriptors
                    .filter(each -> Files.isSymbolicLink(each) && target(each).startsWith(real))
                    .toList();
            assertThat(ours).hasSize(1);
            assertThat(Files.getPosixFilePermissions(ours.get(0)))
                    .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed by now
        }
    }

    @Test
    void thereIsRoomForWhatTheDiskHas() {
        assertThat(new SpoolDirectory(directory).hasRoom(1)).isTrue();
        assertThat(new SpoolDirectory(directory).hasRoom(Long.MAX_VALUE)).isFalse();
        assertThat(new SpoolDirectory(directory.resolve("missing")).hasRoom(1)).isFalse();
    }
}
