package dev.postern.spool;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.jdbc.Backend;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Marks tests on database servers, which need tens of seconds: they run where all programs of the system are there ({@code
 * -Dpostern.tools=all}), or are asked for ({@code -Dpostern.spool.engines=all}). SQLite goes through the same steps always.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("tools")
@EnabledIf("dev.postern.spool.OnServers$Servers#wanted")
@interface OnServers {

    /** Databases of tests, on servers that all share; closed behind their spools. Safe for use by several threads. */
    final class Servers implements BeforeAllCallback, AfterEachCallback {

        private final Backend backend;
        private final Map<Object, List<HikariDataSource>> open = new ConcurrentHashMap<>();

        Servers(Backend backend) {
            this.backend = backend;
        }

        static boolean wanted() {
            return "all".equals(System.getProperty("postern.tools"))
                    || "all".equals(System.getProperty("postern.spool.engines"));
        }

        /** Starts the server and loads what connects to it, so that no test's time has to be enough for that. */
        @Override
        public void beforeAll(ExtensionContext context) throws SQLException {
            try (HikariDataSource pool = Backend.pool(backend.freshUrl(), 1);
                    Connection connection = pool.getConnection()) {
                assertThat(connection.isValid(1)).isTrue();
            }
        }

        /** One more for a test, which is its class' instance. */
        SpoolStore newStore(Object test) {
            HikariDataSource pool = Backend.pool(backend.freshUrl(), 24);
            open.computeIfAbsent(test, of -> new ArrayList<>()).add(pool);
            return SpoolStore.migratedDatabase(pool);
        }

        @Override
        public void afterEach(ExtensionContext context) {
            for (Object test : context.getRequiredTestInstances().getAllInstances()) { // also of what is nested in it
                open.getOrDefault(test, List.of()).forEach(HikariDataSource::close);
                open.remove(test);
            }
        }
    }
}
