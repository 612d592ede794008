package dev.postern.micrometer;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;

/** A store that does not answer. */
final class LostQuotaStore implements QuotaStore {

    private static IllegalStateException lost() {
        return new IllegalStateException("lost");
    }

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        throw lost();
    }

    @Override
    public void commit(Reservation reservation) {
        throw lost();
    }

    @Override
    public void release(Reservation reservation) {
        throw lost();
    }

    @Override
    public boolean holds(Reservation reservation) {
        throw lost();
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        throw lost();
    }
}
