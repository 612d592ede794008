package dev.postern.internal.connection;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.connection.SmtpListener.Endpoint;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.session.Capabilities;
import dev.postern.internal.session.Capabilities.StartTls;
import dev.postern.internal.session.SessionContext;
import dev.postern.internal.session.Submitter;
import dev.postern.internal.time.Watchdog;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A connection for which there is no thread is closed, and the next one is taken. */
class AcceptLoopTest {

    private static final RelayClock CLOCK = RelayClock.system();

    private final AtomicReference<String> trouble = new AtomicReference<>("");

    private final class TroubledExecutor extends ThreadPoolExecutor {
        private TroubledExecutor() {
            super(2, 2, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        }

        @Override
        public void execute(Runnable task) {
            switch (trouble.getAndSet("")) {
                case "error" -> throw new OutOfMemoryError("unable to create native thread: a test says so");
                case "rejected" -> throw new RejectedExecutionException("a test says so");
                default -> super.execute(task);
            }
        }
    }

    @Test
    void anErrorInPlaceOfAThreadClosesTheConnectionAndNoOther() throws IOException {
        ExecutorService threads = new TroubledExecutor();
        Watchdog watchdog = new Watchdog(CLOCK);
        SmtpListener listener = new SmtpListener(
                null, List.of(), TimeLimits.defaults(), SessionLimits.defaults(), context(), CLOCK, watchdog, threads);
        InetSocketAddress address =
                listener.start(List.of(new Endpoint("127.0.0.1", 0, false))).get(0);
        try {
            for (String kind : List.of("error", "rejected")) {
                trouble.set(kind);
                try (SmtpProbe unlucky = SmtpProbe.connect(address)) {
                    assertThat(unlucky.closedByPeer()).isTrue();
                }
                try (SmtpProbe next = SmtpProbe.connect(address)) {
                    assertThat(next.readReply()).hasCode(220);
                }
            }
        } finally {
            listener.stop(Duration.ZERO, () -> {});
            threads.shutdownNow();
            watchdog.close();
        }
    }

    private static SessionContext context() {
        MessageRules rules = MessageRules.defaults();
        SessionGate sessions = new SessionGate(
                SessionLimits.defaults(),
                Guarded.inline("SessionRegistry", SessionGate.inProcessRegistry()),
                Guarded.inline("SessionPolicy", SessionPolicy.acceptAll()),
                CLOCK);
        AuthGate auth = new AuthGate(
                AuthSettings.defaults(),
                SessionLimits.defaults(),
                TimeLimits.defaults(),
                new AuthGate.Directories(null, null, null, null),
                Guarded.inline("LoginThrottle", AuthGate.inProcessThrottle(CLOCK)),
                CLOCK);
        EnvelopeGate envelopes = new EnvelopeGate(rules, Guarded.inline("EnvelopePolicy", EnvelopePolicy.acceptAll()));
        return new SessionContext(
                sessions,
                auth,
                envelopes,
                new ContentGate("relay.test", rules, ContentStorage.defaults(), SenderDomains.ofIdentity()),
                new QuotaGate(
                        Guarded.inline("QuotaStore", QuotaGate.inProcessStore(CLOCK)),
                        QuotaPlan.unlimited(),
                        RelayListener.none()),
                new Submitter(
                        submission -> {
                            throw new IllegalStateException("nothing is sent");
                        },
                        null,
                        Guarded.inline("ContentPolicy", ContentPolicy.acceptAll()),
                        RelayListener.none(),
                        CLOCK,
                        Duration.ofMinutes(9)),
                new Capabilities("relay.test", "Postern", StartTls.UNAVAILABLE, envelopes, sessions),
                RelayListener.none());
    }
}
