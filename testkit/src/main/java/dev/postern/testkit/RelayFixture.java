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
 * A test's access to the relay under test: connects to it, makes it refuse, and inspects what happened. Shared by
 * {@link RelayExtension} and {@link TestRelay}.
 *
 * <p>Everything goes through a port of the testkit, {@link #address()}, which forwards both sides' traffic. There,
 * replies and faults can be provoked at any stage, with any relay, and transcripts are recorded. A session that begins
 * with a TLS handshake is forwarded unread. Methods that return a probe fail with an {@link AssertionError} when a step
 * is refused; all methods throw {@link IllegalStateException} when no relay is running.
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

    /** {@return where clients connect: 127.0.0.1 and the port that forwards everything to the relay} */
    public final InetSocketAddress address() {
        return running().door().address();
    }

    /** {@return the port of {@link #address()}} */
    public final int port() {
        return address().getPort();
    }

    /**
     * Returns the port for clients with implicit TLS.
     *
     * @return the port that forwards everything to {@link RelayUnderTest#tlsAddress()}; replies and faults can be
     *     provoked there as well
     * @throws IllegalStateException when the relay has no such listener
     */
    public final int tlsPort() {
        return running().tlsDoor().orElseThrow(RunningRelay::noTls).address().getPort();
    }

    /** {@return where the relay itself listens, as given by the starter; nothing can be provoked or observed there} */
    public final InetSocketAddress directAddress() {
        return running().relay().address();
    }

    /** {@return the server that the relay delivers to} */
    public final FakeUpstream upstream() {
        return running().environment().upstream();
    }

    /** {@return the relay's clock} */
    public final TestClock clock() {
        return running().environment().clock();
    }

    /** {@return the users that the test may change, if the relay uses {@link RelayEnvironment#accounts()}} */
    public final TestAccounts accounts() {
        return running().environment().accounts();
    }

    /** {@return the relay's events, if its listener is {@link RelayEnvironment#events()}} */
    public final RelayEvents events() {
        return running().environment().events();
    }

    // provoking

    /**
     * Replaces the relay's next reply at the row's stage, {@link Provocation#stageOf}, with a catalogue reply, once.
     * The refused command does not reach the relay. The connection is closed if the row closes it.
     *
     * @param row the row
     * @param arguments the values of the row's parameters, in order; a hyphen each when omitted
     * @throws IllegalArgumentException when arguments are given, but not as many as the row has parameters
     */
    public final void nextAnswers(StandardReply row, Object... arguments) {
        at(Provocation.stageOf(row)).once(Fault.reply(row, arguments));
    }

    /**
     * Starts to script a fault at a stage between client and relay.
     *
     * @param stage the stage
     * @return to be completed with for whom, how often, and what
     */
    public final Provocation at(Stage stage) {
        return new ScriptedProvocation(running().front().script(), stage);
    }

    /** Removes all faults that have not happened yet. */
    public final void clearFaults() {
        running().front().script().clear();
    }

    /**
     * Ends all open sessions at once with a catalogue reply, like a relay whose time limit is over.
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
     * Presents another certificate to clients instead of {@link RelayEnvironment#serverTls()}, from the next TLS
     * handshake to the end of the test. The relay's own does not change.
     *
     * @param context for instance {@link TestCertificates#wrongNameServerContext()} or {@link
     *     TestCertificates#untrustedServerContext()}
     */
    public final void present(SSLContext context) {
        running().front().present(Objects.requireNonNull(context, "context"));
    }

    // observing

    /**
     * {@return the sessions of all clients, including probes, except those to {@link #directAddress()}, in the order in
     * which they began}
     */
    public final List<RelaySession> sessions() {
        return running().front().sessions().stream().map(RelaySession::new).toList();
    }

    /**
     * Returns the latest session.
     *
     * @return of any client
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
     * {@return the ways to where a test begins, with any access, as any user, even past this fixture's port; the
     * methods below are shortcuts for the usual ones}
     */
    public final Ladder ladder() {
        return new Ladder(this::running, login());
    }

    /**
     * Connects to the relay without reading the greeting.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe connect() {
        return ladder().connect();
    }

    /**
     * Connects to the relay as another client, without reading the greeting.
     *
     * @param local an address of this machine, for instance 127.0.0.2; the relay sees it too
     * @return a probe that is closed after the test
     */
    public final SmtpProbe connectFrom(InetAddress local) {
        return ladder().connectFrom(local);
    }

    /**
     * Connects with implicit TLS, trusting {@link RelayEnvironment#serverTls()}, without reading the greeting. If the
     * relay's only listener is the one with TLS, the session is forwarded unread.
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
     * The second rung: has sent EHLO.
     *
     * @return a probe that is closed after the test
     */
    public final SmtpProbe afterEhlo() {
        return ladder().afterEhlo();
    }

    /**
     * The rung before the login: has sent EHLO, and STARTTLS if it is offered.
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
     * The third rung: has logged in, after STARTTLS if it is offered.
     *
     * @param user the user name
     * @param password the password
     * @return a probe that is closed after the test
     */
    public final SmtpProbe authenticated(String user, String password) {
        return ladder().as(user, password).authenticated();
    }

    /**
     * The fourth rung: has sent MAIL and RCPT, after the login of {@code withLogin} if there is one.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return a probe that is closed after the test
     */
    public final SmtpProbe atRcpt(String reversePath, String... forwardPaths) {
        return ladder().atRcpt(reversePath, forwardPaths);
    }

    /**
     * The fifth rung: has sent DATA and may send the content with {@link SmtpProbe#write}.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return a probe that is closed after the test
     */
    public final SmtpProbe atData(String reversePath, String... forwardPaths) {
        return ladder().atData(reversePath, forwardPaths);
    }
}
