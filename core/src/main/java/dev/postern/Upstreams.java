package dev.postern;

import dev.postern.internal.time.Watchdog;
import dev.postern.internal.upstream.UpstreamPool;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayFigures;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The upstreams of one relay, and the delivery made from them. */
final class Upstreams implements UpstreamConnector {

    private final String hostName;
    private final RelayClock clock;
    private final Watchdog watchdog;
    private final RelayListener listener;
    /** Keyed by object identity: upstreams are equal only to themselves. */
    private final Map<Upstream, UpstreamDelivery> deliveries = new HashMap<>();

    private final List<UpstreamPool> pools = new ArrayList<>();
    private volatile boolean composed;

    Upstreams(String hostName, RelayClock clock, Watchdog watchdog, RelayListener listener) {
        this.hostName = hostName;
        this.clock = clock;
        this.watchdog = watchdog;
        this.listener = listener;
    }

    UpstreamDelivery compose(Function<UpstreamConnector, UpstreamDelivery> composition) {
        UpstreamDelivery delivery = composition.apply(this);
        composed = true; // the list of pools is not changed any more: several threads may read it
        return Objects.requireNonNull(delivery, "upstreams must return a delivery");
    }

    @Override
    public UpstreamDelivery to(Upstream upstream) {
        if (composed) {
            throw new IllegalStateException("the relay has been started: connect upstreams while upstreams(...) runs");
        }
        return deliveries.computeIfAbsent(upstream, this::connect);
    }

    private UpstreamDelivery connect(Upstream upstream) {
        UpstreamPool pool = upstream.connect(hostName, clock, watchdog, listener);
        pools.add(pool);
        return new ReportedDelivery(
                upstream.limits().isPresent()
                        ? UpstreamDelivery.limited(pool, upstream.limits().get(), clock)
                        : pool,
                listener);
    }

    /** Checks all upstreams at once. One that hangs takes as long as its time-out, or {@code longest}. */
    List<UpstreamHealth> verify(ExecutorService threads, Duration longest) {
        long end = clock.nanoTime() + TimeUnit.NANOSECONDS.convert(longest);
        List<Future<UpstreamHealth>> checks =
                pools.stream().map(pool -> threads.submit(pool::verify)).toList();
        try {
            List<UpstreamHealth> found = new ArrayList<>();
            for (int i = 0; i < checks.size(); i++) {
                Future<UpstreamHealth> check = checks.get(i);
                found.add(Threads.awaitDone(check, end, clock) ? check.get() : late(pools.get(i), longest));
            }
            return List.copyOf(found);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the upstreams were verified", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a defect: the check of an upstream failed", e);
        }
    }

    private static UpstreamHealth late(UpstreamPool pool, Duration longest) {
        UpstreamHealth.Failure failure = new UpstreamHealth.Failure(
                UpstreamHealth.Step.CONNECT, "no answer within " + longest.toMillis() + " ms");
        return new UpstreamHealth(pool.name(), Optional.of(failure), Optional.empty(), List.of(), longest);
    }

    List<RelayFigures.Upstream> figures() {
        return pools.stream().map(UpstreamPool::figures).toList();
    }

    void verifyAtStart(ExecutorService threads) {
        List<UpstreamHealth> failed = verify(threads, TimeLimits.UNLIMITED).stream()
                .filter(health -> !health.ok())
                .toList();
        if (!failed.isEmpty()) {
            throw new RelayStartException(failed.stream()
                    .map(health -> "upstream " + health.upstream() + ": "
                            + health.failure().orElseThrow())
                    .collect(Collectors.joining("\n")));
        }
    }

    /** Also closes deliveries that the composition created but did not use or close; closing twice does nothing. */
    void close() {
        pools.forEach(UpstreamPool::close);
    }
}
