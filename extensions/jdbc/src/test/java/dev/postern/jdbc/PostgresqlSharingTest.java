package dev.postern.jdbc;

import dev.postern.stores.SharingTests;

class PostgresqlSharingTest extends SharingTests {
    PostgresqlSharingTest() {
        super(Backend.POSTGRESQL.freshServer());
    }
}
