package dev.postern.testkit.tck;

import java.util.ArrayList;
import java.util.List;
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

    static ContractRun of(Class<?> tests, String method) {
        return of(DiscoverySelectors.selectMethod(tests, method));
    }

    private static ContractRun of(DiscoverySelector selector) {
        ContractRun run = new ContractRun(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request().selectors(selector).build();
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
