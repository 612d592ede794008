/** Signs messages with DKIM. */
module dev.postern.dkim {
    requires transitive dev.postern.spi;
    requires static org.jspecify;

    exports dev.postern.dkim;
}
