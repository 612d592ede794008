package dev.postern.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;

/** What an application says that does not start. */
final class Failures {

    private static final List<FailureAnalyzer> ANALYZERS = SpringFactoriesLoader.forDefaultResourceLocation()
            .load(
                    FailureAnalyzer.class,
                    ArgumentResolver.of(BeanFactory.class, new DefaultListableBeanFactory())
                            .and(Environment.class, new StandardEnvironment()),
                    (type, name, failure) -> {}); // those of libraries that are not here

    private Failures() {}

    /** {@return description and action, as Boot prints them} */
    static String printed(Throwable failure) {
        List<FailureAnalysis> found = ANALYZERS.stream()
                .map(analyzer -> analyzer.analyze(failure))
                .filter(Objects::nonNull)
                .toList();
        assertThat(found).as("analyses of " + failure).isNotEmpty();
        return found.get(0).getDescription() + "\n" + found.get(0).getAction();
    }
}
