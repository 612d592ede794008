package dev.postern.jdbc;

class PostgresqlContractsTest extends JdbcContracts {
    PostgresqlContractsTest() {
        super(Backend.POSTGRESQL);
    }
}
