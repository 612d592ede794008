/** Quota, sessions and failed logins on Redis. */
module dev.postern.redis {
    requires transitive dev.postern.spi;
    requires transitive dev.postern.stores;
    requires io.netty.common;
    requires lettuce.core;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.postern.redis;
}
