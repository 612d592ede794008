package dev.postern.testkit;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A relay and its environment, without JUnit; {@link RelayExtension} is the same for JUnit. Closing it ends everything,
 * and then fails if anything was left behind that is not allowed.
 *
 * <pre>{@code
 * try (TestRelay relay = TestRelay.start(env -> RelayUnderTest.of(...)).withLogin("ann@example.org", "secret")) {
 *     relay.nextAnswers(StandardReply.QUOTA_EXCEEDED);
 *     assertThat(relay.authenticated().mail("ann@example.org")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
 * }
 * }</pre>
 *
 * <p>For one test at a time; separate instances are independent.
 */
public final class TestRelay extends RelayFixture implements AutoCloseable {

    private final RunningRelay running;
    private final Set<Leak> allowed = EnumSet.noneOf(Leak.class);
    private @Nullable Login login;
    private boolean closed;

    private TestRelay(RunningRelay running) {
        this.running = running;
    }

    /**
     * Starts a relay.
     *
     * @param starter starts the relay
     * @return the running relay, without a login
     * @throws Exception what the starter throws; then nothing is left running except what the starter left
     */
    public static TestRelay start(RelayStarter starter) throws Exception {
        return new TestRelay(RunningRelay.start(starter));
    }

    /**
     * Sets the login that {@link #authenticated()} and the rungs above it use.
     *
     * @param user the user name
     * @param password the password
     * @return this relay
     */
    public TestRelay withLogin(String user, String password) {
        login = new Login(user, password);
        return this;
    }

    /**
     * Lets the test leave something behind.
     *
     * @param leaks what may be left behind
     * @return this relay
     */
    public TestRelay allowing(Leak... leaks) {
        allowed.addAll(List.of(leaks));
        return this;
    }

    /**
     * Ends a finished test while the relay keeps running for the next one: closes the probes, and forgets faults,
     * sessions, messages and events. Does not report leaks.
     */
    public void forget() {
        running().forget();
    }

    @Override
    RunningRelay running() {
        if (closed) {
            throw new IllegalStateException("the relay is closed");
        }
        return running;
    }

    @Override
    @Nullable
    Login login() {
        return login;
    }

    /**
     * Closes the probes, the relay and the upstream. Does nothing when already closed.
     *
     * @throws IllegalStateException when the relay cannot be closed; the cause is what it threw
     * @throws AssertionError when something was left behind that is not allowed; everything is closed nevertheless
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        List<String> leaks = running.leaks(allowed);
        String transcripts = leaks.isEmpty() ? "" : running.transcripts();
        closed = true;
        try {
            running.end();
        } catch (Exception e) {
            throw new IllegalStateException("the relay was not closed", e);
        }
        failFor(leaks, transcripts);
    }

    static void failFor(List<String> leaks, String transcripts) {
        if (!leaks.isEmpty()) {
            throw new AssertionError("The test has left something behind; where that is as it should be, say so with"
                    + " allowing(Leak...):\n  " + String.join("\n  ", leaks) + "\nTranscripts:\n"
                    + transcripts.strip().indent(2).stripTrailing());
        }
    }
}
