package dev.postern.redis;

import dev.postern.spi.LoginThrottle;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Failed logins in Redis, by its clock. Safe for use by several threads. */
public final class RedisLoginThrottle implements LoginThrottle {

    private final Redis redis;
    private final String process = UUID.randomUUID() + "-";
    private final AtomicLong numbers = new AtomicLong();

    RedisLoginThrottle(Redis redis) {
        this.redis = redis;
    }

    @Override
    public boolean blocked(String address, Rule rule) {
        return redis.run(Script.BLOCKED, keys(address)).get(0) == 1;
    }

    @Override
    public void failed(String address, Rule rule) {
        if (rule.failures() < Integer.MAX_VALUE) {
            redis.run(
                    Script.FAILED,
                    keys(address),
                    Integer.toString(rule.failures()),
                    Long.toString(rule.window().toMillis()),
                    Long.toString(rule.block().toMillis()),
                    process + numbers.incrementAndGet());
        }
    }

    private static List<String> keys(String address) {
        String tag = "postern:{login:" + Objects.requireNonNull(address, "address") + "}";
        return List.of(tag + ":failures", tag + ":blocked");
    }
}
