package dev.postern;

import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.Reservation;
import java.time.Instant;

/** A store that grants everything, for messages that are never sent. */
abstract class GrantingQuota implements QuotaStore {

    @Override
    public QuotaDecision reserve(QuotaRequest request) {
        return new QuotaDecision.Granted(new Reservation(
                request.reservationId(), request.account(), request.plan(), request.units(), Instant.EPOCH));
    }

    @Override
    public void commit(Reservation reservation) {
        throw new IllegalStateException("nothing is sent");
    }

    @Override
    public boolean holds(Reservation reservation) {
        return true;
    }

    @Override
    public QuotaUsage usage(String account, QuotaPlan plan) {
        return new QuotaUsage(0, 0, plan.limit(), Instant.MAX);
    }
}
