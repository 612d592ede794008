package dev.postern.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.passwords.PasswordHashes;
import dev.postern.spi.ScramDirectory;
import dev.postern.testkit.tck.AuthenticatorContract.Login;
import dev.postern.testkit.tck.ScramDirectoryContract;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What every directory of keys has to pass. */
class ScramContractTest extends ScramDirectoryContract {

    private static final Login ANN = new Login("ann", "Correct Horse 9");
    private static final Login BOB = new Login("bob", "Battery Staple 8");
    private static final Login CARL = new Login("carl", "Closed Account");

    private static HikariDataSource database;
    private static JdbcStores stores;

    @BeforeAll
    static void start() throws SQLException {
        database = Backend.H2.freshDatabase();
        stores = JdbcStores.builder(database).migrate().start();
        for (String account : new String[] {"acme", "closed"}) {
            sql(
                    "INSERT INTO postern_account (name, zone, relay_enabled) VALUES (?, 'UTC', ?)",
                    account,
                    String.valueOf(account.equals("acme")));
        }
        user(ANN, "acme");
        user(BOB, "acme");
        user(CARL, "closed");
        sql(
                "INSERT INTO postern_user (name, account, password) VALUES (?, ?, ?)",
                "emil",
                "acme",
                Hashes.of("no keys"));
    }

    @AfterAll
    static void stop() {
        stores.close();
        database.close();
    }

    private static void user(Login login, String account) throws SQLException {
        sql(
                "INSERT INTO postern_user (name, account, password) VALUES (?, ?, ?)",
                login.user(),
                account,
                PasswordHashes.scramKeys(login.password().getBytes(StandardCharsets.UTF_8))
                        .text());
    }

    private static void sql(String statement, String... parameters) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement update = connection.prepareStatement(statement)) {
            for (int i = 0; i < parameters.length; i++) {
                update.setString(i + 1, parameters[i]);
            }
            update.executeUpdate();
        }
    }

    @Override
    protected ScramDirectory newDirectory() {
        return stores.authenticator();
    }

    @Override
    protected Login rightLogin() {
        return ANN;
    }

    @Override
    protected Optional<Login> otherLogin() {
        return Optional.of(BOB);
    }

    @Override
    protected Optional<Login> disabledLogin() {
        return Optional.of(CARL);
    }

    @Override
    protected Optional<String> userWithoutKeys() {
        return Optional.of("emil");
    }
}
