package dev.postern.spring;

import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;

/** Ends after each test what belongs to it, where the testkit is around the relay. */
final class TestRelayReset extends AbstractTestExecutionListener {

    @Override
    public void afterTestMethod(TestContext test) {
        if (test.hasApplicationContext()) {
            test.getApplicationContext().getBeanProvider(Surroundings.class).ifAvailable(Surroundings::forget);
        }
    }
}
