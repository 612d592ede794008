package dev.postern.redis;

import dev.postern.spi.RelayClock;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The stores of one relay process on a Redis (6.2 or later) that several processes share: a single server, one behind
 * sentinels, or a cluster. What the process holds has leases, which a thread of its own renews three times as often as
 * they would end. When the process dies, its sessions and reservations return within the lease's time (30 s by default).
 * A process that was only suspended finds out before it sends anything that it no longer holds units for.
 *
 * <p>Redis forgets in a crash what it has not written to its append-only file; for counts that are exact over a crash, it
 * needs {@code appendfsync always}, and for a failover {@code min-replicas-to-write}. Its {@code maxmemory-policy} must be
 * {@code noeviction}. Safe for use by several threads. Close it after the relay.
 */
public final class RedisStores implements AutoCloseable {

    private final AtomicBoolean open = new AtomicBoolean(true);
    private final Redis redis;
    private final Holdings holdings;
    private final RedisQuotaStore quota;
    private final RedisSessionRegistry sessions;
    private final RedisLoginThrottle throttle;

    private RedisStores(Builder settings) {
        redis = Redis.connect(settings.uri, settings.cluster, settings.timeout);
        holdings = new Holdings(redis, settings.lease, settings.clock);
        quota = new RedisQuotaStore(holdings, settings.clock);
        sessions = new RedisSessionRegistry(holdings);
        throttle = new RedisLoginThrottle(redis);
    }

    /**
     * Starts to configure the stores.
     *
     * @param uri {@code redis://[[user:]password@]host[:port][/database]}, {@code rediss://} for TLS, or {@code
     *     redis-sentinel://}, as Lettuce's RedisURI has it
     * @return a builder
     * @throws IllegalArgumentException when uri is none of these
     */
    public static Builder builder(String uri) {
        return new Builder(RedisURI.create(uri));
    }

    /**
     * Returns the quota store.
     *
     * @return for {@code SmtpRelay.Builder.quotaStore}
     */
    public RedisQuotaStore quota() {
        return quota;
    }

    /**
     * Returns the session registry.
     *
     * @return for {@code SmtpRelay.Builder.sessionRegistry}
     */
    public RedisSessionRegistry sessions() {
        return sessions;
    }

    /**
     * Returns the throttle of failed logins.
     *
     * @return for {@code SmtpRelay.Builder.loginThrottle}
     */
    public RedisLoginThrottle throttle() {
        return throttle;
    }

    /** Makes this process one that died, as far as others can see; for tests. */
    void stopHeart() {
        holdings.stopHeart();
    }

    /** Gives back what is still held, and closes the connection; a second time does nothing. */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            holdings.close();
            redis.close();
        }
    }

    /** Configures the stores. Not safe for use by several threads. */
    public static final class Builder {

        private final RedisURI uri;
        private boolean cluster;
        private Duration lease = Duration.ofSeconds(30);
        private Duration timeout = Duration.ofMillis(1500);
        private RelayClock clock = RelayClock.system();

        private Builder(RedisURI uri) {
            this.uri = uri;
        }

        /**
         * Takes the server for a node of a Redis Cluster. Default: it is alone, or has replicas.
         *
         * @return this builder
         */
        public Builder cluster() {
            cluster = true;
            return this;
        }

        /**
         * Sets how long a process may be silent before it is taken for dead. Default: 30 s.
         *
         * @param length 1 s to 1 h
         * @return this builder
         * @throws IllegalArgumentException when length is out of its bounds
         */
        public Builder lease(Duration length) {
            lease = bounded("lease", length, Duration.ofSeconds(1), Duration.ofHours(1));
            return this;
        }

        /**
         * Sets how long Redis may take. Default: 1.5 s, under the relay's default plug-in time-out.
         *
         * @param limit 10 ms to 1 min
         * @return this builder
         * @throws IllegalArgumentException when limit is out of its bounds
         */
        public Builder timeout(Duration limit) {
            timeout = bounded("timeout", limit, Duration.ofMillis(10), Duration.ofMinutes(1));
            return this;
        }

        /**
         * Sets the clock of this process, for tests; it never decides anything but when to ask. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            clock = Objects.requireNonNull(newClock, "clock");
            return this;
        }

        /**
         * Connects.
         *
         * @return the stores
         * @throws StoreException when Redis does not answer
         */
        public RedisStores start() {
            return new RedisStores(this);
        }

        private static Duration bounded(String parameter, Duration value, Duration least, Duration most) {
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new IllegalArgumentException(parameter + " must be " + least + " to " + most + ", not " + value);
            }
            return value;
        }
    }
}
