package dev.postern.tck;

import dev.postern.internal.quota.QuotaGate;
import dev.postern.spi.QuotaStore;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.ContractTime;
import dev.postern.testkit.tck.Expiring;
import dev.postern.testkit.tck.QuotaStoreContract;
import java.time.Duration;

class InProcessQuotaStoreTckTest extends QuotaStoreContract {

    private final TestClock clock = new TestClock();

    @Override
    protected QuotaStore newStore() {
        return QuotaGate.inProcessStore(clock);
    }

    @Override
    protected ContractTime time() {
        return ContractTime.of(clock);
    }

    @Override
    protected Expiring<QuotaStore> newExpiringStore() {
        return new Expiring<>(newStore(), Duration.ofHours(1));
    }
}
