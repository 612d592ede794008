/** Quota, sessions, failed logins and users on PostgreSQL, MySQL, MariaDB or H2. */
module dev.postern.jdbc {
    requires transitive dev.postern.spi;
    requires transitive dev.postern.stores;
    requires transitive java.sql;
    requires dev.postern.passwords;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.postern.jdbc;
}
