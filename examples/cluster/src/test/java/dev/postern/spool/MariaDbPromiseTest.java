package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.jdbc.Backend;
import dev.postern.spi.DeliveryResult.Accepted;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The promise on MariaDB, which nodes share. */
@OnServers
class MariaDbPromiseTest extends PromiseTests {

    @RegisterExtension
    static final OnServers.Servers SERVERS = new OnServers.Servers(Backend.MARIADB);

    @Override
    SpoolStore newStore() {
        return SERVERS.newStore(this);
    }

    /** MySQL commits each statement that makes a table: a process may die behind any of them. */
    @Test
    void tablesThatWereBegun_areMadeWhole() throws Exception {
        List<String> statements = Stream.of(
                        Sql.ddl("mysql", 1).replaceAll("(?m)^--.*\n", "").split(";"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
        for (int done = 0; done <= statements.size(); done++) {
            try (HikariDataSource pool = Backend.pool(Backend.MARIADB.freshUrl(), 4)) {
                try (Connection connection = pool.getConnection()) {
                    for (String statement : statements.subList(0, done)) {
                        Sql.update(connection, statement);
                    }
                }
                try (Spool spool = Spool.builder(SpoolStore.migratedDatabase(pool))
                        .settings(SpoolSettings.defaults().withAttempts(1))
                        .start(message -> Scene.accepted())) {
                    assertThat(spool.deliver(Scene.message("hello", "bob@example.net")))
                            .as("after %s statements", done)
                            .isInstanceOf(Accepted.class);
                }
            }
        }
    }
}
