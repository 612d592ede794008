/** A relay as a fixture of a test, in one line. */
module dev.postern.junit {
    requires transitive dev.postern;
    requires transitive dev.postern.testkit;
    requires transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.postern.junit;
}
