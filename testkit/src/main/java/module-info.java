/** Provokes and asserts exact replies of an SMTP relay in tests, and verifies plug-ins. */
module dev.postern.testkit {
    requires transitive dev.postern.spi;
    requires transitive org.assertj.core;
    // for the extension and the contracts only; the rest serves other test frameworks as well
    requires static org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.postern.testkit;
    exports dev.postern.testkit.assertions;
    exports dev.postern.testkit.fault;
    exports dev.postern.testkit.probe;
    exports dev.postern.testkit.tck;
    exports dev.postern.testkit.upstream;
}
