/** A spool that keeps mail on disk until the upstream has it. */
module dev.postern.spool {
    requires transitive dev.postern.spi;
    requires transitive java.sql;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.postern.spool;
}
