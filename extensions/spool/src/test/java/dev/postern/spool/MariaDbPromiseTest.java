package dev.postern.spool;

import dev.postern.jdbc.Backend;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The promise on MariaDB, which nodes share. */
@OnServers
class MariaDbPromiseTest extends PromiseTests {

    @RegisterExtension
    static final OnServers.Servers SERVERS = new OnServers.Servers(Backend.MARIADB);

    @Override
    SpoolStore newStore() {
        return SERVERS.newStore();
    }
}
