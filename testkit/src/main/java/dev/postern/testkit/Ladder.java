package dev.postern.testkit;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.internal.wire.Octets;
import dev.postern.testkit.internal.wire.Transcript;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Takes probes to where a test begins, rung by rung, and determines how they connect. Each step is checked: a refused
 * one fails with an {@link AssertionError}. Every probe is closed after the test. Immutable; usable only while a test
 * runs.
 *
 * <pre>{@code
 * relay.ladder().over(Access.IMPLICIT_TLS).as("ann@example.org", "secret").atRcpt("ann@example.org");
 * }</pre>
 */
public final class Ladder {

    /** Where probes connect to. */
    private enum Way {
        THROUGH_THE_FRONT,
        DIRECT
    }

    private final Supplier<RunningRelay> running;
    private final RelayFixture.@Nullable Login login;
    private final Optional<Access> access;
    private final Supplier<SSLContext> context;
    private final Way way;

    Ladder(Supplier<RunningRelay> running, RelayFixture.@Nullable Login login) {
        this(running, login, Optional.empty(), TestCertificates::clientContext, Way.THROUGH_THE_FRONT);
    }

    private Ladder(
            Supplier<RunningRelay> running,
            RelayFixture.@Nullable Login login,
            Optional<Access> access,
            Supplier<SSLContext> context,
            Way way) {
        this.running = running;
        this.login = login;
        this.access = access;
        this.context = context;
        this.way = way;
    }

    /**
     * Sets how probes connect. By default they connect without TLS, and send STARTTLS before a login if it is offered.
     *
     * @param newAccess how to connect
     * @return a copy
     */
    public Ladder over(Access newAccess) {
        return new Ladder(running, login, Optional.of(newAccess), context, way);
    }

    /**
     * Logs in as another user.
     *
     * @param user the user name
     * @param password the password
     * @return a copy
     */
    public Ladder as(String user, String password) {
        return new Ladder(running, new RelayFixture.Login(user, password), access, context, way);
    }

    /**
     * Sets the trust and certificate that probes use instead of {@link TestCertificates#clientContext()}.
     *
     * @param newContext used for every handshake
     * @return a copy
     */
    public Ladder with(SSLContext newContext) {
        return new Ladder(running, login, access, () -> newContext, way);
    }

    /**
     * Connects to the relay itself, for octets and connections that must reach it unchanged. Nothing can be provoked or
     * observed on such connections.
     *
     * @return a copy
     */
    public Ladder directly() {
        return new Ladder(running, login, access, context, Way.DIRECT);
    }

    /**
     * Connects, including the handshake for implicit TLS, without reading the greeting.
     *
     * @return the probe
     * @throws IllegalStateException when implicit TLS was requested but there is no such listener
     */
    public SmtpProbe connect() {
        return kept(implicit() ? SmtpProbe.connectTls(address(), context.get()) : SmtpProbe.connect(address()));
    }

    /**
     * Connects without TLS as another client, without reading the greeting.
     *
     * @param local an address of this machine, for instance 127.0.0.2; the relay sees it too
     * @return the probe
     */
    public SmtpProbe connectFrom(InetAddress local) {
        return kept(SmtpProbe.connectFrom(local, address()));
    }

    /**
     * The first rung: has read the greeting.
     *
     * @return the probe
     */
    public SmtpProbe greeted() {
        SmtpProbe probe = connect();
        expect("220", "greeting", probe.readReply());
        return probe;
    }

    /**
     * The second rung: has sent EHLO; with {@link Access#STARTTLS}, again after the handshake.
     *
     * @return the probe
     */
    public SmtpProbe afterEhlo() {
        SmtpProbe probe = greeted();
        ehlo(probe);
        if (access.equals(Optional.of(Access.STARTTLS))) {
            startTls(probe);
        }
        return probe;
    }

    /**
     * The rung before the login: has sent EHLO, and STARTTLS if it is offered and no other access was requested.
     *
     * @return the probe
     */
    public SmtpProbe readyToLogIn() {
        if (access.isPresent()) {
            return afterEhlo();
        }
        SmtpProbe probe = greeted();
        if (ehlo(probe).extensions().contains("STARTTLS")) {
            startTls(probe);
        }
        return probe;
    }

    /**
     * The third rung: has logged in.
     *
     * @return the probe
     * @throws IllegalStateException when there is no login
     */
    public SmtpProbe authenticated() {
        if (login == null) {
            throw new IllegalStateException("no login; use withLogin(user, password)");
        }
        SmtpProbe probe = readyToLogIn();
        expect("2", "AUTH", probe.authPlain(login.user(), login.password()));
        return probe;
    }

    /**
     * The fourth rung: has sent MAIL and RCPT, after the login if there is one.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return the probe
     */
    public SmtpProbe atRcpt(String reversePath, String... forwardPaths) {
        SmtpProbe probe = login == null ? afterEhlo() : authenticated();
        expect("2", "MAIL", probe.mail(reversePath));
        for (String forwardPath : forwardPaths) {
            expect("2", "RCPT", probe.rcpt(forwardPath));
        }
        return probe;
    }

    /**
     * The fifth rung: has sent DATA and may send the content with {@link SmtpProbe#write}.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return the probe
     */
    public SmtpProbe atData(String reversePath, String... forwardPaths) {
        SmtpProbe probe = atRcpt(reversePath, forwardPaths);
        expect("354", "DATA", probe.send("DATA"));
        return probe;
    }

    private void startTls(SmtpProbe probe) {
        probe.startTls(context.get());
        ehlo(probe);
    }

    private static ProbeReply ehlo(SmtpProbe probe) {
        return expect("2", "EHLO", probe.ehlo());
    }

    /** Fails unless the reply's code begins with this. */
    private static ProbeReply expect(String code, String step, ProbeReply reply) {
        if (!String.valueOf(reply.code()).startsWith(code)) {
            String row = reply.standardReply().map(StandardReply::name).orElse("no row of the catalogue");
            String message = "[" + step + "] Expected reply:\n  any " + (code + "xx").substring(0, 3) + "\nbut was:\n  "
                    + row + " \"" + Octets.escape(reply.wire()) + "\"";
            throw new AssertionError(Transcript.explain(reply.transcript(), message));
        }
        return reply;
    }

    private boolean implicit() {
        return access.equals(Optional.of(Access.IMPLICIT_TLS));
    }

    private InetSocketAddress address() {
        if (implicit()) {
            return way == Way.DIRECT
                    ? running.get().relay().tlsAddress().orElseThrow(RunningRelay::noTls)
                    : running.get().tlsDoor().orElseThrow(RunningRelay::noTls).address();
        }
        return way == Way.DIRECT
                ? running.get().relay().address()
                : running.get().door().address();
    }

    private SmtpProbe kept(SmtpProbe probe) {
        running.get().probes().add(probe);
        return probe;
    }
}
