package dev.postern.jdbc;

import dev.postern.stores.TwoRelaysTests;

class PostgresqlTwoRelaysTest extends TwoRelaysTests {
    PostgresqlTwoRelaysTest() {
        super(Backend.POSTGRESQL.freshServer());
    }
}
