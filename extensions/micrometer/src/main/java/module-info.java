/** Meters and observations of a relay, by Micrometer. */
module dev.postern.micrometer {
    requires transitive dev.postern.spi;
    requires transitive micrometer.core;
    requires transitive micrometer.observation;
    requires micrometer.commons;
    requires static dev.postern.spool;
    requires static org.jspecify;

    exports dev.postern.micrometer;
}
