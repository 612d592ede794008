package dev.postern.testkit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts a relay and a {@link FakeUpstream} before each test, and closes them and all probes after it. When the test has
 * failed, the transcripts of all of them are a suppressed exception of its failure. Register it in an instance field:
 *
 * <pre>{@code
 * @RegisterExtension
 * final RelayExtension relay = RelayExtension.with(env -> {
 *     SmtpRelay started = SmtpRelay.builder()...start();
 *     return RelayUnderTest.of(started, started.port());
 * });
 * }</pre>
 *
 * <p>Resolves parameters of type {@link SmtpProbe} (as {@link #probe()}), {@link FakeUpstream}, {@link TestClock} and
 * {@link RelayUnderTest}. One test at a time; its methods may be called while a test runs, and throw {@link
 * IllegalStateException} else. Those that return a probe fail with an {@link AssertionError} when a step on the way is
 * refused.
 */
public final class RelayExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

    private record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    private record Running(RelayEnvironment environment, RelayUnderTest relay, List<SmtpProbe> probes) {}

    /** Carries text into a failure's report; where it was made does not matter. */
    private static final class Transcripts extends Exception {
        private static final long serialVersionUID = 1L;

        Transcripts(String text) {
            super(text, null, false, false);
        }
    }

    private final RelayStarter starter;
    private final @Nullable Login login;
    private @Nullable Running running;

    private RelayExtension(RelayStarter starter, @Nullable Login login) {
        this.starter = starter;
        this.login = login;
    }

    /**
     * Makes the extension.
     *
     * @param starter starts the relay, before each test
     * @return the extension, without a login
     */
    public static RelayExtension with(RelayStarter starter) {
        return new RelayExtension(starter, null);
    }

    /**
     * Makes the same extension with the login that {@link #authenticated()} and the rungs above it use.
     *
     * @param user the user name
     * @param password the password
     * @return another extension; register this one
     */
    public RelayExtension withLogin(String user, String password) {
        return new RelayExtension(starter, new Login(user, password));
    }

    /**
     * Connects to the relay; the greeting is not read yet.
     *
     * @return a probe that is closed after the test
     */
    public SmtpProbe connect() {
        return keep(SmtpProbe.connect(address()));
    }

    /**
     * Connects to the relay as another client; the greeting is not read yet.
     *
     * @param local an address of this machine, for instance 127.0.0.2
     * @return a probe that is closed after the test
     */
    public SmtpProbe connectFrom(InetAddress local) {
        return keep(SmtpProbe.connectFrom(local, address()));
    }

    /**
     * Connects to a relay with implicit TLS and shakes hands, trusting {@link RelayEnvironment#serverTls()}; the
     * greeting is not read yet.
     *
     * @return a probe that is closed after the test
     */
    public SmtpProbe connectTls() {
        return keep(SmtpProbe.connectTls(address(), TestCertificates.clientContext()));
    }

    /**
     * Connects to the relay and reads the greeting. The same as {@link #greeted()}.
     *
     * @return a probe that is closed after the test
     */
    public SmtpProbe probe() {
        return greeted();
    }

    /**
     * The first rung: has read the greeting.
     *
     * @return a probe that is closed after the test
     */
    public SmtpProbe greeted() {
        SmtpProbe probe = connect();
        SmtpAssertions.assertThat(probe.readReply()).as("greeting").hasCode(220);
        return probe;
    }

    /**
     * The second rung: has said EHLO.
     *
     * @return a probe that is closed after the test
     */
    public SmtpProbe afterEhlo() {
        SmtpProbe probe = greeted();
        ehlo(probe);
        return probe;
    }

    /**
     * The third rung: has logged in with the login of {@link #withLogin}.
     *
     * @return a probe that is closed after the test
     * @throws IllegalStateException when there is no such login
     */
    public SmtpProbe authenticated() {
        if (login == null) {
            throw new IllegalStateException("no login; use withLogin(user, password)");
        }
        return authenticated(login.user(), login.password());
    }

    /**
     * The third rung: has logged in, after STARTTLS where that is offered.
     *
     * @param user the user name
     * @param password the password
     * @return a probe that is closed after the test
     */
    public SmtpProbe authenticated(String user, String password) {
        SmtpProbe probe = greeted();
        if (ehlo(probe).extensions().contains("STARTTLS")) {
            probe.startTls(TestCertificates.clientContext());
            ehlo(probe);
        }
        SmtpAssertions.assertThat(probe.authPlain(user, password)).as("AUTH").isOk();
        return probe;
    }

    /**
     * The fourth rung: has said MAIL and RCPT, after the login of {@link #withLogin} if there is one.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return a probe that is closed after the test
     */
    public SmtpProbe atRcpt(String reversePath, String... forwardPaths) {
        SmtpProbe probe = login == null ? afterEhlo() : authenticated();
        SmtpAssertions.assertThat(probe.mail(reversePath)).as("MAIL").isOk();
        for (String forwardPath : forwardPaths) {
            SmtpAssertions.assertThat(probe.rcpt(forwardPath)).as("RCPT").isOk();
        }
        return probe;
    }

    /**
     * The fifth rung: has said DATA and may send the content with {@link SmtpProbe#write}.
     *
     * @param reversePath the sender, without angle brackets
     * @param forwardPaths the recipients, without angle brackets, all of which must be accepted
     * @return a probe that is closed after the test
     */
    public SmtpProbe atData(String reversePath, String... forwardPaths) {
        SmtpProbe probe = atRcpt(reversePath, forwardPaths);
        SmtpAssertions.assertThat(probe.send("DATA")).as("DATA").hasCode(354);
        return probe;
    }

    /**
     * Returns the server that the relay delivers to.
     *
     * @return the test's own
     */
    public FakeUpstream upstream() {
        return running().environment().upstream();
    }

    /**
     * Returns the clock that the relay goes by.
     *
     * @return the test's own
     */
    public TestClock clock() {
        return running().environment().clock();
    }

    /**
     * Returns where the relay listens.
     *
     * @return the address that the starter gave
     */
    public InetSocketAddress address() {
        return running().relay().address();
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        FakeUpstream upstream = FakeUpstream.start();
        try {
            RelayEnvironment environment = new RelayEnvironment(upstream);
            running = new Running(environment, starter.start(environment), new ArrayList<>());
        } finally {
            if (running == null) {
                upstream.close();
            }
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Running ended = running;
        if (ended == null) {
            return; // the starter failed
        }
        running = null;
        // taken before the end, which would only add noise
        context.getExecutionException()
                .ifPresent(failure -> failure.addSuppressed(new Transcripts(transcripts(ended))));
        ended.probes().forEach(SmtpProbe::close);
        try {
            ended.relay().relay().close();
        } finally {
            ended.environment().upstream().close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return List.of(SmtpProbe.class, FakeUpstream.class, TestClock.class, RelayUnderTest.class)
                .contains(type);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        if (type == SmtpProbe.class) {
            return probe();
        }
        if (type == FakeUpstream.class) {
            return upstream();
        }
        return type == TestClock.class ? clock() : running().relay();
    }

    private static ProbeReply ehlo(SmtpProbe probe) {
        ProbeReply reply = probe.ehlo();
        SmtpAssertions.assertThat(reply).as("EHLO").isOk();
        return reply;
    }

    private SmtpProbe keep(SmtpProbe probe) {
        running().probes().add(probe);
        return probe;
    }

    private Running running() {
        if (running == null) {
            throw new IllegalStateException("the relay runs only while a test runs");
        }
        return running;
    }

    private static String transcripts(Running ended) {
        StringBuilder text = new StringBuilder("\n");
        for (int i = 0; i < ended.probes().size(); i++) {
            text.append("probe ").append(i).append(":\n");
            text.append(ended.probes().get(i).transcript().indent(2));
        }
        text.append("upstream:\n");
        text.append(ended.environment().upstream().transcript().indent(2));
        return text.toString().stripTrailing();
    }
}
