package dev.postern;

import dev.postern.RelayHealth.Cause;
import dev.postern.RelayHealth.Reason;
import dev.postern.internal.admission.SessionGate;
import dev.postern.internal.auth.AuthGate;
import dev.postern.internal.connection.SmtpListener;
import dev.postern.internal.content.ContentGate;
import dev.postern.internal.envelope.EnvelopeGate;
import dev.postern.internal.plugin.Guarded;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.plugin.WatchedListener;
import dev.postern.internal.quota.QuotaGate;
import dev.postern.internal.reply.Printable;
import dev.postern.internal.session.Capabilities;
import dev.postern.internal.session.Capabilities.StartTls;
import dev.postern.internal.session.Revocation;
import dev.postern.internal.session.SessionContext;
import dev.postern.internal.session.Submitter;
import dev.postern.internal.time.Watchdog;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.SessionRegistry.Claim;
import dev.postern.spi.SessionRegistry.Permit;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The composition root: builds the stages from the builder's settings, and takes them down again. */
final class Assembly {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpRelay.class);
    private static final Duration LONGEST_GRACE = Duration.ofDays(1); // what is longer has no nanoseconds to count
    private static final String HEALTH_CHECK = "postern-health-check"; // nobody's user, account or address
    private static final Duration PLUGIN_END = Duration.ofSeconds(1);

    final SessionGate sessions;
    final QuotaGate quotas;
    final SmtpListener listener;
    private final ExecutorService threads = Threads.newExecutor();
    private final ExecutorService calls = Threads.newExecutor(); // of plug-ins: sessions that end need them to the last
    private final RelayClock clock;
    private final Watchdog watchdog;
    private final PluginGuard guard;
    private final List<Guarded<?>> plugIns = new ArrayList<>();
    private final LostStores stores;
    private final @Nullable Guarded<SessionRegistry> sharedSessions;
    private final @Nullable RevocationWatch revocations;
    private final AuthGate auth;
    private final ContentGate contents;
    private final Upstreams upstreams;
    private final UpstreamDelivery upstream;
    private final RelayListener watchedListener;
    private final long contentMemory;
    private final Function<Rules, SessionContext> contexts;
    private volatile Rules rules;
    private volatile RelayState state = RelayState.RUNNING;
    private final Object pausing = new Object();
    private volatile Optional<String> paused = Optional.empty();

    /** What can be replaced while the relay runs. */
    private record Rules(SessionLimits sessions, MessageRules messages) {}

    private Assembly(SmtpRelayBuilder settings) {
        String hostName = settings.hostName();
        clock = settings.clock;
        contentMemory = settings.storage.memory();
        rules = new Rules(settings.sessions, settings.messages);
        watchedListener = new WatchedListener(settings.listener, clock);
        watchdog = new Watchdog(clock);
        upstreams = new Upstreams(hostName, clock, watchdog, watchedListener);
        upstream = delivery(settings);
        guard = PluginGuard.timed(calls, clock, settings.times.plugin(), mostCalls(settings.sessions));
        stores = new LostStores(threads, clock);
        sessions = sessionGate(settings);
        auth = authGate(settings);
        quotas = new QuotaGate(quotaStore(settings), settings.quota, watchedListener);
        contents = contentGate(settings, hostName);
        contexts = contexts(settings, hostName);
        listener = new SmtpListener(
                settings.tls,
                settings.proxies,
                settings.times,
                settings.sessions,
                contexts.apply(rules),
                clock,
                watchdog,
                threads);
        // not behind the breaker: an answer of a registry that knows of no revocations says nothing of its store
        sharedSessions = settings.stores
                .sessions()
                .map(shared -> Guarded.of("SessionRegistry", shared, guard))
                .orElse(null);
        revocations =
                sharedSessions == null ? null : new RevocationWatch(sharedSessions, clock, this::revokedElsewhere);
    }

    /** Twice the sessions: each waits for one call, and abandoned calls may still be running. */
    private static int mostCalls(SessionLimits limits) {
        return 2 * Math.min(limits.connections(), 1 << 20);
    }

    /** Creates what sessions share. The resources among it stay the same when the rules change. */
    private Function<Rules, SessionContext> contexts(SmtpRelayBuilder settings, String hostName) {
        Guarded<EnvelopePolicy> envelopePolicy = plugIn("EnvelopePolicy", settings.policies.envelope());
        Guarded<ContentPolicy> contentPolicy = plugIn("ContentPolicy", settings.policies.content());
        String productName = settings.productName;
        StartTls startTls = settings.tls == null ? StartTls.UNAVAILABLE : StartTls.AVAILABLE;
        Duration replyTime = settings.times.reply();
        return now -> {
            SessionGate gate = sessions.withLimits(now.sessions);
            AuthGate logins = auth.withLimits(now.sessions);
            EnvelopeGate envelopes = new EnvelopeGate(now.messages, envelopePolicy);
            return new SessionContext(
                    gate,
                    logins,
                    envelopes,
                    contents.withRules(now.messages),
                    quotas,
                    new Submitter(
                            upstream,
                            now.messages.signer().orElse(null),
                            contentPolicy,
                            watchedListener,
                            clock,
                            replyTime),
                    new Capabilities(hostName, productName, startTls, envelopes, gate),
                    watchedListener);
        };
    }

    private SessionGate sessionGate(SmtpRelayBuilder settings) {
        Guarded<SessionRegistry> registry = store(
                settings,
                "SessionRegistry",
                settings.stores.sessions().orElse(null),
                Assembly::takeAndGiveBack,
                SessionGate::inProcessRegistry,
                SessionGate::degrading);
        return new SessionGate(
                settings.sessions, registry, plugIn("SessionPolicy", settings.policies.session()), clock);
    }

    private static Optional<Permit> takeAndGiveBack(SessionRegistry registry) {
        Optional<Permit> permit =
                registry.acquire(new Claim(Scope.USER, HEALTH_CHECK, Integer.MAX_VALUE, HEALTH_CHECK));
        permit.ifPresent(Permit::close);
        return permit;
    }

    private AuthGate authGate(SmtpRelayBuilder settings) {
        LoginThrottle.Rule failures = settings.auth.failures();
        Guarded<LoginThrottle> throttle = store(
                settings,
                "LoginThrottle",
                settings.stores.logins().orElse(null),
                counts -> counts.blocked(HEALTH_CHECK, failures),
                () -> AuthGate.inProcessThrottle(clock),
                shared -> AuthGate.degrading(shared, clock));
        return new AuthGate(
                settings.auth,
                settings.sessions,
                settings.times,
                new AuthGate.Directories(
                        directory("Authenticator", settings.auth.passwords()),
                        directory("Authenticator", settings.auth.tokens()),
                        directory("ScramDirectory", settings.auth.scram()),
                        directory("CertificateAuthenticator", settings.auth.certificates())),
                throttle,
                clock);
    }

    private Guarded<QuotaStore> quotaStore(SmtpRelayBuilder settings) {
        return store(
                settings,
                "QuotaStore",
                settings.stores.quota().orElse(null),
                counts -> counts.usage(HEALTH_CHECK, QuotaPlan.perDay(1)),
                () -> QuotaGate.inProcessStore(clock),
                shared -> QuotaGate.degrading(shared, clock));
    }

    private ContentGate contentGate(SmtpRelayBuilder settings, String hostName) {
        Guarded<SenderDomains> domains = plugIn("SenderDomains", settings.policies.senderDomains());
        return new ContentGate(
                hostName,
                settings.messages,
                settings.storage,
                (identity, domain) -> domains.require(rule -> rule.check(identity, domain)));
    }

    private UpstreamDelivery delivery(SmtpRelayBuilder settings) {
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
                calls.shutdown();
            }
        }
    }

    static SmtpRelay start(SmtpRelayBuilder settings) {
        Assembly assembly = new Assembly(settings);
        try {
            PluginGuard.tell(assembly.watchedListener, RelayEvent.RelayStarted.of(assembly::figures));
            if (settings.verifyUpstreams) {
                assembly.upstreams.verifyAtStart(assembly.threads);
            }
            assembly.contents.removeAbandoned();
            return new SmtpRelay(assembly, assembly.listener.start(settings.endpoints));
        } catch (RuntimeException | Error e) {
            assembly.stop(Duration.ZERO);
            throw e;
        } catch (IOException e) {
            assembly.stop(Duration.ZERO);
            throw new RelayStartException(
                    e.getMessage() + "; choose another address or port, or 0 for any free one", e);
        }
    }

    RelayState state() {
        RelayState now = state;
        return now == RelayState.RUNNING && paused.isPresent() ? RelayState.PAUSED : now;
    }

    boolean disconnect(String sessionId) {
        boolean found = listener.end(sessionId);
        if (found) {
            LOG.info("session {} is to end", sessionId);
        }
        return found;
    }

    boolean disconnectNow(String sessionId) {
        boolean found = listener.cut(sessionId);
        if (found) {
            LOG.info("session {} is cut", sessionId);
        }
        return found;
    }

    /**
     * Ends this relay's sessions first, which depends on no one else. Even before that, caches forget the user, so that
     * a returning client is checked again.
     */
    RevokeResult revoke(Scope scope, String name) {
        auth.revoked(scope, name);
        int ended = listener.revoke(new Revocation(scope, name, clock.nanoTime()));
        boolean everywhere = sharedSessions == null
                || sharedSessions.call(counts -> counts.revoke(scope, name)).orElse(false);
        LOG.info("{} revoked: {} sessions end", named(scope, name), ended);
        if (!everywhere) {
            LOG.warn("other relays do not know of the revocation of {}", named(scope, name));
        }
        return new RevokeResult(ended, everywhere);
    }

    private void revokedElsewhere(SessionRegistry.Revocation revocation) {
        auth.revoked(revocation.scope(), revocation.key());
        long moment = clock.nanoTime() - revocation.age().toNanos();
        int ended = listener.revoke(new Revocation(revocation.scope(), revocation.key(), moment));
        if (ended > 0) {
            LOG.info(
                    "{} revoked by another relay: {} sessions end", named(revocation.scope(), revocation.key()), ended);
        }
    }

    private static String named(Scope scope, String name) {
        return scope.name().toLowerCase(Locale.ROOT) + " " + Printable.of(name);
    }

    void update(SessionLimits limits, MessageRules messages) {
        Rules next = new Rules(limits, messages);
        List<String> changes = new ArrayList<>();
        synchronized (contexts) {
            changes.addAll(rules.sessions.changesTo(limits));
            changes.addAll(rules.messages.changesTo(messages));
            guard.grow(mostCalls(limits));
            listener.update(contexts.apply(next));
            rules = next;
        }
        LOG.info("settings of new sessions: {}", changes.isEmpty() ? "no change" : String.join(", ", changes));
    }

    void pause(String reason) {
        LOG.info("paused: {}", Printable.of(reason));
        synchronized (pausing) { // what is told of it is what is so
            paused = Optional.of(reason);
            sessions.pause(true);
        }
    }

    void resume() {
        LOG.info("resumed");
        synchronized (pausing) {
            sessions.pause(false);
            paused = Optional.empty();
        }
    }

    RelayFigures figures() {
        Map<String, RelayFigures.PlugIn> byName = new TreeMap<>();
        plugIns.stream()
                .flatMap(plugIn -> plugIn.figures().stream())
                .forEach(figures -> byName.merge(figures.name(), figures, Assembly::sum));
        return RelayFigures.none()
                .withConnections(sessions.connections(), sessions.authenticated(), rules.sessions.connections())
                .withContent(contents.memoryHeld(), contentMemory, contents.filesHeld())
                .withUpstreams(upstreams.figures())
                .withPlugIns(List.copyOf(byName.values()))
                .withReservations(quotas.reservations());
    }

    private static RelayFigures.PlugIn sum(RelayFigures.PlugIn one, RelayFigures.PlugIn other) {
        return new RelayFigures.PlugIn(
                one.name(),
                one.answered() + other.answered(),
                one.answeredTook().plus(other.answeredTook()),
                one.failed() + other.failed(),
                one.failedTook().plus(other.failedTook()));
    }

    RelayHealth health() {
        List<Reason> reasons = new ArrayList<>();
        if (state != RelayState.RUNNING) {
            reasons.add(new Reason(Cause.STOPPED, ""));
        } else if (!listener.listening()) {
            reasons.add(new Reason(Cause.NOT_LISTENING, ""));
        }
        paused.ifPresent(reason -> reasons.add(new Reason(Cause.PAUSED, Printable.of(reason))));
        stores.lost().forEach(name -> reasons.add(new Reason(Cause.STORE_LOST, name)));
        trouble().ifPresent(why -> reasons.add(new Reason(Cause.DELIVERY_FAILS, Printable.of(why))));
        reasons.addAll(RelayHealth.shortages(figures()));
        return RelayHealth.of(reasons);
    }

    private Optional<String> trouble() {
        try {
            return upstream.trouble();
        } catch (RuntimeException | Error e) { // the host's code
            LOG.error("UpstreamDelivery failed", e);
            return Optional.of("it does not say what is wrong");
        }
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
        if (revocations != null) {
            revocations.close();
        }
        interrupt(threads, "a session"); // in a host's delivery that does not end
        interrupt(calls, "a plug-in call"); // that was given up and still runs
        watchdog.close();
        state = RelayState.CLOSED;
        PluginGuard.tell(watchedListener, RelayEvent.RelayClosed.of());
    }

    private static void interrupt(ExecutorService executor, String what) {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(PLUGIN_END.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("{} did not end when it was interrupted; its thread stays until it does", what);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeUpstream() {
        try {
            upstream.close();
        } catch (RuntimeException e) {
            LOG.error("UpstreamDelivery was not closed", e); // the rest must be taken down all the same
        }
        upstreams.close();
    }

    private <T> @Nullable Guarded<T> directory(String name, Optional<T> directory) {
        return directory.map(plugin -> plugIn(name, plugin)).orElse(null);
    }

    private <T> Guarded<T> plugIn(String name, T plugin) {
        Guarded<T> guarded = Guarded.of(name, plugin, guard);
        plugIns.add(guarded);
        return guarded;
    }

    private <T> Guarded<T> store(
            SmtpRelayBuilder settings,
            String name,
            @Nullable T shared,
            Function<T, ?> question,
            Supplier<T> inProcess,
            Function<Guarded<T>, T> degrading) {
        if (shared == null) {
            return Guarded.inline(name, inProcess.get());
        }
        Guarded<T> guarded = plugIn(name, shared).breaking(watchedListener, settings.stores.onFailure());
        stores.add(guarded, question);
        return switch (settings.stores.onFailure()) {
            case REFUSE -> guarded;
            case COUNT_IN_PROCESS -> Guarded.inline(name, degrading.apply(guarded));
        };
    }
}
