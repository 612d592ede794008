package dev.postern.internal.upstream.pool;

import dev.postern.internal.plugin.Breaker;
import dev.postern.internal.plugin.PluginGuard;
import dev.postern.internal.upstream.client.ReadyConnection;
import dev.postern.internal.upstream.client.StageLog;
import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.internal.upstream.client.UpstreamException.Kind;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayEvent.UpstreamFound;
import dev.postern.spi.RelayEvent.UpstreamLost;
import dev.postern.spi.RelayEvent.UpstreamStillLost;
import dev.postern.spi.RelayListener;
import java.time.Duration;
import org.slf4j.Logger;

/**
 * Spares clients the wait for an upstream that cannot be reached, so that another one is asked at once. The pauses begin
 * short, for most upstreams that are lost are only restarted, and grow, for an attempt can cost its message a time-out.
 * Only attempts to connect count, not what becomes of messages.
 */
public final class CircuitBreaker implements Breaker.Listener {

    private static final Logger LOG = StageLog.LOG;
    /** Whoever shows refused credentials again and again is locked out. */
    private static final Duration LEAST_PAUSE_OF_LOGINS = Duration.ofSeconds(10);

    /** An attempt to connect. */
    @FunctionalInterface
    public interface Attempt {
        ReadyConnection open() throws UpstreamException;
    }

    private final String upstream;
    private final RelayListener listener;
    private final Breaker breaker;

    public CircuitBreaker(String upstream, Breaker.Rule rule, RelayClock clock, RelayListener listener) {
        this.upstream = upstream;
        this.listener = listener;
        this.breaker = new Breaker(rule, clock, this);
    }

    /** Makes an attempt; throws when none may be made now, or it failed. */
    public ReadyConnection run(Attempt attempt) throws UpstreamException {
        return breaker.<ReadyConnection, UpstreamException>run(call -> {
                    try {
                        ReadyConnection ready = attempt.open();
                        call.succeeded();
                        return ready;
                    } catch (UpstreamException e) {
                        tell(call, e);
                        throw e;
                    }
                })
                .orElseThrow(() -> new UpstreamException(Kind.UNUSABLE, "circuit open " + breaker.described()));
    }

    /** Whether no message is given to it before a pause is over, or an attempt is under way that finds it again. */
    public boolean isOpen() {
        return breaker.isOpen();
    }

    private static void tell(Breaker.Call call, UpstreamException e) {
        String why = String.valueOf(e.getMessage());
        switch (e.kind()) {
            case CROWDED -> call.succeeded(); // it is there, and busy with our other connections
            case LOGIN_REFUSED -> call.failedForGood(why, LEAST_PAUSE_OF_LOGINS);
            default -> call.failed(why);
        }
    }

    @Override
    public void lost(int failures, Duration pause, String why) {
        LOG.warn(
                "{} cannot be reached, {} attempts in a row failed; the next one in {} ms: {}",
                upstream,
                failures,
                pause.toMillis(),
                why);
        PluginGuard.tell(listener, UpstreamLost.of(upstream, failures, pause, why));
    }

    @Override
    public void stillLost(Duration pause, String why) {
        PluginGuard.tell(listener, UpstreamStillLost.of(upstream, pause, why));
    }

    @Override
    public void found(Duration after) {
        LOG.info("{} can be reached again", upstream);
        PluginGuard.tell(listener, UpstreamFound.of(upstream, after));
    }
}
