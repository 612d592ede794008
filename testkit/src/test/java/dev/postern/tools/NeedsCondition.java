package dev.postern.tools;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link Needs} stands for. */
final class NeedsCondition implements ExecutionCondition {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        List<Tool> missing =
                context.getElement().flatMap(element -> AnnotationSupport.findAnnotation(element, Needs.class)).stream()
                        .flatMap(needs -> Stream.of(needs.value()))
                        .filter(tool -> !tool.present())
                        .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("every program is there");
        }
        String why = missing.stream().map(Tool::missing).collect(Collectors.joining("; "));
        if (Tool.mustBePresent()) {
            throw new AssertionError(why);
        }
        missing.forEach(tool -> SkippedTests.add(tool, context.getRequiredTestClass()));
        return ConditionEvaluationResult.disabled(why);
    }
}
