/** What a host application of the Postern relay implements, and the values that cross that line. */
module dev.postern.spi {
    requires static org.jspecify;

    exports dev.postern.spi;
}
