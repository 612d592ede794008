/** Checks of a relay by a program of its own: JUnit is nowhere. */
module com.example.checks {
    requires dev.postern;
    requires dev.postern.testkit;
}
