package dev.postern.tck;

import dev.postern.internal.admission.SessionGate;
import dev.postern.spi.SessionRegistry;
import dev.postern.testkit.tck.SessionRegistryContract;

class InProcessSessionRegistryTckTest extends SessionRegistryContract {

    @Override
    protected SessionRegistry newRegistry() {
        return SessionGate.inProcessRegistry();
    }
}
