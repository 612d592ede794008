package dev.postern.testkit;

/** Starts the relay that a {@link RelayExtension} tests; called before each test, on the test's thread. */
@FunctionalInterface
public interface RelayStarter {

    /**
     * Starts a relay on a free port.
     *
     * @param environment what the relay should use
     * @return the running relay, closed by the extension after the test
     * @throws Exception when it cannot be started; fails the test
     */
    RelayUnderTest start(RelayEnvironment environment) throws Exception;
}
