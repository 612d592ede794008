package dev.postern.jdbc;

class H2ContractsTest extends JdbcContracts {
    H2ContractsTest() {
        super(Backend.H2);
    }
}
