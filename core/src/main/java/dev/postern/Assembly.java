package dev.postern;

import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.connection.SmtpListener;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.session.Capabilities;
import dev.postern.internal.session.Capabilities.StartTls;
import dev.postern.internal.session.SessionContext;
import dev.postern.internal.session.Submitter;
import dev.postern.internal.time.Watchdog;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The composition root: makes the stages of what the builder was told, and takes them down again. */
final class Assembly {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpRelay.class);
    private static final Duration LONGEST_GRACE = Duration.ofDays(1); // what is longer has no nanoseconds to count
    private static final Duration PLUGIN_END = Duration.ofSeconds(1);

    final SessionGate sessions;
    final QuotaGate quotas;
    private final ExecutorService threads = Threads.newExecutor();
    private final Watchdog watchdog;
    private final PluginGuard guard;
    private final ContentGate contents;
    private final Upstreams upstreams;
    private final UpstreamDelivery upstream;
    private final SmtpListener listener;
    private volatile RelayState state = RelayState.RUNNING;

    private Assembly(Blueprint settings) {
        String hostName = settings.hostName();
        watchdog = new Watchdog(settings.clock);
        upstreams = new Upstreams(hostName, settings.clock, watchdog, settings.listener);
        UpstreamDelivery unsigned = delivery(settings);
        upstream = settings.messages
                .signer()
                .<UpstreamDelivery>map(signer -> new SigningDelivery(Guarded.inline("MessageSigner", signer), unsigned))
                .orElse(unsigned);
        // twice the sessions: each waits for one call, and those given up may still run
        guard = PluginGuard.timed(
                threads,
                settings.clock,
                settings.times.plugin(),
                2 * Math.min(settings.sessions.connections(), 1 << 20));
        sessions = sessionGate(settings);
        quotas = new QuotaGate(quotaStore(settings), settings.quota, settings.listener);
        contents = contentGate(settings);
        AuthGate auth = authGate(settings);
        EnvelopeGate envelopes =
                new EnvelopeGate(settings.messages, Guarded.of("EnvelopePolicy", settings.policies.envelope(), guard));
        StartTls startTls = settings.tls == null ? StartTls.UNAVAILABLE : StartTls.AVAILABLE;
        SessionContext context = new SessionContext(
                sessions,
                auth,
                envelopes,
                contents,
                quotas,
                submitter(settings),
                new Capabilities(hostName, settings.productName, startTls, auth, envelopes, sessions),
                settings.listener);
        listener = new SmtpListener(
                settings.tls,
                settings.proxies,
                settings.times,
                settings.sessions,
                context,
                settings.clock,
                watchdog,
                threads);
    }

    private SessionGate sessionGate(Blueprint settings) {
        Guarded<SessionRegistry> registry = store(
                settings,
                "SessionRegistry",
                settings.stores.sessions().orElse(null),
                SessionGate::inProcessRegistry,
                SessionGate::degrading);
        Guarded<SessionPolicy> policy = Guarded.of("SessionPolicy", settings.policies.session(), guard);
        return new SessionGate(settings.sessions, registry, policy, settings.clock);
    }

    private AuthGate authGate(Blueprint settings) {
        Guarded<LoginThrottle> throttle = store(
                settings,
                "LoginThrottle",
                settings.stores.logins().orElse(null),
                () -> AuthGate.inProcessThrottle(settings.clock),
                shared -> AuthGate.degrading(shared, settings.clock));
        return new AuthGate(
                settings.auth,
                settings.sessions,
                settings.times,
                authenticator(settings.auth.passwords().orElse(null)),
                authenticator(settings.auth.tokens().orElse(null)),
                throttle,
                settings.clock);
    }

    private Guarded<QuotaStore> quotaStore(Blueprint settings) {
        return store(
                settings,
                "QuotaStore",
                settings.stores.quota().orElse(null),
                () -> QuotaGate.inProcessStore(settings.clock),
                shared -> QuotaGate.degrading(shared, settings.clock));
    }

    private ContentGate contentGate(Blueprint settings) {
        Guarded<SenderDomains> domains = Guarded.of("SenderDomains", settings.policies.senderDomains(), guard);
        return new ContentGate(
                settings.hostName(),
                settings.messages,
                settings.storage,
                (identity, domain) -> domains.require(rule -> rule.check(identity, domain)),
                settings.clock);
    }

    private Submitter submitter(Blueprint settings) {
        Guarded<ContentPolicy> policy = Guarded.of("ContentPolicy", settings.policies.content(), guard);
        return new Submitter(upstream, policy, settings.listener, settings.clock, settings.times.reply());
    }

    private UpstreamDelivery delivery(Blueprint settings) {
        if (settings.delivery != null) {
            return settings.delivery;
        }
        boolean composed = false;
        try {
            UpstreamDelivery delivery = upstreams.compose(Objects.requireNonNull(settings.upstreams));
            composed = true;
            return delivery;
        } finally {
            if (!composed) { // nothing else has been started yet
                upstreams.close();
                watchdog.close();
                threads.shutdown();
            }
        }
    }

    static SmtpRelay start(Blueprint settings, BiFunction<Assembly, List<InetSocketAddress>, SmtpRelay> relay) {
        Assembly assembly = new Assembly(settings);
        try {
            if (settings.verifyUpstreams) {
                assembly.upstreams.verifyAtStart(assembly.threads);
            }
            return relay.apply(assembly, assembly.listener.start(settings.endpoints));
        } catch (RuntimeException e) {
            assembly.stop(Duration.ZERO);
            throw e;
        } catch (IOException e) {
            assembly.stop(Duration.ZERO);
            throw new RelayStartException(
                    e.getMessage() + "; choose another address or port, or 0 for any free one", e);
        }
    }

    RelayState state() {
        return state;
    }

    List<UpstreamHealth> verify(Duration longest) {
        try {
            return upstreams.verify(threads, longest);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the relay is closed", e);
        }
    }

    synchronized void stop(Duration longest) {
        Duration grace = longest.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : longest;
        if (state != RelayState.RUNNING) {
            return;
        }
        state = RelayState.DRAINING;
        listener.stop(grace, this::closeUpstream);
        contents.close();
        threads.shutdownNow(); // plug-ins that were given up and still run
        try {
            if (!threads.awaitTermination(PLUGIN_END.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("a plug-in call did not end when it was interrupted; its thread stays until it does");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        watchdog.close();
        state = RelayState.CLOSED;
    }

    private void closeUpstream() {
        try {
            upstream.close();
        } catch (RuntimeException e) {
            LOG.error("UpstreamDelivery was not closed", e); // the rest must be taken down all the same
        }
        upstreams.close();
    }

    private @Nullable Guarded<Authenticator> authenticator(@Nullable Authenticator authenticator) {
        return authenticator == null ? null : Guarded.of("Authenticator", authenticator, guard);
    }

    private <T> Guarded<T> store(
            Blueprint settings,
            String name,
            @Nullable T shared,
            Supplier<T> inProcess,
            Function<Guarded<T>, T> degrading) {
        if (shared == null) {
            return Guarded.inline(name, inProcess.get());
        }
        Guarded<T> guarded = Guarded.of(name, shared, guard).breaking(settings.listener, settings.stores.onFailure());
        return switch (settings.stores.onFailure()) {
            case REFUSE -> guarded;
            case COUNT_IN_PROCESS -> Guarded.inline(name, degrading.apply(guarded));
        };
    }
}
