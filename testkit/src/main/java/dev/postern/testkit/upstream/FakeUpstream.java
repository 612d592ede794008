package dev.postern.testkit.upstream;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Provocation;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.internal.script.FaultScript;
import dev.postern.testkit.internal.script.ScriptedProvocation;
import dev.postern.testkit.internal.wire.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * A server for a relay to deliver to: accepts every message and keeps it, and fails where a test tells it to. It listens
 * on a free port of 127.0.0.1 and runs one daemon thread a connection. What is not scripted is answered at once, as an
 * ordinary server would.
 *
 * <p>Scripts and settings may change at any time, from any thread. A script holds for what comes after; a setting holds
 * for connections made after, so that a connection stays what it said it is.
 */
public final class FakeUpstream implements AutoCloseable {

    /** How long {@link #awaitMessage()} waits, in real time. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    private final FaultScript script = new FaultScript();
    private final UpstreamRecord seen = new UpstreamRecord();
    private final OpenConnections open = new OpenConnections();
    private final UpstreamPort port;
    private UpstreamSettings settings = UpstreamSettings.DEFAULT;
    private volatile Function<Turn, Optional<Fault>> rule = turn -> Optional.empty();

    private FakeUpstream() throws IOException {
        port = new UpstreamPort(this::admit);
    }

    /**
     * Starts one.
     *
     * @return a server that accepts everything, without TLS and AUTH
     * @throws UncheckedIOException when there is no free port
     */
    public static FakeUpstream start() {
        try {
            return new FakeUpstream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Offers an extension in reply to EHLO, in place of one with the same keyword.
     *
     * @param extension the keyword, with its parameters if any, for instance {@code SIZE 1000}
     * @return this server
     */
    public FakeUpstream withExtension(String extension) {
        return set(now -> now.with(extension));
    }

    /**
     * Does not offer an extension; its commands and parameters are accepted all the same.
     *
     * @param extension the keyword; of {@code PIPELINING, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, CHUNKING, SIZE, DSN},
     *     which are offered by default, or one that was added
     * @return this server
     */
    public FakeUpstream withoutExtension(String extension) {
        return set(now -> now.without(extension));
    }

    /**
     * Offers these extensions and no others, besides what {@link #withStartTls} and {@link #withCredentials} add.
     *
     * @param extensions each a keyword, with its parameters if any; none for a server that knows no extension
     * @return this server
     */
    public FakeUpstream withOnlyExtensions(String... extensions) {
        return set(now -> now.withOnly(List.of(extensions)));
    }

    /**
     * Offers these extensions in place of the others once TLS is on (RFC 3207 section 4.2).
     *
     * @param extensions as {@link #withOnlyExtensions} takes them
     * @return this server
     */
    public FakeUpstream withOnlyExtensionsOverTls(String... extensions) {
        return set(now -> now.withOnlyOverTls(List.of(extensions)));
    }

    /**
     * Offers STARTTLS.
     *
     * @param context has the server's certificate, for instance {@code TestCertificates.serverContext()}
     * @return this server
     */
    public FakeUpstream withStartTls(SSLContext context) {
        return set(now -> now.with(UpstreamSettings.TlsMode.STARTTLS, context));
    }

    /**
     * Shakes hands before the greeting (RFC 8314 section 3.3).
     *
     * @param context has the server's certificate, for instance {@code TestCertificates.serverContext()}
     * @return this server
     */
    public FakeUpstream withImplicitTls(SSLContext context) {
        return set(now -> now.with(UpstreamSettings.TlsMode.IMPLICIT, context));
    }

    /**
     * Asks clients for a certificate when they shake hands, and takes none without; see
     * {@link ReceivedMessage#clientSubject()}.
     *
     * @return this server
     * @throws IllegalStateException when TLS was not set before
     */
    public FakeUpstream withClientCertificates() {
        return set(UpstreamSettings::withClientCertificates);
    }

    /**
     * Offers AUTH PLAIN and LOGIN, and refuses MAIL with 530 until a client has logged in. For a server that offers one of
     * the two add {@code withExtension("AUTH LOGIN")}.
     *
     * @param user the one user name
     * @param password its password
     * @return this server
     */
    public FakeUpstream withCredentials(String user, String password) {
        return set(now -> now.with(new UpstreamSettings.Login(user, password)));
    }

    /**
     * Begins to say what goes wrong at a stage, for whom, and how often.
     *
     * @param stage where
     * @return to be completed
     */
    public Provocation at(Stage stage) {
        return new ScriptedProvocation(script, stage);
    }

    /**
     * Scripts a fault for every time that the stage is reached.
     *
     * @param stage where
     * @param fault what
     * @return this server
     * @throws IllegalArgumentException when something is to be said at {@link Stage#CONNECT}
     */
    public FakeUpstream script(Stage stage, Fault fault) {
        at(stage).always(fault);
        return this;
    }

    /**
     * Scripts a fault for the next time that the stage is reached; several wait in line, and go before those for every
     * time.
     *
     * @param stage where
     * @param fault what
     * @return this server
     * @throws IllegalArgumentException when something is to be said at {@link Stage#CONNECT}
     */
    public FakeUpstream scriptOnce(Stage stage, Fault fault) {
        at(stage).once(fault);
        return this;
    }

    /**
     * Scripts a fault for every RCPT of one address; it goes before those of {@link Stage#RCPT}.
     *
     * @param address what stands between the angle brackets; case is ignored
     * @param fault what
     * @return this server
     */
    public FakeUpstream scriptRecipient(String address, Fault fault) {
        at(Stage.RCPT).forAddress(address).always(fault);
        return this;
    }

    /**
     * Asks a rule before each reply, from the greeting on, where nothing is scripted; it takes the place of the rule
     * before. For what no script says: the tenth MAIL of a connection, the fifth connection at a time.
     *
     * <pre>{@code
     * server.answering(turn -> turn.stage() == Stage.GREETING && turn.among() > 4
     *         ? Optional.of(Fault.replyThenClose("421 4.7.0 Too many connections"))
     *         : Optional.empty());
     * }</pre>
     *
     * @param newRule what happens, empty for the usual; called by the connections' threads, and what it throws ends one
     * @return this server
     */
    public FakeUpstream answering(Function<Turn, Optional<Fault>> newRule) {
        rule = newRule;
        return this;
    }

    /**
     * Forgets all scripts, those that wait in line too, and the rule; hanging connections go on hanging.
     *
     * @return this server
     */
    public FakeUpstream clearScripts() {
        script.clear();
        rule = turn -> Optional.empty();
        return this;
    }

    /** {@return the address, 127.0.0.1 and the port, also while connections are refused} */
    public InetSocketAddress address() {
        return port.address();
    }

    /** {@return the port, also while connections are refused} */
    public int port() {
        return address().getPort();
    }

    /** Stops listening, so that connecting is refused; connections that are open stay. */
    public void refuseConnections() {
        port.refuse();
    }

    /**
     * Listens again, on the same port, which was kept meanwhile; nothing happens when it does already.
     *
     * @throws UncheckedIOException when another program has taken the port all the same
     */
    public void acceptConnections() {
        port.accept();
    }

    /** Cuts all open connections, as a server does that crashes and is up again. */
    public void dropConnections() {
        open.drop();
    }

    /**
     * Waits until no more than some connections are open, up to {@link #DEFAULT_TIMEOUT} of real time: those that the
     * client has closed were read to their end by then.
     *
     * @param most how many may be open, 0 or more
     * @throws AssertionError when more are open at the end; the text shows the transcript
     */
    public void awaitOpenConnections(int most) {
        open.await(most, DEFAULT_TIMEOUT, seen::transcript);
    }

    /** {@return the messages that were accepted: answered with 2xx after the last octet of their content, in order} */
    public List<ReceivedMessage> messages() {
        return seen.messages();
    }

    /**
     * Waits for a message, up to {@link #DEFAULT_TIMEOUT} of real time.
     *
     * @return the earliest accepted message that no call has returned yet
     * @throws AssertionError when none comes in time; the text shows the transcript
     */
    public ReceivedMessage awaitMessage() {
        return awaitMessage(DEFAULT_TIMEOUT);
    }

    /**
     * Waits for a message.
     *
     * @param time how long at most, in real time
     * @return the earliest accepted message that no call has returned yet
     * @throws AssertionError when none comes in time; the text shows the transcript
     */
    public ReceivedMessage awaitMessage(Duration time) {
        return seen.await(time);
    }

    /**
     * {@return the messages that were accepted and that nobody has looked at yet, neither by {@link #messages()} nor by
     * {@link #awaitMessage()}, in order; they stay unseen}
     */
    public List<ReceivedMessage> unseenMessages() {
        return seen.unseen();
    }

    /**
     * Waits until the server does what a script or the rule says, up to {@link #DEFAULT_TIMEOUT} of real time. A test
     * whose server hangs moves its clock only from then on: what is late is the answer to that command, and nothing
     * before it.
     *
     * <p>Each fault ends one call, and those that have happened before it count.
     *
     * @throws AssertionError when none happens in time; the text shows the transcript
     */
    public void awaitFault() {
        awaitFault(DEFAULT_TIMEOUT);
    }

    /**
     * Waits until the server does what a script or the rule says; see {@link #awaitFault()}.
     *
     * @param time how long at most, in real time
     * @throws AssertionError when nothing happens in time; the text shows the transcript
     */
    public void awaitFault(Duration time) {
        seen.awaitFault(time);
    }

    /** Forgets faults, what it has received, and connections that have ended: for the next test with the same server. */
    public void forget() {
        clearScripts();
        seen.forget();
    }

    /**
     * Returns the faults that were to come a number of times and have not come that often.
     *
     * @param patience how long to wait, in real time, for a connection that is just coming to meet them
     * @return a line each, for failure texts
     */
    public List<String> unusedFaults(Duration patience) {
        return script.unused(patience);
    }

    /**
     * {@return how many contents were received to their last octet, whatever was answered} More than
     * {@link #messages()} when a message was refused at the end, or its reply was never sent: the ambiguous case of RFC
     * 1047.
     */
    public int contentsSeen() {
        return seen.contents();
    }

    /** {@return how many connections were accepted, open or not; after {@link #forget()} also those that were open then} */
    public int connections() {
        return seen.connections();
    }

    /**
     * {@return all command lines of all connections, in order and without line end; arguments of AUTH are {@code ***},
     * and answers to challenges are left out}
     */
    public List<String> commands() {
        return seen.commands();
    }

    /**
     * {@return the lines, of commands and of content, in which a CR or LF stood alone, with escapes such as {@code \n}}
     */
    public List<String> bareLineEndings() {
        return seen.bareLineEndings();
    }

    /**
     * {@return what was said on all connections, with credentials masked and without content, a paragraph a connection}
     */
    public String transcript() {
        return seen.transcript();
    }

    /**
     * Stops listening, cuts all connections and waits for their threads to end. What was recorded stays, and grows no
     * more. Nothing happens when it is closed.
     */
    @Override
    public void close() {
        port.close();
        List<Thread> threads = open.threads();
        dropConnections();
        threads.forEach(OpenConnections::awaitEnd);
    }

    private synchronized FakeUpstream set(UnaryOperator<UpstreamSettings> change) {
        settings = change.apply(settings);
        return this;
    }

    private synchronized void admit(Socket socket) throws IOException {
        UpstreamConnection connection = new UpstreamConnection(
                new Wire(socket), settings, script, turn -> rule.apply(turn), seen, open.size() + 1);
        Thread thread = UpstreamPort.thread(socket.getLocalPort(), "connection", () -> {
            try {
                connection.run();
            } finally {
                open.remove(connection);
            }
        });
        open.add(connection, thread);
        thread.start();
    }
}
