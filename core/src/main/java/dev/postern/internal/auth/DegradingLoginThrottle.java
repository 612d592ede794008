package dev.postern.internal.auth;

import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.LoginThrottle;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts failed logins in this process while the shared throttle does not answer; an address blocked by either is. */
final class DegradingLoginThrottle implements LoginThrottle {

    private final Guarded<LoginThrottle> shared;
    private final LoginThrottle local;

    DegradingLoginThrottle(Guarded<LoginThrottle> shared, LoginThrottle local) {
        this.shared = shared;
        this.local = local;
    }

    @Override
    public boolean blocked(String address, Rule rule) {
        return local.blocked(address, rule)
                || shared.call(throttle -> throttle.blocked(address, rule)).orElse(false);
    }

    @Override
    public Decision attempt(String address, Rule rule) {
        if (local.blocked(address, rule)) {
            return new Decision.Blocked();
        }
        return shared.call(throttle -> throttle.attempt(address, rule), AuthGate::giveBack)
                .map(answer -> answer instanceof Decision.Granted granted
                        ? new Decision.Granted(new SharedAttempt(granted.attempt(), address, rule))
                        : answer)
                .orElseGet(() -> local.attempt(address, rule));
    }

    /** Counted by the shared throttle; here, too, when it fails and that cannot be told to it. */
    private final class SharedAttempt implements Attempt {
        private final Attempt attempt;
        private final String address;
        private final Rule rule;
        private final AtomicBoolean ended = new AtomicBoolean();

        private SharedAttempt(Attempt attempt, String address, Rule rule) {
            this.attempt = attempt;
            this.address = address;
            this.rule = rule;
        }

        @Override
        public void failed() {
            if (ended.compareAndSet(false, true)
                    && !shared.run(throttle -> attempt.failed())
                    && local.attempt(address, rule) instanceof Decision.Granted granted) {
                granted.attempt().failed();
            }
        }

        @Override
        public void withdraw() {
            if (ended.compareAndSet(false, true)) {
                boolean unused = shared.settle(throttle -> attempt.withdraw()); // else it counts as failed in the end
            }
        }
    }
}
