package dev.postern.spool;

import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine. */
@OnAnyJdk
class SqlitePromiseTest extends PromiseTests {

    @TempDir
    Path directory;

    @Override
    SpoolStore newStore() {
        return SpoolStore.directory(directory.resolve("spool"));
    }
}
