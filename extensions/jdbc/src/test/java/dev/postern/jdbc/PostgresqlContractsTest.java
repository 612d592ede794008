package dev.postern.jdbc;

import dev.postern.stores.StoreContracts;
import dev.postern.stores.StoreServer;

class PostgresqlContractsTest extends StoreContracts {
    private static final StoreServer SERVER = Backend.POSTGRESQL.freshServer();

    @Override
    protected StoreServer server() {
        return SERVER;
    }
}
