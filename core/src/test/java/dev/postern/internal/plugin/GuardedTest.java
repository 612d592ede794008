package dev.postern.internal.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.NonBlocking;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayClock;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.Verdict;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GuardedTest {

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final PluginGuard guard = PluginGuard.timed(executor, RelayClock.system(), Duration.ofMinutes(1), 1);

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    static Stream<Object> ours() {
        EnvelopePolicy aligned = EnvelopePolicy.senderInIdentityDomains();
        return Stream.of(
                SessionPolicy.acceptAll(),
                EnvelopePolicy.acceptAll(),
                aligned,
                aligned.and(EnvelopePolicy.acceptAll()),
                ContentPolicy.acceptAll(),
                SenderDomains.ofIdentity(),
                SenderDomains.ofIdentityExcept(Set.of("example.org")),
                Authenticator.of(Map.of("alice@example.org", "secret")),
                (SessionPolicy & NonBlocking) client -> Verdict.proceed());
    }

    @ParameterizedTest
    @MethodSource("ours")
    void callsWhatCannotBlockOnTheCallersThread(Object plugin) {
        assertThat(Guarded.of("Plugin", plugin, guard).call(any -> Thread.currentThread()))
                .contains(Thread.currentThread());
    }

    /** A host's policy may block wherever it stands; a time limit is all that ends its call. */
    static Stream<Object> ofHosts() {
        EnvelopePolicy own = new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                return Verdict.proceed();
            }

            @Override
            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                return Verdict.proceed();
            }
        };
        SessionPolicy session = client -> Verdict.proceed();
        return Stream.of(
                own,
                session,
                own.and(EnvelopePolicy.acceptAll()),
                EnvelopePolicy.senderInIdentityDomains().and(own),
                EnvelopePolicy.acceptAll().and(EnvelopePolicy.acceptAll()).and(own));
    }

    @ParameterizedTest
    @MethodSource("ofHosts")
    void callsWhatMayBlockOnAnotherThread(Object plugin) {
        assertThat(Guarded.of("Plugin", plugin, guard).call(any -> Thread.currentThread()))
                .isPresent()
                .get()
                .isNotEqualTo(Thread.currentThread());
    }
}
