package dev.postern.junit;

import dev.postern.SmtpRelay;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayFixture;
import dev.postern.testkit.RelayUnderTest;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Injects a relay into fields with {@link Relay}, which registers this extension. JUnit creates one instance per class,
 * so a test's state is kept with the test. Thread-safe.
 */
public final class RelayInjection implements BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(RelayInjection.class);
    private static final String FIXTURES = "fixtures";

    /**
     * The fixtures of the test's class and its enclosing classes, as far as they have such fields; each has its own
     * relay.
     */
    private static final class Fixtures {
        private final List<RelayExtension> running = new ArrayList<>();
        private final List<Object> served = new ArrayList<>();
    }

    /**
     * Test instances whose fields have a relay: if tests share an instance (PER_CLASS), only one may use it at a time.
     */
    private final Set<Object> busy = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

    /** For JUnit. */
    public RelayInjection() {}

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Fixtures fixtures = new Fixtures();
        context.getStore(NAMESPACE).put(FIXTURES, fixtures);
        for (Object test : context.getRequiredTestInstances().getAllInstances()) {
            List<Field> fields = fields(test.getClass());
            if (!fields.isEmpty()) {
                admit(test, fixtures);
                start(test, fields, fixtures, context);
            }
        }
    }

    private void admit(Object test, Fixtures fixtures) {
        if (!busy.add(test)) {
            throw new IllegalStateException("the tests of " + test.getClass().getName()
                    + " share an instance, whose @Relay serves one test at a time, and another one runs; annotate the class"
                    + " with @Execution(ExecutionMode.SAME_THREAD), or leave out @TestInstance(Lifecycle.PER_CLASS)");
        }
        fixtures.served.add(test);
    }

    private static void start(Object test, List<Field> fields, Fixtures fixtures, ExtensionContext context)
            throws Exception {
        Relay wanted = fields.get(0).getAnnotation(Relay.class);
        AtomicReference<@Nullable SmtpRelay> started = new AtomicReference<>();
        RelayExtension fixture = RelayExtension.with(environment -> {
                    environment.accounts().user(wanted.user(), wanted.password());
                    SmtpRelay relay = Relays.builder(environment).start();
                    started.set(relay);
                    return RelayUnderTest.of(relay, relay.port());
                })
                .withLogin(wanted.user(), wanted.password());
        fixtures.running.add(fixture);
        fixture.beforeEach(context);
        for (Field field : fields) {
            field.setAccessible(true);
            field.set(test, field.getType() == SmtpRelay.class ? started.get() : fixture);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        Fixtures fixtures = context.getStore(NAMESPACE).get(FIXTURES, Fixtures.class);
        if (fixtures == null) {
            return;
        }
        List<Throwable> failures = new ArrayList<>();
        for (RelayExtension fixture : fixtures.running) {
            try {
                fixture.afterEach(context);
            } catch (Exception | AssertionError e) {
                failures.add(e); // the others are to be closed all the same
            }
        }
        fixtures.served.forEach(busy::remove);
        rethrow(failures);
    }

    private static void rethrow(List<Throwable> failures) throws Exception {
        if (failures.isEmpty()) {
            return;
        }
        Throwable first = failures.get(0);
        failures.stream().skip(1).forEach(first::addSuppressed);
        if (first instanceof Exception exception) {
            throw exception;
        }
        throw (Error) first;
    }

    private static List<Field> fields(Class<?> test) {
        List<Field> found = new ArrayList<>();
        for (Class<?> type = test; type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.isAnnotationPresent(Relay.class)) {
                    found.add(requireFit(field));
                }
            }
        }
        return found;
    }

    private static Field requireFit(Field field) {
        boolean fits = field.getType() == SmtpRelay.class || field.getType().isAssignableFrom(RelayExtension.class);
        if (!fits || field.getType() == Object.class || Modifier.isStatic(field.getModifiers())) {
            throw new IllegalStateException(
                    "@Relay must stand on an instance field of type SmtpRelay or "
                            + RelayFixture.class.getSimpleName() + ", not on " + field
                            + "; for one relay of all tests of a class, use Relays.extension(user, password) in a static field");
        }
        return field;
    }
}
