package dev.postern.jdbc;

import dev.postern.stores.StoreContracts;
import dev.postern.stores.StoreServer;

class H2ContractsTest extends StoreContracts {
    private static final StoreServer SERVER = Backend.H2.freshServer();

    @Override
    protected StoreServer server() {
        return SERVER;
    }
}
