package dev.postern.internal.session;

import dev.postern.spi.Identity;
import dev.postern.spi.SessionRegistry.Scope;

/**
 * That the sessions of a user or an account end whose login began no later than a moment, as the relay's clock counts
 * nanoseconds. The name is in its canonical form.
 */
public record Revocation(Scope scope, String name, long moment) {

    boolean concerns(Identity identity, long loginBegun) {
        String own = scope == Scope.USER ? identity.user() : identity.account();
        return own.equals(name) && loginBegun - moment <= 0;
    }
}
