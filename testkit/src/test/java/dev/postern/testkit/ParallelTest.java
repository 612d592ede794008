package dev.postern.testkit;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.ContractRun;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs tests at the same time, which meet in the middle so that they really do. */
class ParallelTest {

    private static final int TESTS = 4;
    private static final int MOST_RUNS = 10;
    private static final Map<String, String> IN_PARALLEL = Map.of(
            "junit.jupiter.execution.parallel.enabled", "true",
            "junit.jupiter.execution.parallel.mode.default", "concurrent",
            // a thread a test: a fork-join pool may leave a test that waits for another one alone
            "junit.jupiter.execution.parallel.config.executor-service", "WORKER_THREAD_POOL",
            "junit.jupiter.execution.parallel.config.strategy", "fixed",
            "junit.jupiter.execution.parallel.config.fixed.parallelism", "8");
    private static final CyclicBarrier MEETING = new CyclicBarrier(TESTS);
    private static final AtomicBoolean WAITED_IN_VAIN = new AtomicBoolean();

    private static void meet() throws Exception {
        try {
            MEETING.await(5, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            WAITED_IN_VAIN.set(true);
            throw e;
        }
    }

    @Test
    void testsWithRelaysOfTheirOwnDoNotDisturbEachOther() {
        ContractRun run = runAtOnce(InstanceField.class);
        assertThat(run.failures()).isEmpty();
        assertThat(run.passed()).hasSize(TESTS);
    }

    @Test
    void testsThatShareARelayAreToldThatTheyMayNot() {
        ContractRun run = runAtOnce(StaticField.class);
        assertThat(run.passed()).hasSize(1);
        assertThat(run.failures())
                .singleElement()
                .satisfies(
                        failure -> assertThat(failure).hasMessageContaining("@Execution(ExecutionMode.SAME_THREAD)"));
    }

    /** JUnit does not promise to run tests at once that may run at once, so they are run until it has. */
    private static ContractRun runAtOnce(Class<?> tests) {
        for (int i = 0; i < MOST_RUNS; i++) {
            WAITED_IN_VAIN.set(false);
            MEETING.reset();
            ContractRun run = ContractRun.of(tests, IN_PARALLEL);
            if (!WAITED_IN_VAIN.get() || run.failures().stream().anyMatch(ParallelTest::byItself)) {
                return run;
            }
        }
        throw new AssertionError(MOST_RUNS + " times, JUnit has not run all tests at once");
    }

    private static boolean byItself(Throwable failure) {
        return !(failure instanceof TimeoutException) && !(failure instanceof BrokenBarrierException);
    }

    private static RelayStarter playedRelay() {
        return env -> {
            FakeUpstream played = FakeUpstream.start();
            return RelayUnderTest.of(played, played.port());
        };
    }

    /** All use the same addresses, and one refusal each. */
    static class InstanceField {
        @RegisterExtension
        final RelayExtension relay = RelayExtension.with(playedRelay());

        @RepeatedTest(TESTS)
        void isAloneWithItsRelay() throws Exception {
            relay.at(Stage.RCPT).forAddress("bob@x.test").once(Fault.reply(StandardReply.QUOTA_EXCEEDED));
            SmtpProbe probe = relay.atRcpt("ann@x.test");
            meet();
            assertThat(probe.rcpt("bob@x.test")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
            meet();
            assertThat(probe.rcpt("bob@x.test")).isOk();
            assertThat(relay).hasSessions(1);
            meet();
        }
    }

    /** The one that has the relay holds it until the other one is told. */
    static class StaticField {
        private static final CountDownLatch TOLD = new CountDownLatch(1);

        @RegisterExtension
        static final AfterEachCallback WATCH =
                context -> context.getExecutionException().ifPresent(failure -> TOLD.countDown());

        @RegisterExtension
        static final RelayExtension RELAY = RelayExtension.with(playedRelay());

        @RepeatedTest(2)
        void holdsTheRelay() throws Exception {
            if (!TOLD.await(5, TimeUnit.SECONDS)) {
                WAITED_IN_VAIN.set(true);
            }
            assertThat(RELAY.afterEhlo().mail("ann@x.test")).isOk();
        }
    }
}
