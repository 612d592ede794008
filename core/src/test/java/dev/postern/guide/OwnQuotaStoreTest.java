package dev.postern.guide;

import dev.postern.spi.QuotaStore;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.ContractTime;
import dev.postern.testkit.tck.Expiring;
import dev.postern.testkit.tck.QuotaStoreContract;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;

/** The guide's "my own QuotaStore"; the store in process stands in for it. */
// DOC contract
@OnAnyJdk
class OwnQuotaStoreTest extends QuotaStoreContract {
    private final TestClock clock = new TestClock();

    @Override
    protected QuotaStore newStore() {
        return OwnQuotaStore.goingBy(clock);
    }

    @Override
    protected ContractTime time() {
        return ContractTime.of(clock); // or ContractTime.ofServer(...)
    }

    @Override
    protected Expiring<QuotaStore> newExpiringStore() {
        return new Expiring<>(newStore(), Duration.ofHours(1)); // what nobody settles comes back after an hour
    }
}
// end
