package dev.postern.redis;

import dev.postern.spi.RelayClock;
import dev.postern.stores.Heart;
import dev.postern.stores.Holdings;
import dev.postern.stores.SharedStores;
import dev.postern.stores.StoreException;
import dev.postern.stores.StoreSettings;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One relay process's stores on a Redis (6.2 or later) that several processes share: a single server, one behind
 * sentinels, or a cluster. Everything that the process holds has leases, which a separate thread renews three times per
 * lease period. When the process dies, its sessions and reservations are freed within the lease (30 s by default). A
 * process that was only suspended notices before it sends a message whose units it no longer holds.
 *
 * <p>In a crash, Redis loses everything not yet written to its append-only file. For counts that stay exact after a
 * crash, it needs {@code appendfsync always}, and for a failover {@link Builder#replicas}. Its {@code maxmemory-policy}
 * must be {@code noeviction}. Thread-safe. Close it after the relay.
 */
public final class RedisStores implements SharedStores {

    private static final Logger LOG = LoggerFactory.getLogger(RedisStores.class);

    private final AtomicBoolean open = new AtomicBoolean(true);
    private final Redis redis;
    private final RedisLedgers ledgers;
    private final Heart heart;
    private final RedisQuotaStore quota;
    private final RedisSessionRegistry sessions;
    private final RedisLoginThrottle throttle;

    private RedisStores(Builder builder) {
        StoreSettings settings = builder.settings;
        redis = Redis.connect(new Redis.Settings(builder.uri, builder.cluster, builder.replicas, settings.timeout()));
        ledgers = new RedisLedgers(redis, settings.lease(), settings.clock());
        Holdings holdings = new Holdings(ledgers);
        heart = new Heart("postern-redis-heart", settings.lease(), () -> beat(ledgers, holdings));
        quota = new RedisQuotaStore(holdings, settings.clock());
        sessions = new RedisSessionRegistry(holdings);
        throttle = new RedisLoginThrottle(redis);
    }

    private static void beat(RedisLedgers ledgers, Holdings holdings) {
        try {
            ledgers.renew();
            holdings.settleLeftovers();
        } catch (RuntimeException e) {
            LOG.warn("leases not renewed; it is tried again", e);
        }
    }

    /**
     * Returns a builder of the stores.
     *
     * @param uri {@code redis://[[user:]password@]host[:port][/database]}, {@code rediss://} for TLS, or {@code
     *     redis-sentinel://}, in the form of Lettuce's RedisURI
     * @return a builder
     * @throws IllegalArgumentException when uri has another form; the message does not repeat it
     */
    public static Builder builder(String uri) {
        try {
            return new Builder(RedisURI.create(Objects.requireNonNull(uri, "uri")));
        } catch (IllegalArgumentException e) { // whose text, and whose cause's, may show the password
            throw new IllegalArgumentException("uri must be redis://host[:port], rediss://... or redis-sentinel://...,"
                    + " with user and password percent-encoded");
        }
    }

    @Override
    public RedisQuotaStore quota() {
        return quota;
    }

    @Override
    public RedisSessionRegistry sessions() {
        return sessions;
    }

    @Override
    public RedisLoginThrottle throttle() {
        return throttle;
    }

    /** Makes this process look dead to others; for tests. */
    void stopHeart() {
        heart.close();
    }

    /** Frees everything still held, and closes the connection; a second call does nothing. */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            heart.close();
            ledgers.giveBack();
            redis.close();
        }
    }

    /** Configures the stores. Not thread-safe. */
    public static final class Builder {

        private static final int MAX_REPLICAS = 10;

        private final RedisURI uri;
        private boolean cluster;
        private int replicas;
        private StoreSettings settings = StoreSettings.defaults();

        private Builder(RedisURI uri) {
            this.uri = uri;
        }

        /**
         * Treats the server as a node of a Redis Cluster. Default: a single server, with or without replicas.
         *
         * @return this builder
         */
        public Builder cluster() {
            cluster = true;
            return this;
        }

        /**
         * Sets how many replicas must have a count before it is confirmed. With 1, the replica that takes over knows
         * all grants; on a cluster, each master needs one. Costs a round trip to the replica. Default: 0, so the last
         * moments before a failover may be lost.
         *
         * @param count 0 to 10
         * @return this builder
         * @throws IllegalArgumentException when count is out of bounds
         */
        public Builder replicas(int count) {
            if (count < 0 || count > MAX_REPLICAS) {
                throw new IllegalArgumentException("replicas must be 0 to " + MAX_REPLICAS + ", not " + count);
            }
            replicas = count;
            return this;
        }

        /**
         * Sets how long a process may be silent before it is considered dead. Default: 30 s.
         *
         * @param length 1 s to 1 h
         * @return this builder
         * @throws IllegalArgumentException when length is out of bounds
         */
        public Builder lease(Duration length) {
            settings = settings.withLease(length);
            return this;
        }

        /**
         * Sets how long Redis may take. Default: 1.5 s, under the relay's default plug-in time-out.
         *
         * @param limit 10 ms to 1 min
         * @return this builder
         * @throws IllegalArgumentException when limit is out of bounds
         */
        public Builder timeout(Duration limit) {
            settings = settings.withTimeout(limit);
            return this;
        }

        /**
         * Sets this process's clock, for tests; it only determines when to query. Default: the machine's.
         *
         * @param newClock a clock
         * @return this builder
         */
        public Builder clock(RelayClock newClock) {
            settings = settings.withClock(newClock);
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
    }
}
