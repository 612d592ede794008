package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What came of the tests of a class.
 *
 * @param passed names of methods
 * @param failed names of methods
 * @param skipped names of methods
 */
record ContractRun(List<String> passed, List<String> failed, List<String> skipped) {

    static ContractRun of(Class<?> tests) {
        return of(DiscoverySelectors.selectClass(tests));
    }

    /**
     * Plants nothing, but runs what a planted fault must not pass.
     *
     * @param tests the contract of a plug-in with the fault
     * @param fault the name of the test that must fail, and behind a blank what the fault is, where it is one of several
     */
    static void assertCatches(Class<?> tests, String fault) {
        assertThat(of(tests, test(fault)).failed()).as(fault).containsExactly(test(fault));
    }

    /**
     * Of a right plug-in: all tests have passed but those that are skipped, and each has a fault that it catches.
     *
     * @param faults as {@link #assertCatches} takes them
     * @param skippedTests names of tests
     */
    void assertPassedAndProved(Collection<String> faults, String... skippedTests) {
        assertThat(failed).as("failed").isEmpty();
        assertThat(skipped).as("skipped").containsExactlyInAnyOrder(skippedTests);
        Set<String> proved = faults.stream().map(ContractRun::test).collect(Collectors.toSet());
        assertThat(passed).as("each test is proved by a fault").containsExactlyInAnyOrderElementsOf(proved);
    }

    private static String test(String fault) {
        return fault.split(" ", 2)[0];
    }

    /** Runs with so many seconds for each test. */
    static ContractRun within(int seconds, Class<?> tests) {
        return of(LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(tests))
                .configurationParameter("postern.contract.deadline", String.valueOf(seconds))
                .build());
    }

    static ContractRun of(Class<?> tests, String method) {
        return of(DiscoverySelectors.selectMethod(tests, method));
    }

    private static ContractRun of(DiscoverySelector selector) {
        return of(LauncherDiscoveryRequestBuilder.request().selectors(selector).build());
    }

    private static ContractRun of(LauncherDiscoveryRequest request) {
        ContractRun run = new ContractRun(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                run.add(test, result);
            }
        });
        return run;
    }

    private void add(TestIdentifier test, TestExecutionResult result) {
        if (!test.isTest()) {
            result.getThrowable().ifPresent(failure -> failed.add(test.getDisplayName() + ": " + failure));
            return;
        }
        String name = test.getDisplayName().replace("()", "");
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed.add(name);
            case FAILED -> failed.add(name);
            case ABORTED -> skipped.add(name);
        }
    }
}
