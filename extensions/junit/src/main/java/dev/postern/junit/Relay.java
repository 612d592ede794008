package dev.postern.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts a relay before each test and injects it into the field: an instance field of type {@link
 * dev.postern.SmtpRelay}, or {@link dev.postern.testkit.RelayFixture} to provoke, observe and probe. Several fields of
 * a class share a relay; the fields of an enclosing class have their own. The relay listens on a free port of
 * 127.0.0.1, offers STARTTLS, knows one user, and delivers to a fake upstream; its time stands still until the test
 * moves it. After the test everything is closed, and the test fails for anything left behind ({@link
 * dev.postern.testkit.Leak}).
 *
 * <pre>{@code
 * @Relay RelayFixture relay;
 *
 * @Test
 * void anOrderIsConfirmed() {
 *     new Mailer(relay.port()).send("bob@example.net", "Your order");
 *     assertThat(relay.upstream().awaitMessage()).isTo("bob@example.net");
 * }
 * }</pre>
 *
 * <p>For a relay with other settings, use {@link Relays#builder} in a {@link dev.postern.testkit.RelayExtension}.
 */
@Documented
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RelayInjection.class)
public @interface Relay {

    /**
     * The user who may send, from the address's domain.
     *
     * @return a mail address; with several fields in a class, the first one's applies
     */
    String user() default "ann@example.org";

    /**
     * The user's password.
     *
     * @return the password
     */
    String password() default "secret";
}
