package dev.postern.internal.admission;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.SessionRegistry;
import java.util.Optional;

/**
 * Counts sessions in this process while the shared registry does not answer. The sessions that it let in then take
 * permits of this relay's until they end.
 */
final class DegradingSessionRegistry implements SessionRegistry {

    private final Guarded<SessionRegistry> shared;
    private final InProcessSessionRegistry local = new InProcessSessionRegistry();

    DegradingSessionRegistry(Guarded<SessionRegistry> shared) {
        this.shared = shared;
    }

    @Override
    public Optional<Permit> acquire(Claim claim) {
        int free = claim.max() - local.count(claim.scope(), claim.key());
        if (free < 1) {
            return Optional.empty();
        }
        Claim rest = new Claim(claim.scope(), claim.key(), free, claim.sessionId());
        return shared.call(registry -> registry.acquire(rest), SessionGate::giveBack)
                .map(answer -> answer.<Permit>map(permit -> () -> shared.settle(registry -> permit.close())))
                .orElseGet(() -> local.acquire(claim));
    }
}
