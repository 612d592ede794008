package dev.postern.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts a relay before each test and puts it into the field, which is an instance field of type {@link
 * dev.postern.SmtpRelay}, or {@link dev.postern.testkit.RelayFixture} to provoke, observe and probe. Several fields of a
 * class have the same relay; those of a class that a test is nested in have one of their own. It listens on a free port of
 * 127.0.0.1, offers STARTTLS, knows one user, and delivers to a fake upstream; its time stands still until the test moves
 * it. After the test all of it is closed, and the test fails for what it has left behind ({@link dev.postern.testkit.Leak}).
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
 * <p>For a relay with settings of its own use {@link Relays#builder} in a {@link dev.postern.testkit.RelayExtension}.
 */
@Documented
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RelayInjection.class)
public @interface Relay {

    /**
     * Names the user who may send, from the domain of the address.
     *
     * @return a mail address; of several fields of a class, the first one's counts
     */
    String user() default "ann@example.org";

    /**
     * Gives the user's password.
     *
     * @return the password
     */
    String password() default "secret";
}
