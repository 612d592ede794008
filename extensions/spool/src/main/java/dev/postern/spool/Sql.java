package dev.postern.spool;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Statements with parameters, and the tables by version. */
final class Sql {

    /** The version of the tables that this code works with. */
    static final int VERSION = 2;

    private static final List<String> FILES = List.of("spool", "suspensions");

    private Sql() {}

    /** What is made of a row. */
    @FunctionalInterface
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    static int update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    static <T> List<T> query(Connection connection, String sql, Row<T> row, Object... parameters) throws SQLException {
        List<T> read = new ArrayList<>();
        try (PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                read.add(row.read(rows));
            }
        }
        return read;
    }

    /** The only column of each row. */
    static List<String> ids(Connection connection, String sql, Object... parameters) throws SQLException {
        return query(connection, sql, row -> row.getString(1), parameters);
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    /** {@code ?, ?, ?}. */
    static String marks(int count) {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /** Makes the tables where there are none, and brings older ones up to date. */
    static void migrate(Connection connection, String folder) throws SQLException {
        for (int version = version(connection) + 1; version <= VERSION; version++) {
            for (String part :
                    ddl(folder, version).replaceAll("(?m)^--.*\n", "").split(";")) {
                if (!part.isBlank()) {
                    update(connection, part.strip());
                }
            }
        }
    }

    /** A newer version only adds to the tables, so that older nodes can run beside newer ones. */
    static void require(Connection connection) throws SQLException {
        int found = version(connection);
        if (found < VERSION) {
            throw new SpoolException("the database has version " + found + " of the spool's tables, and this library"
                    + " needs " + VERSION
                    + ": call SpoolStore.migratedDatabase(dataSource), or run the files of dev/postern/spool");
        }
    }

    /** 0 when there are no tables. */
    private static int version(Connection connection) throws SQLException {
        return exists(connection)
                ? query(connection, "SELECT MAX(version) FROM postern_spool_version", row -> row.getInt(1))
                        .get(0)
                : 0;
    }

    private static boolean exists(Connection connection) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        try (ResultSet tables =
                data.getTables(connection.getCatalog(), connection.getSchema(), "postern_spool_version", null)) {
            return tables.next();
        }
    }

    static String ddl(String folder, int version) {
        String name = folder + "/V" + version + "__" + FILES.get(version - 1) + ".sql";
        try (InputStream file = Sql.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new SpoolException(name + " is missing from the jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the database's files are, by what it calls itself. */
    static String folder(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
        return switch (product) {
            case "postgresql" -> "postgresql";
            case "mysql", "mariadb" -> "mysql";
            default ->
                throw new SpoolException("database must be PostgreSQL, MySQL or MariaDB, but is " + product
                        + "; an embedded one is SpoolStore.directory(path)");
        };
    }
}
