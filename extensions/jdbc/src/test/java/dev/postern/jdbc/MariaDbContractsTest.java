package dev.postern.jdbc;

class MariaDbContractsTest extends JdbcContracts {
    MariaDbContractsTest() {
        super(Backend.MARIADB);
    }
}
