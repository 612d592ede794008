package dev.postern.testkit;

import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Provocation;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.front.FrontConnection;
import dev.postern.testkit.internal.script.ScriptedProvocation;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a test does with the relay under test: connects to it, lets it refuse, and looks at what happened. The same for
 * {@link RelayExtension} and {@link TestRelay}.
 *
 * <p>Everything goes through a port of the testkit's own, {@link #address()}, which passes on what both sides say. There
 * replies and faults are provoked at any stage, whatever relay stands behind it, and there the transcripts come from. A
 * session that begins with a TLS handshake is passed on unread. Methods that return a probe fail with an {@link
 * AssertionError} when a step on the way is refused; all throw {@link IllegalStateException} when nothing runs.
 */
public abstract sealed class RelayFixture permits TestRelay, RelayExtension {

    record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    RelayFixture() {}

    abstract RunningRelay running();

    abstract @Nullable Login login();

    // addresses

    /** {@return where clients connect to: 127.0.0.1 and the port that passes everything on to the relay} */
    public final InetSocketAddress address() {
        return running().door().address();
    }

    /** {@return the port of {@link #address()}} */
    public final int port() {
        return address().getPort();
    }

    /**
     * Returns the port where clients connect to that begin with TLS.
     *
     * @return the port that passes everything on to {@link RelayUnderTest#tlsAddress()}; as at the other one, replies and
     *     faults are provoked there
     * @throws IllegalStateException when the relay has no such listener
     */
    public final int tlsPort() {
        return running().tlsDoor().orElseThrow(RunningRelay::noTls).address().getPort();
    }

    /** {@return where the relay itself listens, as the starter gave it: nothing is provoked there, and nothing seen} */
    public final InetSocketAddress directAddress() {
        return running().relay().address();
    }

    /** {@return the server that the relay delivers to} */
    public final FakeUpstream upstream() {
        return running().environment().upstream();
    }

    /** {@return the clock that the relay goes by} */
    public final TestClock clock() {
        return running().environment().clock();
    }

    /**
     * {@return the users that the test may change, {@link RelayEnvironment#accounts()}, where the relay was given them}
     */
    public final TestAccounts accounts() {
        return running().environment().accounts();
    }

    /** {@return what the relay has told {@link RelayEnvironment#events()}, where it was given that listener} */
    public final RelayEvents events() {
        return running().environment().events();
    }

    // provoking

    /**
     * Lets the relay give a row of the catalogue in place of its next reply at the row's stage, {@link
     * Provocation#stageOf}, once. The refused command does not reach the relay. After a row that closes, the connection
     * is closed.
     *
     * @param row the row
     * @param arguments the values of the row's parameters, in order; may be left out, and are then a hyphen each
     * @throws IllegalArgumentException when there are some arguments, but not as many as the row has parameters
     */
    public final void nextAnswers(StandardReply row, Object... arguments) {
        at(Provocation.stageOf(row)).once(Fault.reply(row, arguments));
    }

    /**
     * Begins to say what goes wrong at a stage between client and relay.
     *
     * @param stage where
     * @return to be completed by for whom, how often, and what
     */
    public final Provocation at(Stage stage) {
        return new ScriptedProvocation(running().front().script(), stage);
    }

    /** Forgets everything that was to go wrong and has not yet. */
    public final void clearFaults() {
        running().front().script().clear();
    }

    /**
     * Ends all open sessions with a row of the catalogue, out of turn, as a relay does whose time is over.
     *
     * @param row a row that closes, for instance {@link StandardReply#INACTIVITY}
     * @throws IllegalArgumentException when the row does not close the connection
     */
    public final void endSessions(StandardReply row) {
        if (!row.closes()) {
            throw new IllegalArgumentException("row must be one that closes the connection, not " + row);
        }
        Reply farewell = row.reply();
        running().front().sessions().stream()
                .filter(FrontConnection::open)
                .forEach(session -> session.hangUp(farewell));
    }

    /**
     * Shows clients another certificate, from the next TLS handshake on and for the rest of the test, in place of {@link
     * RelayEnvironment#serverTls()}. The relay's own stays.
     *
     * @param context for instance {@link TestCertificates#wrongNameServerContext()} or {@link
     *     TestCertificates#untrustedServerContext()}
     */
    public final void present(SSLContext context) {
        running().front().present(Objects.requireNonNull(context, "context"));
    }

    // observing

    /**
     * {@return the sessions of all clients, the probes too, that did not go to {@link #directAddress()}, in the order
     * in which they began}
     */
    public final List<RelaySession> sessions() {
        return running().front().sessions().stream().map(RelaySession::new).toList();
    }

    /**
     * Returns the latest session.
     *
     * @return of whatever client
     * @throws AssertionError when there was none
     */
    public final RelaySession lastSession() {
        List<RelaySession> all = sessions();
        if (all.isEmpty()) {
            throw new AssertionError("No client has connected to the relay");
        }
        return all.get(all.size() - 1);
    }

    // probes

    /**
     * {@return the ways to where a test begins, over any access, as any user, also past this fixture's own port; those
     * below are the usual ones}
     */
    public final Ladder ladder() {
        return new Ladder(this::running, login());
    }

    /**
     * Connects to the relay; the greeting is not read yet.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe connect() {
        return ladder().connect();
    }

    /**
     * Connects to the relay as another client; the greeting is not read yet.
     *
     * @param local an address of this machine, for instance 127.0.0.2; the relay sees it too
     * @return a probe that is closed after the test
     */
    public final SmtpProbe connectFrom(InetAddress local) {
        return ladder().connectFrom(local);
    }

    /**
     * Connects to a relay with implicit TLS and shakes hands, trusting {@link RelayEnvironment#serverTls()}; the
     * greeting is not read yet. Where the relay's only listener is the one with TLS, it is passed on unread.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe connectTls() {
        if (running().tlsDoor().isPresent()) {
            return ladder().over(Access.IMPLICIT_TLS).connect();
        }
        SmtpProbe probe = SmtpProbe.connectTls(address(), TestCertificates.clientContext());
        running().probes().add(probe);
        return probe;
    }

    /**
     * Connects to the relay and reads the greeting. The same as {@link #greeted()}.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe probe() {
        return greeted();
    }

    /**
     * The first rung: has read the greeting.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe greeted() {
        return ladder().greeted();
    }

    /**
     * The second rung: has said EHLO.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe afterEhlo() {
        return ladder().afterEhlo();
    }

    /**
     * The rung before the login: has said EHLO, and STARTTLS where that is offered.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe readyToLogIn() {
        return ladder().readyToLogIn();
    }

    /**
     * The third rung: has logged in with the login of {@code withLogin}.
     *
     * @return a probe that is closed after the test
     * @throws IllegalStateException when there is no such login
     */
    public final SmtpProbe authenticated() {
        return ladder().authenticated();
    }

    /**
     * The third rung: has logged in, after STARTTLS where that is offered.
     *
     * @param user the user name
     * @param password the password
     * @return a probe that is closed after the test
     */
    public final SmtpProbe authenticated(String user, String password) {
        return ladder().as(user, password).authenticated();
    }

    /**
     * The fourth rung: has said MAIL and RCPT, after the login of {@code withLogin} if there is one.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return a probe that is closed after the test
     */
    public final SmtpProbe atRcpt(String reversePath, String... forwardPaths) {
        return ladder().atRcpt(reversePath, forwardPaths);
    }

    /**
     * The fifth rung: has said DATA and may send the content with {@link SmtpProbe#write}.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return a probe that is closed after the test
     */
    public final SmtpProbe atData(String reversePath, String... forwardPaths) {
        return ladder().atData(reversePath, forwardPaths);
    }
}
