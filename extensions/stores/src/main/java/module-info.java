/** What shared stores have in common, whatever engine they count on. */
module dev.postern.stores {
    requires transitive dev.postern.spi;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.postern.stores;
}
