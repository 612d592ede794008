package dev.postern.tools;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks tests of what is the same on each JDK: text, parsing, dialogues in clear, SQL, pages, and that contracts and scripted
 * faults do what they say. They are tagged {@code any-jdk}; the build on a second JDK may leave them out by {@code
 * -Dpostern.excluded='any-jdk & !tools'}. What talks by sockets and TLS for its own sake, or depends on the JDK's Unicode or
 * charsets, is tested on each. Modules without the testkit's tests use the tag itself.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("any-jdk")
public @interface OnAnyJdk {}
