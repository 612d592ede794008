package dev.postern.stores;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.Stores;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StandardReply;
import dev.postern.spi.StoreFailure;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A relay that counts on a server, a user of its own, and five recipients a month for him. */
public final class RelayScene implements AutoCloseable {

    /** What the user may send. */
    public static final QuotaPlan PLAN = QuotaPlan.perMonth(5);

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String MESSAGE = "From: ann@example.org\r\nSubject: hello\r\n\r\nHow are you?\r\n";

    private final SharedStores stores;
    private final FakeUpstream upstream = FakeUpstream.start();
    private final List<RelayEvent> events = new CopyOnWriteArrayList<>();
    private final SmtpRelay relay;
    private final String user;

    /** Starts the relay. */
    public RelayScene(StoreServer server, String user, StoreFailure onFailure) {
        this.user = user;
        stores = server.node(
                StoreSettings.defaults().withLease(Duration.ofSeconds(1)).withTimeout(Duration.ofSeconds(1)));
        relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(Authenticator.inMemory()
                                .user(Identity.of(user).withAccount(user).withDomains("example.org"), "secret")
                                .build())
                        .withPlaintext())
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .quota(PLAN)
                .stores(Stores.defaults().withQuota(stores.quota()).onFailure(onFailure))
                .sessions(SessionLimits.defaults().withPerAddress(1000))
                .listener(RelayListener.of(events::add))
                .start();
    }

    /** Sends a message in a session of its own, and returns the reply that decided. */
    public ProbeReply send() {
        try (SmtpProbe probe = SmtpProbe.connect("127.0.0.1", relay.port())) {
            probe.readReply();
            probe.ehlo();
            assertThat(probe.authPlain(user, "secret")).hasCode(235);
            ProbeReply reply = probe.mail("ann@example.org");
            if (reply.code() == 250) {
                reply = probe.rcpt("bob@example.net");
            }
            return reply.code() == 250 ? probe.data(MESSAGE) : reply;
        }
    }

    /** Sends until a message is not refused temporarily. */
    public void awaitAnswer(StandardReply expected) {
        assertThat(Again.whileRefused(421, PATIENCE, this::send)).isStandardReply(expected);
    }

    /** A request that was given up may have been done by a server that was slow; a heartbeat takes it back. */
    public void awaitNothingReserved() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (relay.usage(user).map(QuotaUsage::reserved).orElse(1L) > 0 && System.nanoTime() - deadline < 0) {
            Pause.brief();
        }
        assertThat(relay.usage(user).map(QuotaUsage::reserved)).contains(0L);
    }

    /** Until the relay asks its store again; it finds out by asking for usage. */
    public void awaitFound() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!events.contains(RelayEvent.StoreFound.of("QuotaStore")) && System.nanoTime() - deadline < 0) {
            Pause.brief();
            used();
        }
        assertThat(events).contains(RelayEvent.StoreFound.of("QuotaStore"));
    }

    /** As the relay tells; -1 when it does not know. */
    public long used() {
        return relay.usage(user).map(QuotaUsage::used).orElse(-1L);
    }

    /** As the store tells. */
    public long usedInStore() {
        return stores.quota().usage(user, PLAN).used();
    }

    /** What the upstream has got. */
    public int sent() {
        return upstream.messages().size();
    }

    /** What the relay's listener was told. */
    public List<RelayEvent> events() {
        return events;
    }

    @Override
    public void close() {
        relay.close();
        upstream.close();
        stores.close();
    }
}
