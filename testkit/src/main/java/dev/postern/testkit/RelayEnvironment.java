package dev.postern.testkit;

import dev.postern.testkit.upstream.FakeUpstream;
import javax.net.ssl.SSLContext;

/** The environment of the relay under test, new for each test. */
public final class RelayEnvironment {

    private final FakeUpstream upstream;
    private final TestClock clock = new TestClock();
    private final TestAccounts accounts = new TestAccounts();
    private final RelayEvents events = new RelayEvents();

    RelayEnvironment(FakeUpstream upstream) {
        this.upstream = upstream;
    }

    /** {@return the server to deliver to, already running; closed after the test} */
    public FakeUpstream upstream() {
        return upstream;
    }

    /** {@return the clock for the relay, which stands still until the test moves it} */
    public TestClock clock() {
        return clock;
    }

    /**
     * {@return users for the relay, as its authenticator and its sender domains. There are none until the test adds
     * them, which it may do while the relay runs}
     */
    public TestAccounts accounts() {
        return accounts;
    }

    /** {@return a listener for the relay, used by assertions on the relay} */
    public RelayEvents events() {
        return events;
    }

    /** {@return TLS material for the relay's own port, {@link TestCertificates#serverContext()}} */
    public SSLContext serverTls() {
        return TestCertificates.serverContext();
    }
}
