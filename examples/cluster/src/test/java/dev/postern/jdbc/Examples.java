package dev.postern.jdbc;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.Stores;
import dev.postern.spi.QuotaPlan;
import javax.sql.DataSource;

/** What docs/shared-stores.md shows. */
final class Examples {

    private Examples() {}

    static SmtpRelay relay(JdbcStores stores, int port) {
        return SmtpRelay.builder()
                .listen("0.0.0.0", port)
                .auth(AuthSettings.passwords(stores.authenticator()).withPlaintext()) // or tls(...)
                .policies(Policies.defaults().withSenderDomains(stores.authenticator()))
                .quota(QuotaPlan.perMonth(10_000)) // for accounts without a plan
                .stores(Stores.of(stores.quota(), stores.sessions(), stores.throttle()))
                .proxyProtocol("127.0.0.1/32") // the load balancer
                .upstream(Upstream.smtp("127.0.0.1", 25))
                .start();
    }

    static JdbcStores stores(DataSource dataSource) {
        return JdbcStores.builder(dataSource).migrate().start();
    }
}
