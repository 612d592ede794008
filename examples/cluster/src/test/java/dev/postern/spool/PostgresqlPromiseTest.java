package dev.postern.spool;

import dev.postern.jdbc.Backend;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The promise on PostgreSQL, which nodes share. */
@OnServers
class PostgresqlPromiseTest extends PromiseTests {

    @RegisterExtension
    static final OnServers.Servers SERVERS = new OnServers.Servers(Backend.POSTGRESQL);

    @Override
    SpoolStore newStore() {
        return SERVERS.newStore(this);
    }
}
