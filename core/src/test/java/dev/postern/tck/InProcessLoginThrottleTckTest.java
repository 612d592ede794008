package dev.postern.tck;

import dev.postern.internal.auth.AuthGate;
import dev.postern.spi.LoginThrottle;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.ContractTime;
import dev.postern.testkit.tck.LoginThrottleContract;

class InProcessLoginThrottleTckTest extends LoginThrottleContract {

    private final TestClock clock = new TestClock();

    @Override
    protected LoginThrottle newThrottle() {
        return AuthGate.inProcessThrottle(clock);
    }

    @Override
    protected ContractTime time() {
        return ContractTime.of(clock);
    }
}
