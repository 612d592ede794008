package dev.postern.jdbc;

import dev.postern.stores.StoreContracts;
import dev.postern.stores.StoreServer;

class MariaDbContractsTest extends StoreContracts {
    private static final StoreServer SERVER = Backend.MARIADB.freshServer();

    @Override
    protected StoreServer server() {
        return SERVER;
    }
}
