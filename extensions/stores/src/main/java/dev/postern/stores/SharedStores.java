package dev.postern.stores;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.SessionRegistry;

/**
 * One relay process's stores on an engine that several processes share. A host that selects the engine by configuration
 * needs only this type. Thread-safe. Close it after the relay.
 */
public interface SharedStores extends AutoCloseable {

    /** {@return the quota store, for {@code Stores.of}} */
    QuotaStore quota();

    /** {@return the session registry, for {@code Stores.of}} */
    SessionRegistry sessions();

    /** {@return the throttle of failed logins, for {@code Stores.of}} */
    LoginThrottle throttle();

    /** Frees everything still held; a second call does nothing. */
    @Override
    void close();
}
