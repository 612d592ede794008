package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spool.Engine.Step;
import dev.postern.spool.Engine.Work;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A heap that something else has filled, again and again, and that has room then. */
@OnAnyJdk
class FullHeapTest {

    @Test
    void writesGoOnBehindIt(@TempDir Path directory) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx14m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Filled.class.getName(),
                        directory.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            boolean ended = process.waitFor(30, TimeUnit.SECONDS);
            assertThat(ended).as("the last write ends").isTrue();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .isEqualTo("written");
        } finally {
            process.destroyForcibly();
        }
    }

    /** Such a process. */
    static final class Filled {

        private static final Work<Integer> WRITE =
                connection -> Sql.update(connection, "DELETE FROM postern_spool_node WHERE id = ?", "none");
        private static final Duration LONG = Duration.ofSeconds(1);

        private static volatile @Nullable Object kept;

        private Filled() {}

        public static void main(String[] arguments) {
            SqliteEngine engine = new SqliteEngine(Path.of(arguments[0]), Duration.ofSeconds(1));
            AtomicBoolean over = new AtomicBoolean();
            for (int i = 0; i < 8; i++) {
                Thread thread = new Thread(() -> {
                    while (!over.get()) {
                        write(engine);
                    }
                });
                thread.setDaemon(true);
                thread.start();
            }
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < LONG.toNanos()) {
                fill();
                LockSupport.parkNanos(1_000_000);
                kept = null;
            }
            over.set(true);
            engine.transact(Step.BEAT, WRITE);
            System.out.print("written");
            System.exit(0);
        }

        private static void write(SqliteEngine engine) {
            try {
                engine.transact(Step.BEAT, WRITE);
            } catch (SpoolException | OutOfMemoryError e) {
                return; // as a session does
            }
        }

        private static void fill() {
            try {
                for (Object[] chain = null; ; ) {
                    chain = new Object[] {chain, new byte[100]};
                    kept = chain;
                }
            } catch (OutOfMemoryError e) {
                return; // which is what was wanted
            }
        }
    }
}
