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
 * The stores of one relay process on a Redis (6.2 or later) that several processes share: a single server, one behind
 * sentinels, or a cluster. What the process holds has leases, which a thread of its own renews three times as often as
 * they would end. When the process dies, its sessions and reservations return within the lease's time (30 s by default).
 * A process that was only suspended finds out before it sends anything that it no longer holds units for.
 *
 * <p>Redis forgets in a crash what it has not written to its append-only file; for counts that are exact over a crash, it
 * needs {@code appendfsync always}, and for a failover {@link Builder#replicas}. Its {@code maxmemory-policy} must be
 * {@code noeviction}. Safe for use by several threads. Close it after the relay.
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
     * Starts to configure the stores.
     *
     * @param uri {@code redis://[[user:]password@]host[:port][/database]}, {@code rediss://} for TLS, or {@code
     *     redis-sentinel://}, as Lettuce's RedisURI has it
     * @return a builder
     * @throws IllegalArgumentException when uri is none of these; the message does not repeat it
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

    /** Makes this process one that died, as far as others can see; for tests. */
    void stopHeart() {
        heart.close();
    }

    /** Gives back what is still held, and closes the connection; a second time does nothing. */
    @Override
    public void close() {
        if (open.compareAndSet(true, false)) {
            heart.close();
            ledgers.giveBack();
            redis.close();
        }
    }

    /** Configures the stores. Not safe for use by several threads. */
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
         * Takes the server for a node of a Redis Cluster. Default: it is alone, or has replicas.
         *
         * @return this builder
         */
        public Builder cluster() {
            cluster = true;
            return this;
        }

        /**
         * Sets how many replicas must have what is counted before it counts: with 1, what was granted is known to the
         * replica that takes over; on a cluster, each master needs one. It costs a round trip to the replica. Default: 0, so
         * that the last moments before a failover may be forgotten.
         *
         * @param count 0 to 10
         * @return this builder
         * @throws IllegalArgumentException when count is out of its bounds
         */
        public Builder replicas(int count) {
            if (count < 0 || count > MAX_REPLICAS) {
                throw new IllegalArgumentException("replicas must be 0 to " + MAX_REPLICAS + ", not " + count);
            }
            replicas = count;
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
            settings = settings.withLease(length);
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
            settings = settings.withTimeout(limit);
            return this;
        }

        /**
         * Sets the clock of this process, for tests; it never decides anything but when to ask. Default: the machine's.
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
