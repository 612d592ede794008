package dev.postern.testkit;

import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts a relay and a {@link FakeUpstream} before each test, and closes them and all probes after it. If the test
 * failed, all transcripts are added as a suppressed exception of its failure. If it passed, it fails for anything left
 * behind ({@link Leak}). Register it in an instance field:
 *
 * <pre>{@code
 * @RegisterExtension
 * final RelayExtension relay = RelayExtension.with(env -> {
 *     SmtpRelay started = SmtpRelay.builder()...start();
 *     return RelayUnderTest.of(started, started.port());
 * });
 * }</pre>
 *
 * <p>In a static field, or in a field of a class with {@code Lifecycle.PER_CLASS}, one relay is started before all
 * tests of the class and its nested classes, and closed after them; leaks are still reported after each test. The tests
 * must then run one after another: a test that begins while another runs fails. Tests whose extension is in an instance
 * field may run in parallel.
 *
 * <p>Resolves parameters of type {@link SmtpProbe} (as {@link #probe()}), {@link FakeUpstream}, {@link TestClock},
 * {@link TestAccounts}, {@link RelayEvents} and {@link RelayUnderTest}. For one test at a time. Its methods may be
 * called only while a test runs, and otherwise throw {@link IllegalStateException}.
 */
public final class RelayExtension extends RelayFixture
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {

    /** How long the running relay lives. */
    private enum Lifetime {
        TEST,
        CLASS
    }

    /** Carries text into a failure's report; its stack trace does not matter. */
    private static final class Transcripts extends Exception {
        private static final long serialVersionUID = 1L;

        Transcripts(String text) {
            super(text, null, false, false);
        }
    }

    private static final String ADMITTED = "admitted";

    private final RelayStarter starter;
    private final @Nullable Login login;
    private final Set<Leak> allowed;
    private Lifetime lifetime = Lifetime.TEST;
    private @Nullable RunningRelay running;
    private final Set<String> classes = new HashSet<>(); // whose tests it is for; guarded by itself
    private final AtomicBoolean testRuns = new AtomicBoolean();

    private RelayExtension(RelayStarter starter, @Nullable Login login, Set<Leak> allowed) {
        this.starter = starter;
        this.login = login;
        this.allowed = allowed;
    }

    /**
     * Creates the extension.
     *
     * @param starter starts the relay, before each test
     * @return the extension, without a login
     */
    public static RelayExtension with(RelayStarter starter) {
        return new RelayExtension(starter, null, EnumSet.noneOf(Leak.class));
    }

    /**
     * Returns this extension with the login that {@link #authenticated()} and the rungs above it use.
     *
     * @param user the user name
     * @param password the password
     * @return another extension; register this one
     */
    public RelayExtension withLogin(String user, String password) {
        return new RelayExtension(starter, new Login(user, password), allowed);
    }

    /**
     * Returns this extension, but lets tests leave something behind.
     *
     * @param leaks what may be left behind
     * @return another extension; register this one
     */
    public RelayExtension allowing(Leak... leaks) {
        Set<Leak> more = EnumSet.copyOf(allowed.isEmpty() ? EnumSet.noneOf(Leak.class) : allowed);
        more.addAll(List.of(leaks));
        return new RelayExtension(starter, login, more);
    }

    @Override
    RunningRelay running() {
        if (running == null) {
            throw new IllegalStateException("the relay runs only while a test runs");
        }
        return running;
    }

    @Override
    @Nullable
    Login login() {
        return login;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        lifetime = Lifetime.CLASS; // of an instance field's extension, this is called where the instance is a class's
        synchronized (classes) {
            if (classes.isEmpty()) {
                running = RunningRelay.start(starter);
            }
            classes.add(context.getUniqueId()); // of one that is nested in the class, this is called too
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (lifetime == Lifetime.TEST) {
            running = RunningRelay.start(starter);
        } else {
            admit(context);
        }
    }

    private void admit(ExtensionContext context) {
        if (!testRuns.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "the relay in a static field serves one test at a time, and another one runs;"
                            + " annotate the class with @Execution(ExecutionMode.SAME_THREAD), or use an instance field");
        }
        store(context).put(ADMITTED, true);
    }

    private ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(ExtensionContext.Namespace.create(this));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        RunningRelay ended = running;
        if (ended == null || lifetime == Lifetime.CLASS && store(context).get(ADMITTED) == null) {
            return; // the starter failed, or the relay is another test's
        }
        // taken before the end, which would only add noise
        String transcripts = ended.transcripts();
        boolean passed = context.getExecutionException().isEmpty();
        context.getExecutionException().ifPresent(failure -> failure.addSuppressed(new Transcripts(transcripts)));
        List<String> leaks = passed ? ended.leaks(allowed) : List.of();
        if (lifetime == Lifetime.TEST) {
            running = null;
            ended.end();
        } else {
            ended.forget();
            testRuns.set(false);
        }
        TestRelay.failFor(leaks, transcripts);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        RunningRelay ended = null;
        synchronized (classes) {
            if (classes.remove(context.getUniqueId()) && classes.isEmpty()) {
                ended = running;
                running = null;
            }
        }
        if (ended != null) {
            ended.end();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return List.of(
                        SmtpProbe.class,
                        FakeUpstream.class,
                        TestClock.class,
                        TestAccounts.class,
                        RelayEvents.class,
                        RelayUnderTest.class)
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
        if (type == TestAccounts.class) {
            return accounts();
        }
        if (type == RelayEvents.class) {
            return events();
        }
        return type == TestClock.class ? clock() : running().relay();
    }
}
