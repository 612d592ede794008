package dev.postern.spool;

import dev.postern.jdbc.Backend;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What senders rely on, with MariaDB. */
@OnServers
class MariaDbSpoolContractTest extends SpoolContracts {

    @RegisterExtension
    static final OnServers.Servers SERVERS = new OnServers.Servers(Backend.MARIADB);

    @Override
    SpoolStore newStore() {
        return SERVERS.newStore(this);
    }
}
