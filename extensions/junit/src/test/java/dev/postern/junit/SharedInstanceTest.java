package dev.postern.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.RelayFixture;
import dev.postern.tools.ContractRun;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Tests that share an instance, and so its field. */
class SharedInstanceTest {

    /** Let go when one of the two tests is refused, or else when both have run. */
    private static final CountDownLatch REFUSED = new CountDownLatch(1);

    /** Not found by its name; run by the test below. */
    @TestInstance(Lifecycle.PER_CLASS)
    @Execution(ExecutionMode.CONCURRENT)
    @ExtendWith(Refusals.class)
    @SuppressWarnings("NullAway.Init") // the extension sets the field
    static class AtTheSameTime {
        @Relay
        private RelayFixture relay;

        @RepeatedTest(2)
        void keepsItsRelay() throws InterruptedException {
            int mine = relay.port();
            REFUSED.await(10, TimeUnit.SECONDS);
            assertThat(relay.port()).as("the field's relay").isEqualTo(mine);
        }
    }

    static final class Refusals implements TestWatcher {
        @Override
        public void testFailed(ExtensionContext context, Throwable cause) {
            REFUSED.countDown();
        }
    }

    @Test
    void aSecondTestAtTheSameTimeIsToldWhy() {
        ContractRun run = ContractRun.of(
                AtTheSameTime.class,
                Map.of(
                        "junit.jupiter.execution.parallel.enabled", "true",
                        "junit.jupiter.execution.parallel.config.strategy", "fixed",
                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "2"));
        assertThat(run.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("@Execution(ExecutionMode.SAME_THREAD)"));
    }
}
