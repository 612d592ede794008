package dev.postern.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The tests of a class, run from within a test: to see that a contract catches a planted fault, and what a test that fails
 * leaves behind. {@code passed}, {@code failed} and {@code skipped} are names of methods.
 */
public record ContractRun(List<String> passed, List<String> failed, List<String> skipped, List<Throwable> failures) {

    public static ContractRun of(Class<?> tests) {
        return of(tests, Map.of());
    }

    public static ContractRun of(Class<?> tests, String method) {
        return of(DiscoverySelectors.selectMethod(tests, method), Map.of());
    }

    /** Runs with parameters of JUnit's configuration. */
    public static ContractRun of(Class<?> tests, Map<String, String> parameters) {
        return of(DiscoverySelectors.selectClass(tests), parameters);
    }

    /** Runs with so many seconds for each test. */
    public static ContractRun within(int seconds, Class<?> tests) {
        return of(tests, Map.of("postern.contract.deadline", String.valueOf(seconds)));
    }

    /**
     * Runs the one test that must fail for a plug-in with a fault.
     *
     * @param tests the contract of that plug-in
     * @param fault the name of the test, and behind a blank what the fault is, where it is one of several
     */
    public static void assertCatches(Class<?> tests, String fault) {
        assertThat(of(tests, test(fault)).failed()).as(fault).containsExactly(test(fault));
    }

    /**
     * Of a right plug-in: all tests have passed but those that are skipped, and each has a fault that it catches.
     *
     * @param faults as {@link #assertCatches} takes them
     */
    public void assertPassedAndProved(Collection<String> faults, String... skippedTests) {
        assertThat(failed).as("failed").isEmpty();
        assertThat(skipped).as("skipped").containsExactlyInAnyOrder(skippedTests);
        Set<String> proved = faults.stream().map(ContractRun::test).collect(Collectors.toSet());
        assertThat(passed).as("each test is proved by a fault").containsExactlyInAnyOrderElementsOf(proved);
    }

    private static String test(String fault) {
        return fault.split(" ", 2)[0];
    }

    private static ContractRun of(DiscoverySelector selector, Map<String, String> parameters) {
        ContractRun run = new ContractRun(newList(), newList(), newList(), newList());
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selector)
                                .configurationParameters(parameters)
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                run.add(test, result);
                            }
                        });
        return run;
    }

    private static <T> List<T> newList() {
        return Collections.synchronizedList(new ArrayList<>()); // tests may run in parallel
    }

    private void add(TestIdentifier test, TestExecutionResult result) {
        String name = test.getDisplayName().replace("()", "");
        switch (result.getStatus()) {
            case SUCCESSFUL -> {
                if (test.isTest()) {
                    passed.add(name);
                }
            }
            case FAILED -> {
                failed.add(name);
                failures.add(result.getThrowable().orElseThrow());
            }
            case ABORTED -> skipped.add(name);
        }
    }
}
