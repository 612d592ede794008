package dev.postern.junit;

import dev.postern.SmtpRelay;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayFixture;
import dev.postern.testkit.RelayUnderTest;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Puts a relay into the fields that ask for one by {@link Relay}, which registers it. JUnit makes one for a class, so what
 * belongs to a test is kept with the test. For any thread.
 */
public final class RelayInjection implements BeforeEachCallback, AfterEachCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(RelayInjection.class);
    private static final String FIXTURE = "fixture";

    /** For JUnit. */
    public RelayInjection() {}

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Object test = instanceWithFields(context);
        List<Field> fields = fields(test.getClass());
        Relay wanted = fields.get(0).getAnnotation(Relay.class);
        AtomicReference<@Nullable SmtpRelay> started = new AtomicReference<>();
        RelayExtension fixture = RelayExtension.with(environment -> {
                    environment.accounts().user(wanted.user(), wanted.password());
                    SmtpRelay relay = Relays.builder(environment).start();
                    started.set(relay);
                    return RelayUnderTest.of(relay, relay.port());
                })
                .withLogin(wanted.user(), wanted.password());
        context.getStore(NAMESPACE).put(FIXTURE, fixture);
        fixture.beforeEach(context);
        for (Field field : fields) {
            field.setAccessible(true);
            field.set(test, field.getType() == SmtpRelay.class ? started.get() : fixture);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        RelayExtension fixture = context.getStore(NAMESPACE).get(FIXTURE, RelayExtension.class);
        if (fixture != null) {
            fixture.afterEach(context);
        }
    }

    /** The test's own, or for one of a nested class the one around it. */
    private static Object instanceWithFields(ExtensionContext context) {
        List<Object> instances =
                new ArrayList<>(context.getRequiredTestInstances().getAllInstances());
        Collections.reverse(instances);
        return instances.stream()
                .filter(instance -> !fields(instance.getClass()).isEmpty())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no field with @Relay in " + instances));
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
            throw new IllegalStateException("@Relay must stand on an instance field of type SmtpRelay or "
                    + RelayFixture.class.getSimpleName() + ", not on " + field);
        }
        return field;
    }
}
