package dev.postern.internal.auth;

import dev.postern.internal.reply.PluginGuard;
import dev.postern.spi.LoginThrottle;

/** Counts failed logins in this process while the shared throttle does not answer; an address blocked by either is. */
final class DegradingLoginThrottle implements LoginThrottle {

    private static final String NAME = "LoginThrottle";

    private final LoginThrottle shared;
    private final PluginGuard guard;
    private final LoginThrottle local;

    DegradingLoginThrottle(LoginThrottle shared, PluginGuard guard, LoginThrottle local) {
        this.shared = shared;
        this.guard = guard;
        this.local = local;
    }

    @Override
    public boolean blocked(String address, Rule rule) {
        return local.blocked(address, rule)
                || guard.call(NAME, () -> shared.blocked(address, rule)).orElse(false);
    }

    @Override
    public void failed(String address, Rule rule) {
        if (!guard.run(NAME, () -> shared.failed(address, rule))) {
            local.failed(address, rule);
        }
    }
}
