package dev.postern.spool;

import dev.postern.tools.OnAnyJdk;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

@OnAnyJdk
class SqliteSpoolContractTest extends SpoolContracts {

    @TempDir
    Path directory;

    @Override
    SpoolStore newStore() {
        return SpoolStore.directory(directory.resolve("spool"));
    }
}
