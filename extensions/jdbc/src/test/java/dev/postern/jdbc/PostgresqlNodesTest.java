package dev.postern.jdbc;

import dev.postern.stores.NodesTests;
import dev.postern.stores.StoreServer;

class PostgresqlNodesTest extends NodesTests {
    @Override
    protected StoreServer server() {
        return Backend.POSTGRESQL.freshServer();
    }

    @Override
    protected Class<?> nodeMain() {
        return JdbcNode.class;
    }
}
