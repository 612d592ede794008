package dev.postern.internal.plugin;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StoreFailure;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what becomes of a shared store, whose outage must not cost every session a time-out. */
record StoreBreaker(String store, RelayListener listener, StoreFailure then) implements Breaker.Listener {

    static final Breaker.Rule RULE =
            new Breaker.Rule(3, Duration.ofSeconds(1), Duration.ofSeconds(1), Breaker.EarlierCall.SAYS_NOTHING);

    private static final Logger LOG = LoggerFactory.getLogger(PluginGuard.class);

    @Override
    public void lost(int failures, Duration pause, String why) {
        tell(RelayEvent.StoreLost.of(store, then));
    }

    @Override
    public void stillLost(Duration pause, String why) {
        LOG.debug("{} still does not answer", store);
    }

    @Override
    public void found(Duration after) {
        tell(RelayEvent.StoreFound.of(store));
    }

    private void tell(RelayEvent event) {
        LOG.warn("{}", event);
        PluginGuard.tell(listener, event);
    }
}
