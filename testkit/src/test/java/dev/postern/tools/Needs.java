package dev.postern.tools;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips a test, or the tests of a class, where one of these programs is not there; see {@link Tool}. All such tests are
 * tagged {@code tools}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("tools")
@ExtendWith(NeedsCondition.class)
public @interface Needs {
    Tool[] value();
}
