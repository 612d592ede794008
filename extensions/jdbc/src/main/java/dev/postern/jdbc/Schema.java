package dev.postern.jdbc;

import dev.postern.stores.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The tables, by version; each migration is a file that is never changed again. */
final class Schema {

    /** The version that this code works with. */
    static final int VERSION = 4;

    /**
     * What MySQL and MariaDB say of what is there already: a table, a column, an index, a constraint (of a foreign key or any;
     * a CHECK).
     */
    private static final Set<Integer> IS_THERE = Set.of(1050, 1060, 1061, 1826, 3822);

    private Schema() {}

    /** Brings the tables to this code's version. Nodes that do so at the same time wait for each other. */
    static void migrate(Database database) {
        synchronized (Schema.class) { // an embedded database is in this process
            database.run(connection -> {
                if (!exists(connection)) {
                    createVersionTable(database, connection);
                }
                return 0;
            });
            database.transact(connection -> {
                lock(database.dialect(), connection);
                try {
                    migrate(database.dialect(), connection);
                } finally {
                    unlock(database.dialect(), connection);
                }
                return 0;
            });
        }
    }

    private static void migrate(Dialect dialect, Connection connection) throws SQLException {
        for (int next = version(connection) + 1; next <= VERSION; next++) {
            if (next == CanonicalNames.VERSION) {
                CanonicalNames.adopt(connection);
            }
            for (String statement : statements(next, dialect)) {
                apply(dialect, connection, statement);
            }
            Database.update(connection, "UPDATE postern_schema SET version = ?", next);
        }
    }

    /** Where each statement is committed by itself, a node that died between two has left a part of a version behind. */
    private static void apply(Dialect dialect, Connection connection, String statement) throws SQLException {
        try {
            Database.update(connection, statement);
        } catch (SQLException e) {
            if (!isMySql(dialect) || !IS_THERE.contains(e.getErrorCode())) {
                throw e;
            }
        }
    }

    private static boolean isMySql(Dialect dialect) {
        return dialect == Dialect.MYSQL || dialect == Dialect.MARIADB;
    }

    /** PostgreSQL's DDL is part of the transaction, so a row's lock is enough; MySQL's commits at each statement. */
    private static void lock(Dialect dialect, Connection connection) throws SQLException {
        switch (dialect) {
            case POSTGRESQL, H2 -> Database.update(connection, "UPDATE postern_schema SET version = version");
            case MYSQL, MARIADB -> {
                int got = Database.queryFirst(
                        connection, "SELECT GET_LOCK('postern_schema', 590)", rows -> rows.getInt(1));
                if (got != 1) {
                    throw new StoreException("another node still changes the tables: start again when it is done");
                }
            }
        }
    }

    private static void unlock(Dialect dialect, Connection connection) throws SQLException {
        if (isMySql(dialect)) {
            Database.queryFirst(connection, "SELECT RELEASE_LOCK('postern_schema')", rows -> rows.getInt(1));
        }
    }

    private static void createVersionTable(Database database, Connection connection) throws SQLException {
        Database.update(
                connection,
                "CREATE TABLE IF NOT EXISTS postern_schema (one INT NOT NULL PRIMARY KEY, version INT NOT NULL)"
                        + database.dialect().tableOptions);
        Database.update(
                connection,
                "INSERT INTO postern_schema (one, version) SELECT 1, 0 WHERE NOT EXISTS"
                        + " (SELECT 1 FROM postern_schema)");
    }

    static void require(Database database) {
        int found = database.run(connection -> exists(connection) ? version(connection) : 0);
        if (found != VERSION) {
            throw new StoreException(
                    "the database has version " + found + " of Postern's tables, and this library needs " + VERSION
                            + ": call migrate(), or run the DDL of the documentation");
        }
        database.run(connection -> {
            requireExactNames(database.dialect(), connection);
            return 0;
        });
    }

    /** Who is the same is not for a collation to say: it could take accounts for one that are two. */
    private static void requireExactNames(Dialect dialect, Connection connection) throws SQLException {
        if (dialect.collation.isEmpty()) {
            return;
        }
        Database.query(
                connection,
                "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema ="
                        + " DATABASE() AND table_name LIKE 'postern\\_%' AND collation_name NOT LIKE ?",
                rows -> {
                    if (rows.next()) {
                        throw new StoreException("column " + rows.getString(2) + " of " + rows.getString(1)
                                + " compares by " + rows.getString(3) + ": it must be " + dialect.collation
                                + ", as the documentation's DDL says");
                    }
                    return 0;
                },
                "%" + dialect.collation.substring(dialect.collation.indexOf('_')));
    }

    private static boolean exists(Connection connection) throws SQLException {
        for (String name : List.of("postern_schema", "POSTERN_SCHEMA")) {
            try (ResultSet tables =
                    connection.getMetaData().getTables(connection.getCatalog(), connection.getSchema(), name, null)) {
                if (tables.next()) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int version(Connection connection) throws SQLException {
        return Database.queryFirst(connection, "SELECT version FROM postern_schema", rows -> rows.getInt(1));
    }

    static List<String> statements(int version, Dialect dialect) {
        List<String> statements = new ArrayList<>();
        for (String part : ddl(version).replaceAll("(?m)^--.*\n", "").split(";")) {
            String statement = part.strip();
            if (!statement.isEmpty()) {
                boolean table = statement.toUpperCase(Locale.ROOT).startsWith("CREATE TABLE");
                statements.add(table ? statement + dialect.tableOptions : statement);
            }
        }
        return statements;
    }

    /** The statements of all versions, for empty tables. */
    static String ddl() {
        return IntStream.rangeClosed(1, VERSION).mapToObj(Schema::ddl).collect(Collectors.joining("\n"));
    }

    private static String ddl(int version) {
        String name = "schema-" + version + ".sql";
        try (InputStream file = Schema.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new StoreException(name + " is missing from the jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
