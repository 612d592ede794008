package dev.postern.testkit.tck;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Fails a contract whose plug-in does not return. Each method of the contract runs on its own thread and has {@link
 * #DEFAULT}, plus the time that the contract itself waits for a server's clock. The failure has the stack of the
 * hanging plug-in call. The class's remaining tests are skipped, so that the contract ends soon. The contracts register
 * this extension.
 *
 * <p>JUnit's configuration parameter {@code postern.contract.deadline} sets another number of seconds, for a machine
 * under load. Thread-safe.
 */
public final class ContractDeadline implements InvocationInterceptor {

    /** How long a method of a contract may take, in real time. */
    public static final Duration DEFAULT = Duration.ofSeconds(20);

    private static final String PARAMETER = "postern.contract.deadline";
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ContractDeadline.class);
    private static final String HUNG = "hung";

    /** The time left for closing when a plug-in has hung. */
    private static final Duration TO_CLOSE = Duration.ofSeconds(2);

    /** A running method of a contract. */
    private static final class Running {
        private final AtomicLong waited = new AtomicLong();
        private final Queue<Thread> helpers = new ConcurrentLinkedQueue<>();
    }

    private static final ThreadLocal<@Nullable Running> RUNNING = new ThreadLocal<>();

    /** For JUnit. */
    public ContractDeadline() {}

    /** Extends the plug-in's time by a wait of the contract itself. */
    static void extendBy(Duration time) {
        Running running = RUNNING.get();
        if (running != null) {
            running.waited.addAndGet(time.toNanos());
        }
    }

    /** Registers a thread that calls the plug-in for the running test. */
    static void watch(Thread helper) {
        Running running = RUNNING.get();
        if (running != null) {
            running.helpers.add(helper);
        }
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        runUnlessHung(invocation, method, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        runUnlessHung(invocation, method, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        if (hung(context) == null) {
            within(deadline(context), invocation, method, context);
        } else { // it has failed the contract already, and may hang here as well
            Thread closing = start(invocation, method, new Running(), new AtomicReference<>());
            TimeUnit.NANOSECONDS.timedJoin(closing, TO_CLOSE.toNanos());
        }
    }

    private static void runUnlessHung(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        String before = hung(context);
        if (before != null) {
            invocation.skip();
            Assumptions.abort("not tried, for the plug-in did not return in " + before);
        }
        within(deadline(context), invocation, method, context);
    }

    private static void within(
            Duration deadline,
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            ExtensionContext context)
            throws Throwable {
        String name = method.getExecutable().getName();
        Running running = new Running();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread thread = start(invocation, method, running, failure);
        if (!ends(thread, deadline, running)) {
            store(context).put(HUNG, name);
            throw hanging(name, deadline, thread, running);
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw thrown;
        }
    }

    private static Thread start(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> method,
            Running running,
            AtomicReference<@Nullable Throwable> failure) {
        Thread thread = new Thread(
                () -> {
                    RUNNING.set(running);
                    try {
                        invocation.proceed();
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                },
                "contract-" + method.getExecutable().getName());
        thread.setDaemon(true); // one that never ends must not keep the process
        thread.start();
        return thread;
    }

    private static boolean ends(Thread thread, Duration deadline, Running running) throws InterruptedException {
        long begin = System.nanoTime();
        while (thread.isAlive()) {
            long left = begin + deadline.toNanos() + running.waited.get() - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1_000_000, left));
        }
        return true;
    }

    private static AssertionError hanging(String name, Duration deadline, Thread thread, Running running) {
        Thread stuck =
                running.helpers.stream().filter(Thread::isAlive).findFirst().orElse(thread);
        StackTraceElement[] where = stuck.getStackTrace();
        AssertionError error = new AssertionError(name + " did not end within " + deadline.toSeconds()
                + " s: the plug-in does not return; it is at "
                + Arrays.stream(where).findFirst().map(String::valueOf).orElse("no known place"));
        error.setStackTrace(where);
        running.helpers.forEach(Thread::interrupt);
        thread.interrupt();
        return error;
    }

    private static Duration deadline(ExtensionContext context) {
        return context.getConfigurationParameter(PARAMETER, Long::valueOf)
                .map(Duration::ofSeconds)
                .orElse(DEFAULT);
    }

    private static @Nullable String hung(ExtensionContext context) {
        return store(context).get(HUNG, String.class);
    }

    /** Returns the store of the class, whose tests share the plug-in. */
    private static ExtensionContext.Store store(ExtensionContext context) {
        return context.getParent().orElse(context).getStore(NAMESPACE);
    }
}
