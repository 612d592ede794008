package dev.postern.benchmarks;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.micrometer.PosternMetrics;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayListener;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a relay that counts in its process or on a shared store, and is watched or not. */
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description =
                "Relays for one user, with limits that refuse nothing but count; prints its port when it listens.")
final class RelayCommand implements Callable<Integer> {

    private static final int MANY = 1_000_000;

    @Option(names = "--upstream", required = true, description = "Its port.")
    private int upstream;

    @Option(
            names = "--store",
            description = "jdbc:postgresql://... or redis://...; without it the relay counts by itself.")
    private String store = "";

    @Option(names = "--user", description = "Who may send.")
    private String user = "ann@example.org";

    @Option(names = "--secret", required = true, description = "Of the user.")
    private String secret = "";

    @Option(names = "--trust", description = "Clients of this machine act as the user without logging in.")
    private boolean trust;

    @Option(
            names = "--watched",
            description = "With meters for Prometheus and a listener that counts events of each kind.")
    private boolean watched;

    @Override
    public Integer call() throws InterruptedException {
        AuthSettings auth =
                AuthSettings.passwords(Authenticator.of(Map.of(user, secret))).withPlaintext();
        SmtpRelayBuilder builder = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(trust ? auth.withTrusted("127.0.0.0/8", Identity.of(user)) : auth)
                .quota(QuotaPlan.perMonth(1L << 50))
                .sessions(SessionLimits.defaults()
                        .withPerUser(MANY)
                        .withPerAccount(MANY)
                        .withPerAddress(MANY)
                        .withMessages(Integer.MAX_VALUE))
                .upstream(Upstream.smtp("127.0.0.1", upstream));
        if (watched) {
            builder.listener(watching());
        }
        if (store.isEmpty()) {
            serve(builder);
            return 0;
        }
        try (OpenStores open = OpenStores.at(store)) {
            serve(builder.stores(Stores.of(open.stores.quota(), open.stores.sessions(), open.stores.throttle())));
        }
        return 0;
    }

    /** What a host has that watches its relay: meters, and a listener of its own. */
    private static RelayListener watching() {
        Map<Class<?>, LongAdder> events = new ConcurrentHashMap<>();
        RelayListener counting =
                RelayListener.of(event -> events.computeIfAbsent(event.getClass(), kind -> new LongAdder())
                        .increment());
        return RelayListener.all(PosternMetrics.bind(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)), counting);
    }

    private static void serve(SmtpRelayBuilder builder) throws InterruptedException {
        try (SmtpRelay relay = builder.start()) {
            System.out.println("listening on 127.0.0.1:" + relay.port());
            new CountDownLatch(1).await();
        }
    }
}
