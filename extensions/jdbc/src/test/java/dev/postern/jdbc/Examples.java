package dev.postern.jdbc;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.QuotaPlan;
import javax.sql.DataSource;

/** What docs/shared-stores.md shows. */
final class Examples {

    private Examples() {}

    static SmtpRelay relay(JdbcStores stores, int port) {
        return SmtpRelay.builder()
                .listen("0.0.0.0", port)
                .allowPlaintextAuth() // or tls(...)
                .authenticator(stores.authenticator())
                .senderDomains(stores.authenticator())
                .quota(QuotaPlan.perMonth(10_000)) // for accounts without a plan
                .quotaStore(stores.quota())
                .sessionRegistry(stores.sessions())
                .loginThrottle(stores.throttle())
                .proxyProtocol("127.0.0.1/32") // the load balancer
                .upstream(Upstream.smtp("127.0.0.1", 25))
                .start();
    }

    static JdbcStores stores(DataSource dataSource) {
        return JdbcStores.builder(dataSource).migrate().start();
    }
}
