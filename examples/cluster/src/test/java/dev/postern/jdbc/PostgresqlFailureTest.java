package dev.postern.jdbc;

import dev.postern.stores.FailureTests;
import java.util.List;

/** A server and a thread of tests beside those of its own faults: each takes its time. */
class PostgresqlFailureTest extends FailureTests {

    PostgresqlFailureTest() {
        super(server(new PostgresServer()));
    }

    private static JdbcServer server(PostgresServer process) {
        return new JdbcServer(process.url("postgres"), process);
    }

    @Override
    protected List<Fault> faults() {
        return commonFaults();
    }
}
