package dev.postern.spool;

import dev.postern.jdbc.Backend;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What senders rely on, with PostgreSQL. */
@OnServers
class PostgresqlSpoolContractTest extends SpoolContracts {

    @RegisterExtension
    static final OnServers.Servers SERVERS = new OnServers.Servers(Backend.POSTGRESQL);

    @Override
    SpoolStore newStore() {
        return SERVERS.newStore(this);
    }
}
