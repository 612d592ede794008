package dev.postern.stores;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.SessionRegistry;

/**
 * The stores of one relay process on an engine that several processes share; a host that chooses the engine by its
 * configuration needs no other type. Safe for use by several threads. Close it after the relay.
 */
public interface SharedStores extends AutoCloseable {

    /** {@return the quota store, for {@code Stores.of}} */
    QuotaStore quota();

    /** {@return the session registry, for {@code Stores.of}} */
    SessionRegistry sessions();

    /** {@return the throttle of failed logins, for {@code Stores.of}} */
    LoginThrottle throttle();

    /** Gives back what is still held; a second time does nothing. */
    @Override
    void close();
}
