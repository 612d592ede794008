package dev.postern.spool;

import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.ContractTime;
import dev.postern.testkit.tck.SpoolContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What senders rely on in any spool, on each engine. */
abstract class SpoolContracts extends SpoolContract {

    private static final Duration LEASE = Duration.ofHours(1); // many ticks of the contract

    private final TestClock clock = new TestClock();
    private final AtomicInteger marked = new AtomicInteger();
    private final Map<Spool, KillableEngine> engines = new HashMap<>();
    private final List<Spool> killed = new ArrayList<>();
    private @Nullable SpoolStore store;
    private @Nullable Spool last;

    abstract SpoolStore newStore() throws Exception;

    @Override
    protected UpstreamDelivery open(UpstreamDelivery next) throws Exception {
        SpoolStore whole = store == null ? newStore() : store;
        store = whole;
        List<KillableEngine> opened = new ArrayList<>();
        Spool spool = Spool.builder(whole.wrapped(engine -> {
                    KillableEngine killable = new KillableEngine(engine);
                    opened.add(killable);
                    return killable;
                }))
                .settings(SpoolSettings.defaults()
                        .withHostName("relay.test")
                        .withRetry(Duration.ofMinutes(2))
                        .withLease(LEASE))
                .clock(clock)
                .listener(RelayListener.of(event -> {
                    if (event instanceof SpoolEvent told && told.kind() == SpoolEvent.Kind.POSSIBLY_DOUBLED) {
                        marked.incrementAndGet();
                    }
                }))
                .start(next);
        engines.put(spool, opened.get(0));
        last = spool;
        return spool;
    }

    @Override
    protected void kill(UpstreamDelivery spool) {
        Objects.requireNonNull(engines.get((Spool) spool)).kill();
        killed.add((Spool) spool);
    }

    @Override
    protected boolean isEmpty() {
        return Objects.requireNonNull(last).list(SpoolFilter.all(), 1).isEmpty();
    }

    @Override
    protected int marked() {
        return marked.get();
    }

    @Override
    protected ContractTime time() {
        return ContractTime.of(clock);
    }

    @Override
    protected Duration giveUp() {
        return SpoolSettings.defaults().giveUp();
    }

    @AfterEach
    void closeKilled() {
        killed.forEach(Spool::close);
    }
}
