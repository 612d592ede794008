package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A host that opens and closes spools again and again must not run out of descriptors. */
class BrokenFileTest {

    @Test
    @EnabledOnOs(OS.LINUX)
    void isNotKeptOpen(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("spool.db");
        Files.writeString(file, "no database".repeat(1000));
        assertThatExceptionOfType(SpoolException.class)
                .isThrownBy(() -> new SqliteEngine(directory, Duration.ofSeconds(10)));
        assertThat(openIn(directory)).isEmpty();
        Files.delete(file);
        new SqliteEngine(directory, Duration.ofSeconds(10)).close();
        assertThat(openIn(directory)).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void isNotKeptOpenByAThreadThatIsInterrupted(@TempDir Path directory) throws IOException {
        SqliteEngine engine = new SqliteEngine(directory, Duration.ofSeconds(10));
        Thread.currentThread().interrupt();
        engine.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(openIn(directory)).isEmpty();
    }

    private static List<String> openIn(Path directory) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(BrokenFileTest::target)
                    .filter(target -> target.startsWith(directory.toString()))
                    .toList();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
