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
 * A server for a relay to deliver to. It accepts and keeps every message, and fails where a test tells it to. It
 * listens on a free port of 127.0.0.1 and runs one daemon thread per connection. It answers everything that is not
 * scripted at once, like an ordinary server.
 *
 * <p>Scripts and settings may change at any time, from any thread. A script applies to everything that comes after it.
 * A setting applies only to new connections, so that a connection stays what it announced.
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
     * Starts a server.
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
     * Offers an extension in reply to EHLO; replaces one with the same keyword.
     *
     * @param extension the keyword, with its parameters if any, for instance {@code SIZE 1000}
     * @return this server
     */
    public FakeUpstream withExtension(String extension) {
        return set(now -> now.with(extension));
    }

    /**
     * Stops offering an extension; its commands and parameters are still accepted.
     *
     * @param extension the keyword: one of {@code PIPELINING, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES, CHUNKING, SIZE,
     *     DSN}, which are offered by default, or one that was added
     * @return this server
     */
    public FakeUpstream withoutExtension(String extension) {
        return set(now -> now.without(extension));
    }

    /**
     * Offers only these extensions, and those that {@link #withStartTls} and {@link #withCredentials} add.
     *
     * @param extensions each a keyword, with its parameters if any; none for a server that knows no extension
     * @return this server
     */
    public FakeUpstream withOnlyExtensions(String... extensions) {
        return set(now -> now.withOnly(List.of(extensions)));
    }

    /**
     * Offers only these extensions over TLS (RFC 3207 section 4.2).
     *
     * @param extensions as for {@link #withOnlyExtensions}
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
     * Starts TLS before the greeting (RFC 8314 section 3.3).
     *
     * @param context has the server's certificate, for instance {@code TestCertificates.serverContext()}
     * @return this server
     */
    public FakeUpstream withImplicitTls(SSLContext context) {
        return set(now -> now.with(UpstreamSettings.TlsMode.IMPLICIT, context));
    }

    /**
     * Requires a client certificate in the TLS handshake; see {@link ReceivedMessage#clientSubject()}.
     *
     * @return this server
     * @throws IllegalStateException when TLS has not been set
     */
    public FakeUpstream withClientCertificates() {
        return set(UpstreamSettings::withClientCertificates);
    }

    /**
     * Offers AUTH PLAIN and LOGIN, and refuses MAIL with 530 until a client has logged in. To offer only one of the
     * two, add {@code withExtension("AUTH LOGIN")}.
     *
     * @param user the only user name
     * @param password its password
     * @return this server
     */
    public FakeUpstream withCredentials(String user, String password) {
        return set(now -> now.with(new UpstreamSettings.Login(user, password)));
    }

    /**
     * Starts to script a fault at a stage: for whom, what, and how often.
     *
     * @param stage the stage
     * @return the incomplete script
     */
    public Provocation at(Stage stage) {
        return new ScriptedProvocation(script, stage);
    }

    /**
     * Scripts a fault for each time that the stage is reached.
     *
     * @param stage the stage
     * @param fault the fault
     * @return this server
     * @throws IllegalArgumentException when the fault sends something at {@link Stage#CONNECT}
     */
    public FakeUpstream script(Stage stage, Fault fault) {
        at(stage).always(fault);
        return this;
    }

    /**
     * Scripts a fault for the next time that the stage is reached. Several such faults queue up, and come before those
     * for every time.
     *
     * @param stage the stage
     * @param fault the fault
     * @return this server
     * @throws IllegalArgumentException when the fault sends something at {@link Stage#CONNECT}
     */
    public FakeUpstream scriptOnce(Stage stage, Fault fault) {
        at(stage).once(fault);
        return this;
    }

    /**
     * Scripts a fault for every RCPT of one address; it comes before those of {@link Stage#RCPT}.
     *
     * @param address the text between the angle brackets; case is ignored
     * @param fault the fault
     * @return this server
     */
    public FakeUpstream scriptRecipient(String address, Fault fault) {
        at(Stage.RCPT).forAddress(address).always(fault);
        return this;
    }

    /**
     * Sets a rule that is asked before each reply, from the greeting on, if no script applies; replaces an earlier
     * rule. For cases that a script cannot express: the tenth MAIL of a connection, the fifth simultaneous connection.
     *
     * <pre>{@code
     * server.answering(turn -> turn.stage() == Stage.GREETING && turn.among() > 4
     *         ? Optional.of(Fault.replyThenClose("421 4.7.0 Too many connections"))
     *         : Optional.empty());
     * }</pre>
     *
     * @param newRule returns the fault, or empty for the usual reply; called by the connections' threads, and an
     *     exception ends the connection
     * @return this server
     */
    public FakeUpstream answering(Function<Turn, Optional<Fault>> newRule) {
        rule = newRule;
        return this;
    }

    /**
     * Removes all scripts, including queued ones, and the rule; hanging connections keep hanging.
     *
     * @return this server
     */
    public FakeUpstream clearScripts() {
        script.clear();
        rule = turn -> Optional.empty();
        return this;
    }

    /** {@return the address, 127.0.0.1 and the port, even while connections are refused} */
    public InetSocketAddress address() {
        return port.address();
    }

    /** {@return the port, even while connections are refused} */
    public int port() {
        return address().getPort();
    }

    /** Stops listening, so that connecting is refused; open connections stay. */
    public void refuseConnections() {
        port.refuse();
    }

    /**
     * Listens again on the same port, which was kept meanwhile. Does nothing when it is already listening.
     *
     * @throws UncheckedIOException when another program has taken the port nevertheless
     */
    public void acceptConnections() {
        port.accept();
    }

    /** Cuts all open connections, like a server that crashes and restarts. */
    public void dropConnections() {
        open.drop();
    }

    /**
     * Waits until at most this many connections are open, up to {@link #DEFAULT_TIMEOUT} of real time. By then,
     * connections that the client has closed have been read to their end.
     *
     * @param most how many may be open, 0 or more
     * @throws AssertionError when more are still open; the message shows the transcript
     */
    public void awaitOpenConnections(int most) {
        open.await(most, DEFAULT_TIMEOUT, seen::transcript);
    }

    /** {@return the accepted messages, in order: those answered with 2xx after the last octet of their content} */
    public List<ReceivedMessage> messages() {
        return seen.messages();
    }

    /**
     * Waits for a message, up to {@link #DEFAULT_TIMEOUT} of real time.
     *
     * @return the earliest accepted message that no call has returned yet
     * @throws AssertionError when none comes in time; the message shows the transcript
     */
    public ReceivedMessage awaitMessage() {
        return awaitMessage(DEFAULT_TIMEOUT);
    }

    /**
     * Waits for a message.
     *
     * @param time the longest wait, in real time
     * @return the earliest accepted message that no call has returned yet
     * @throws AssertionError when none comes in time; the message shows the transcript
     */
    public ReceivedMessage awaitMessage(Duration time) {
        return seen.await(time);
    }

    /**
     * {@return the accepted messages that neither {@link #messages()} nor {@link #awaitMessage()} has returned yet, in
     * order; they stay unseen}
     */
    public List<ReceivedMessage> unseenMessages() {
        return seen.unseen();
    }

    /**
     * Waits until a scripted fault, or one of the rule, happens, up to {@link #DEFAULT_TIMEOUT} of real time. A test
     * whose server hangs should move its clock only after that, so that only the answer to that command is late, and
     * nothing before it.
     *
     * <p>Each fault ends one call; faults that happened before the call count.
     *
     * @throws AssertionError when none happens in time; the message shows the transcript
     */
    public void awaitFault() {
        awaitFault(DEFAULT_TIMEOUT);
    }

    /**
     * Waits until a scripted fault, or one of the rule, happens; see {@link #awaitFault()}.
     *
     * @param time the longest wait, in real time
     * @throws AssertionError when none happens in time; the message shows the transcript
     */
    public void awaitFault(Duration time) {
        seen.awaitFault(time);
    }

    /** Forgets faults, everything received, and ended connections, for the next test with the same server. */
    public void forget() {
        clearScripts();
        seen.forget();
    }

    /**
     * Returns the faults that were scripted for a number of times but have not happened that often.
     *
     * @param patience how long to wait, in real time, for a connection that is about to trigger them
     * @return one line for each, for failure messages
     */
    public List<String> unusedFaults(Duration patience) {
        return script.unused(patience);
    }

    /**
     * {@return how many message contents were received to their last octet, whatever the reply} More than {@link
     * #messages()} when a message was refused at the end, or its reply was never sent: the ambiguous case of RFC 1047.
     */
    public int contentsSeen() {
        return seen.contents();
    }

    /**
     * {@return how many connections were accepted, open or not; after {@link #forget()}, includes those that were open
     * then}
     */
    public int connections() {
        return seen.connections();
    }

    /**
     * {@return all command lines of all connections, in order and without line ends; AUTH arguments are {@code ***},
     * and answers to challenges are omitted}
     */
    public List<String> commands() {
        return seen.commands();
    }

    /** {@return the lines of commands and content that had a lone CR or LF, with escapes such as {@code \n}} */
    public List<String> bareLineEndings() {
        return seen.bareLineEndings();
    }

    /**
     * {@return the dialogue of all connections, with credentials masked and without content, one paragraph per
     * connection}
     */
    public String transcript() {
        return seen.transcript();
    }

    /**
     * Stops listening, cuts all connections and waits for their threads to end. The records stay, but no longer grow.
     * Does nothing when already closed.
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
