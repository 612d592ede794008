package dev.postern.testkit;

import dev.postern.testkit.upstream.FakeUpstream;
import javax.net.ssl.SSLContext;

/** What surrounds the relay under test: new for each test. */
public final class RelayEnvironment {

    private final FakeUpstream upstream;
    private final TestClock clock = new TestClock();
    private final TestAccounts accounts = new TestAccounts();
    private final RelayEvents events = new RelayEvents();

    RelayEnvironment(FakeUpstream upstream) {
        this.upstream = upstream;
    }

    /**
     * Returns the server to deliver to.
     *
     * @return a running fake upstream, closed after the test
     */
    public FakeUpstream upstream() {
        return upstream;
    }

    /**
     * Returns the clock to go by.
     *
     * @return a clock that stands still until the test moves it
     */
    public TestClock clock() {
        return clock;
    }

    /**
     * Returns users for the relay: its authenticator, and its sender domains.
     *
     * @return a list without users, which the test may change while the relay runs
     */
    public TestAccounts accounts() {
        return accounts;
    }

    /**
     * Returns a listener for the relay, which assertions on the relay look at.
     *
     * @return an empty record
     */
    public RelayEvents events() {
        return events;
    }

    /**
     * Returns TLS material for the relay's own port.
     *
     * @return {@link TestCertificates#serverContext()}
     */
    public SSLContext serverTls() {
        return TestCertificates.serverContext();
    }
}
