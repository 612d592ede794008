package dev.postern.spool;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteSpoolContractTest extends SpoolContracts {

    @TempDir
    Path directory;

    @Override
    SpoolStore newStore() {
        return SpoolStore.directory(directory.resolve("spool"));
    }
}
