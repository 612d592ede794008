package dev.postern.settings;

import dev.postern.spi.LoginThrottle;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.StoreFailure;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where quota, sessions and failed logins are counted: in this process, or in stores shared by several relays.
 * Immutable.
 */
public final class Stores {

    private static final Stores DEFAULTS = new Stores(new Fields());

    private final Fields fields;

    private static final class Fields extends Values {
        private @Nullable QuotaStore quota;
        private @Nullable SessionRegistry sessions;
        private @Nullable LoginThrottle logins;
        private StoreFailure onFailure = StoreFailure.REFUSE;
    }

    private Stores(Fields fields) {
        this.fields = fields;
    }

    private Stores with(Consumer<Fields> change) {
        return new Stores(Values.copy(fields, change));
    }

    /** {@return settings that count everything in this process} */
    public static Stores defaults() {
        return DEFAULTS;
    }

    /**
     * Returns settings that count everything in the host's stores.
     *
     * @param quota counts quota
     * @param sessions counts sessions
     * @param logins counts failed logins
     * @return the settings
     */
    public static Stores of(QuotaStore quota, SessionRegistry sessions, LoginThrottle logins) {
        return DEFAULTS.withQuota(quota).withSessions(sessions).withLogins(logins);
    }

    /**
     * Sets where quota is counted. Default: in this process.
     *
     * @param store the store
     * @return a copy
     */
    public Stores withQuota(QuotaStore store) {
        return with(copy -> copy.quota = Objects.requireNonNull(store, "quota"));
    }

    /**
     * Sets where sessions are counted. Default: in this process.
     *
     * @param registry the registry
     * @return a copy
     */
    public Stores withSessions(SessionRegistry registry) {
        return with(copy -> copy.sessions = Objects.requireNonNull(registry, "sessions"));
    }

    /**
     * Sets where failed logins are counted. Default: in this process.
     *
     * @param throttle the throttle
     * @return a copy
     */
    public Stores withLogins(LoginThrottle throttle) {
        return with(copy -> copy.logins = Objects.requireNonNull(throttle, "logins"));
    }

    /**
     * Sets what happens while the host's store does not answer. Default: the relay temporarily refuses what it cannot
     * count.
     *
     * @param then what to do
     * @return a copy
     */
    public Stores onFailure(StoreFailure then) {
        return with(copy -> copy.onFailure = Objects.requireNonNull(then, "onFailure"));
    }

    /** {@return the quota store; empty to count in this process} */
    public Optional<QuotaStore> quota() {
        return Optional.ofNullable(fields.quota);
    }

    /** {@return the session registry; empty to count in this process} */
    public Optional<SessionRegistry> sessions() {
        return Optional.ofNullable(fields.sessions);
    }

    /** {@return the login throttle; empty to count in this process} */
    public Optional<LoginThrottle> logins() {
        return Optional.ofNullable(fields.logins);
    }

    /** {@return what happens while the host's store does not answer} */
    public StoreFailure onFailure() {
        return fields.onFailure;
    }
}
