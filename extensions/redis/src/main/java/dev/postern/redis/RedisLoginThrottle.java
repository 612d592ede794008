package dev.postern.redis;

import dev.postern.spi.LoginThrottle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Counts failed and undecided logins in Redis, by its clock. Thread-safe. */
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
    public Decision attempt(String address, Rule rule) {
        List<String> keys = keys(address);
        if (rule.failures() == Integer.MAX_VALUE) {
            return new Decision.Granted(Attempt.uncounted());
        }
        String name = process + numbers.incrementAndGet();
        List<String> arguments = arguments(rule, name);
        arguments.add(Long.toString(rule.undecided().toMillis()));
        long answer = redis.run(Script.ATTEMPT, keys, arguments.toArray(String[]::new))
                .get(0);
        return answer == 0
                ? new Decision.Granted(new Member(keys, rule, name))
                : answer == 1 ? new Decision.Undecided() : new Decision.Blocked();
    }

    /** An attempt, identified by its name in the sorted sets. */
    private final class Member implements Attempt {
        private final List<String> keys;
        private final Rule rule;
        private final String name;

        private Member(List<String> keys, Rule rule, String name) {
            this.keys = keys;
            this.rule = rule;
            this.name = name;
        }

        @Override
        public void failed() {
            redis.run(Script.FAILED, keys, arguments(rule, name).toArray(String[]::new));
        }

        @Override
        public void withdraw() {
            redis.run(Script.WITHDRAW, keys, name);
        }
    }

    private static List<String> arguments(Rule rule, String name) {
        return new ArrayList<>(List.of(
                Integer.toString(rule.failures()),
                Long.toString(rule.window().toMillis()),
                Long.toString(rule.block().toMillis()),
                name));
    }

    private static List<String> keys(String address) {
        String tag = "postern:{login:" + Objects.requireNonNull(address, "address") + "}";
        return List.of(tag + ":failures", tag + ":blocked", tag + ":undecided");
    }
}
