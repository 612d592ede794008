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
 * Runs the application's relay in the testkit, in a test with {@code @SpringBootTest}: the relay listens on free ports
 * of 127.0.0.1, delivers to a {@link dev.postern.testkit.upstream.FakeUpstream}, uses a {@link
 * dev.postern.testkit.TestClock}, and presents the testkit's certificate if the application configures one; everything
 * else is the application's. The test can use these beans:
 *
 * <ul>
 *   <li>{@link dev.postern.testkit.TestRelay}: connects to the relay, provokes replies and inspects what happened; has
 *       the upstream and the clock
 *   <li>{@link dev.postern.testkit.probe.SmtpProbe}: a client that has read the greeting, a new one for each injection
 * </ul>
 *
 * <p>After each test, its probes are closed, and faults, sessions and messages are forgotten. Requires {@code
 * postern-testkit}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
@TestPropertySource(properties = {"postern.host=127.0.0.1", "postern.port=0"})
public @interface AutoConfigureTestRelay {}
