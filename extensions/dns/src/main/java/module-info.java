/** Validates sender domains by DNS. */
module dev.postern.dns {
    requires transitive dev.postern.spi;
    requires com.github.benmanes.caffeine;
    requires org.dnsjava;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.postern.dns;
}
