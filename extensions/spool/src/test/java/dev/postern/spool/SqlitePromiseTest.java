package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine. */
@OnAnyJdk
class SqlitePromiseTest extends PromiseTests {

    @TempDir
    Path directory;

    /** A directory of an older version goes on, and what a newer one has added does not matter. */
    @Test
    void olderAndNewerTables_goOn() throws Exception {
        Path spool = Files.createDirectories(directory.resolve("old"));
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + spool.resolve("spool.db"))) {
            for (String part :
                    Sql.ddl("sqlite", 1).replaceAll("(?m)^--.*\n", "").split(";")) {
                if (!part.isBlank()) {
                    Sql.update(connection, part.strip());
                }
            }
        }
        Spool.builder(SpoolStore.directory(spool))
                .start(message -> Scene.accepted())
                .close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + spool.resolve("spool.db"))) {
            Sql.update(connection, "INSERT INTO postern_spool_version (version) VALUES (?)", Sql.VERSION + 1);
        }
        try (Spool reopened = Spool.builder(SpoolStore.directory(spool)).start(message -> Scene.accepted())) {
            assertThat(reopened.suspensions()).isEmpty();
        }
    }

    @Override
    SpoolStore newStore() {
        return SpoolStore.directory(directory.resolve("spool"));
    }
}
