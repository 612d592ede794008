package dev.postern.stores;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.LoginThrottle.Decision;
import dev.postern.spi.LoginThrottle.Rule;

/** A login with a wrong password, as the relay tells of it. */
public final class FailedLogin {

    private FailedLogin() {}

    /** Begins an attempt and lets it fail, unless the address is blocked. */
    public static void of(LoginThrottle throttle, String address, Rule rule) {
        if (throttle.attempt(address, rule) instanceof Decision.Granted granted) {
            granted.attempt().failed();
        }
    }
}
