package dev.postern.examples.cluster;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.postern.SmtpRelay;
import dev.postern.jdbc.JdbcAuthenticator;
import dev.postern.jdbc.JdbcStores;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.Reply;
import dev.postern.spi.UpstreamDelivery;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** One of the relays: counts in the database, and prints what it gets. Arguments: its name, its port, the JDBC URL. */
public final class ClusterNode {

    private ClusterNode() {}

    /**
     * Serves until the process ends.
     *
     * @param arguments name, port, JDBC URL
     * @throws Exception when it cannot start
     */
    public static void main(String[] arguments) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(arguments[2]);
        config.setConnectionTimeout(1500); // less than the relay waits for a store
        HikariDataSource database = new HikariDataSource(config);
        JdbcStores stores = JdbcStores.builder(database).migrate().start();
        addUser(database);
        SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", Integer.parseInt(arguments[1]))
                .proxyProtocol("127.0.0.1/32") // HAProxy, which tells the client's address
                .auth(AuthSettings.passwords(stores.authenticator()).withPlaintext())
                .policies(Policies.defaults().withSenderDomains(stores.authenticator()))
                .quota(QuotaPlan.perDay(5))
                .sessions(SessionLimits.defaults().withPerUser(2))
                .stores(Stores.of(stores.quota(), stores.sessions(), stores.throttle()))
                .delivery(printing(arguments[0]))
                .start();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            relay.close();
            stores.close();
            database.close();
            ended.countDown();
        }));
        System.out.println(arguments[0] + " listens at " + relay.port());
        ended.await();
    }

    private static UpstreamDelivery printing(String name) {
        return submission -> {
            System.out.println(
                    name + " got a message of " + submission.content().size() + " octets from "
                            + submission.client().remote());
            return DeliveryResult.accepted("stdout", Reply.fromUpstream(250, List.of("printed by " + name)));
        };
    }

    /** The user of the demonstration; the node that comes second finds it there. */
    private static void addUser(HikariDataSource database) throws SQLException {
        for (String[] row : List.of(
                new String[] {"INSERT INTO postern_account (name, zone, relay_enabled) VALUES ('acme', 'UTC', TRUE)"},
                new String[] {
                    "INSERT INTO postern_domain (account, name, validated) VALUES ('acme', 'example.org', TRUE)"
                },
                new String[] {
                    "INSERT INTO postern_user (name, account, password) VALUES ('ann@example.org', 'acme', ?)",
                    JdbcAuthenticator.hash("secret".getBytes(StandardCharsets.UTF_8))
                })) {
            try (Connection connection = database.getConnection();
                    PreparedStatement insert = connection.prepareStatement(row[0] + " ON CONFLICT DO NOTHING")) {
                if (row.length > 1) {
                    insert.setString(1, row[1]);
                }
                insert.executeUpdate();
            }
        }
    }
}
