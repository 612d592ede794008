package dev.postern.jdbc;

import dev.postern.stores.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;

/** Where databases differ. */
enum Dialect {
    POSTGRESQL("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)", ""),
    /** Its default collation takes {@code Acme} and {@code acme} for the same account. */
    MYSQL("CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)", "utf8mb4_0900_bin"),
    /**
     * As MySQL; a binary collation that has no other word for it takes {@code acme} and {@code "acme "} for the same.
     */
    MARIADB("CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)", "utf8mb4_nopad_bin"),
    H2("CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)", "");

    /** The database's time in milliseconds since 1970. */
    final String now;

    /** What makes names the same only when they are the same octet for octet; empty where nothing else can be. */
    final String collation;

    /** What follows the parenthesis of CREATE TABLE. */
    final String tableOptions;

    Dialect(String now, String collation) {
        this.now = now;
        this.collation = collation;
        this.tableOptions =
                collation.isEmpty() ? "" : " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE " + collation;
    }

    static Dialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        return switch (product.toLowerCase(Locale.ROOT)) {
            case "postgresql" -> POSTGRESQL;
            case "mysql" -> MYSQL;
            case "mariadb" -> MARIADB;
            case "h2" -> H2;
            default ->
                throw new StoreException("dataSource must be PostgreSQL, MySQL, MariaDB or H2, but is " + product);
        };
    }
}
