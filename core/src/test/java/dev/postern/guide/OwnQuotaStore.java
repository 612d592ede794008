package dev.postern.guide;

import dev.postern.internal.quota.QuotaGate;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.RelayClock;

/** In the guide a reader's own; here the store in process. */
final class OwnQuotaStore {

    private OwnQuotaStore() {}

    static QuotaStore goingBy(RelayClock clock) {
        return QuotaGate.inProcessStore(clock);
    }
}
