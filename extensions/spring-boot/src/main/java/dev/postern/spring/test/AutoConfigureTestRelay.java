package dev.postern.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.test.context.TestPropertySource;

/**
 * Puts the testkit around the application's relay, in a test with {@code @SpringBootTest}: the relay listens on free ports of
 * 127.0.0.1, delivers to a {@link dev.postern.testkit.upstream.FakeUpstream}, goes by a {@link
 * dev.postern.testkit.TestClock}, and shows the testkit's certificate where the application has one of its own; all else is
 * the application's. The test finds these beans:
 *
 * <ul>
 *   <li>{@link dev.postern.testkit.TestRelay}: to connect to, to provoke, to look at; with upstream and clock
 *   <li>{@link dev.postern.testkit.probe.SmtpProbe}: a client that has read the greeting, a new one wherever it is injected
 * </ul>
 *
 * <p>After each test its probes are closed, and faults, sessions and messages are forgotten. Needs {@code postern-testkit}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
@TestPropertySource(properties = {"postern.host=127.0.0.1", "postern.port=0"})
public @interface AutoConfigureTestRelay {}
