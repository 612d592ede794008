package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.AuthResult.Authenticated;
import dev.postern.spi.AuthResult.Denied;
import dev.postern.spi.AuthResult.RelayDisabled;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.SessionRegistry;
import dev.postern.testkit.TestMessage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of an {@link Authenticator}: it accepts only the right credentials, and leaks no secret. Extend it,
 * create the authenticator in {@link #newAuthenticator}, name a right login, and run it with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class AuthenticatorContract {

    private static final int THREADS = 8;

    /**
     * A user name and its secret.
     *
     * @param user the name
     * @param password the secret
     */
    public record Login(String user, String password) {
        /** Returns only the user name. */
        @Override
        public String toString() {
            return user;
        }
    }

    private Authenticator authenticator;

    /** For subclasses, which test an implementation. */
    protected AuthenticatorContract() {}

    /**
     * Creates the authenticator under test; called once before each test.
     *
     * @return an authenticator that knows {@link #rightLogin}; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract Authenticator newAuthenticator() throws Exception;

    /**
     * Returns a right login.
     *
     * @return a user with letters in name and password, and a password of 8 characters or more
     */
    protected abstract Login rightLogin();

    /**
     * Returns a second right login.
     *
     * @return another user with another password; empty, as by default, if there is only one
     */
    protected Optional<Login> otherLogin() {
        return Optional.empty();
    }

    /**
     * Returns the login of an account that has no relay service.
     *
     * @return the right login; empty, as by default, if every account has the service
     */
    protected Optional<Login> disabledLogin() {
        return Optional.empty();
    }

    /**
     * Creates an authenticator whose backend is unreachable, for instance a directory at a closed port.
     *
     * @return the authenticator, closed after the test; empty, as by default, for one that depends on nothing else
     * @throws Exception fails the test
     */
    protected Optional<Authenticator> newCutOffAuthenticator() throws Exception {
        return Optional.empty();
    }

    /**
     * Creates the authenticator.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openAuthenticator() throws Exception {
        authenticator = newAuthenticator();
    }

    /**
     * Closes the authenticator.
     *
     * @throws Exception when it cannot be closed
     */
    @AfterEach
    public final void closeAuthenticator() throws Exception {
        Tck.close(authenticator);
    }

    /** Right credentials are accepted, by any mechanism, with an identity that may send. */
    @Test
    public final void required_rightCredentials_areAuthenticated() {
        for (String mechanism : List.of("PLAIN", "LOGIN")) {
            AuthResult result =
                    ask(mechanism, rightLogin().user(), octets(rightLogin().password()));
            assertThat(result).as("right credentials by %s", mechanism).isInstanceOf(Authenticated.class);
        }
    }

    /** The same login always gets the same identity, because limits and quota are counted by it. */
    @Test
    public final void required_rightCredentials_areTheSameIdentityEachTime() {
        Authenticated first = (Authenticated) ask(rightLogin());
        Authenticated second = (Authenticated) ask(rightLogin());
        assertThat(List.of(second.identity().user(), second.identity().account()))
                .as("user and account of the second login")
                .containsExactly(first.identity().user(), first.identity().account());
    }

    /** A secret that differs from the right one, however little, is denied. */
    @Test
    public final void required_wrongSecret_isDenied() {
        String right = rightLogin().password();
        for (String wrong : List.of(
                "",
                right.substring(1),
                right.substring(0, right.length() - 1),
                right + "x",
                right + " ",
                right + "\0",
                " " + right,
                right.equals(right.toUpperCase(Locale.ROOT))
                        ? right.toLowerCase(Locale.ROOT)
                        : right.toUpperCase(Locale.ROOT),
                "*",
                "x".repeat(10_000))) {
            assertDenied(
                    "a wrong secret of " + wrong.length() + " characters",
                    rightLogin().user(),
                    octets(wrong));
        }
    }

    /** A secret that is not UTF-8 is denied, without an exception. */
    @Test
    public final void required_wrongSecret_thatIsNoTextIsDenied() {
        assertDenied("octets that are no UTF-8", rightLogin().user(), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    }

    /** An unknown user is denied, even with a name that has special characters for a database or a directory. */
    @Test
    public final void required_unknownUser_isDenied() {
        String user = rightLogin().user();
        for (String unknown : List.of(
                "",
                "nobody-" + user,
                user + " ",
                user + "%",
                "*",
                "*)(uid=*",
                "' OR '1'='1",
                user + "' -- ",
                "cn=" + user,
                user + "\0",
                "\u202e" + user,
                "u".repeat(10_000))) {
            assertDenied(
                    "user \"" + unknown + "\"", unknown, octets(rightLogin().password()));
        }
    }

    /** A right login admits only its user: not with a wrong secret, not under another name, and not the next user. */
    @Test
    public final void required_rightCredentials_letInNobodyElse() {
        Login right = rightLogin();
        for (int i = 0; i < 2; i++) {
            assertThat(ask(right)).as("the right secret").isInstanceOf(Authenticated.class);
            assertDenied("a wrong secret after the right one", right.user(), octets(right.password() + "x"));
            assertThat(ask(right)).as("the right secret").isInstanceOf(Authenticated.class);
            assertDenied("an unknown user with the right secret", unknownUser(), octets(right.password()));
        }
    }

    /** Each user gets their own identity, after other users and in concurrent calls. */
    @Test
    public final void optional_otherUser_isHimself() {
        Login other = Tck.orSkip(otherLogin(), "otherLogin()");
        List<Login> logins = List.of(rightLogin(), other);
        List<String> alone = logins.stream().map(login -> who(ask(login))).toList();
        assertThat(alone.get(1)).as("user and account of another login").isNotEqualTo(alone.get(0));
        List<Boolean> right = Tck.together(THREADS, thread -> () -> {
            boolean same = true;
            for (int i = 0; i < 10; i++) {
                int next = (i + thread) % 2;
                same &= who(ask(logins.get(next))).equals(alone.get(next));
            }
            return same;
        });
        assertThat(right).as("threads on which each was himself").containsOnly(true);
    }

    /** The case of a name never leads to another user: another case is denied, or is the same user and account. */
    @Test
    public final void required_case_makesNobodySomebodyElse() {
        Login right = rightLogin();
        String himself = who(ask(right));
        for (String spelling : List.of(
                right.user().toUpperCase(Locale.ROOT),
                right.user().toLowerCase(Locale.ROOT),
                otherCase(right.user()))) {
            AuthResult result = ask(new Login(spelling, right.password()));
            if (!(result instanceof Denied)) {
                assertThat(result).as("\"%s\"", spelling).isInstanceOf(Authenticated.class);
                assertThat(who(result)).as("who \"%s\" is", spelling).isEqualTo(himself);
            }
        }
    }

    /** One user's secret does not work for another. */
    @Test
    public final void optional_otherUsersSecret_isDenied() {
        Login other = Tck.orSkip(otherLogin(), "otherLogin()");
        assertThat(ask(other)).as("the other user's own").isInstanceOf(Authenticated.class);
        assertDenied("the other's secret", rightLogin().user(), octets(other.password()));
        assertDenied("the other's secret", other.user(), octets(rightLogin().password()));
    }

    /** After any number of wrong secrets the right one is accepted: counting failures is the login throttle's job. */
    @Test
    public final void required_rightCredentials_areAuthenticatedAfterWrongOnes() {
        for (int i = 0; i < 20; i++) {
            assertDenied("wrong", rightLogin().user(), octets("wrong-" + i));
        }
        assertThat(ask(rightLogin())).as("the right secret").isInstanceOf(Authenticated.class);
    }

    /** An account without relay service is reported only for right credentials. */
    @Test
    public final void optional_disabledAccount_isToldForRightCredentialsOnly() {
        Login disabled = Tck.orSkip(disabledLogin(), "disabledLogin()");
        assertThat(ask(disabled)).as("right credentials").isInstanceOf(RelayDisabled.class);
        assertDenied("a wrong secret", disabled.user(), octets(disabled.password() + "x"));
    }

    /**
     * If credentials cannot be checked, the answer is unavailable or an exception, neither accepted nor denied.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_cutOff_isUnavailable() throws Exception {
        Authenticator cutOff = Tck.orSkip(newCutOffAuthenticator(), "newCutOffAuthenticator()");
        try {
            for (String password : List.of(rightLogin().password(), "wrong")) {
                assertThat(unavailable(cutOff, password))
                        .as("unavailable, or an exception")
                        .isTrue();
            }
        } finally {
            Tck.close(cutOff);
        }
    }

    /**
     * The logged reason why credentials cannot be checked does not show the secret.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_cutOff_doesNotShowTheSecret() throws Exception {
        Authenticator cutOff = Tck.orSkip(newCutOffAuthenticator(), "newCutOffAuthenticator()");
        try {
            assertHides(cutOff, rightLogin());
            assertHides(cutOff, new Login(rightLogin().user(), Tck.unique("s3cret")));
        } finally {
            Tck.close(cutOff);
        }
    }

    /** The secret is used only during the call, and no result or exception shows it. */
    @Test
    public final void required_secret_isNotShown() {
        for (String user : List.of(rightLogin().user(), unknownUser(), "")) {
            assertHides(authenticator, new Login(user, Tck.unique("s3cret")));
        }
        assertHides(authenticator, rightLogin());
    }

    /** The authenticator only reads the credentials: they stay readable until the relay wipes them. */
    @Test
    public final void required_secret_isNotWipedByTheAuthenticator() {
        byte[] secret = octets(rightLogin().password());
        Credentials credentials = new Credentials("PLAIN", rightLogin().user(), secret);
        AuthResult first = authenticator.authenticate(credentials, TestMessage.clientAt("127.0.0.1"));
        assertThat(authenticator.authenticate(credentials, TestMessage.clientAt("127.0.0.1")))
                .as("the same credentials again, after %s", first)
                .isInstanceOf(Authenticated.class);
    }

    /** A call that was interrupted because it took too long does not affect later calls. */
    @Test
    public final void required_interrupt_breaksNoLaterCall() {
        Tck.interrupted(() -> ask(rightLogin()));
        assertThat(ask(rightLogin())).as("the right secret").isInstanceOf(Authenticated.class);
        assertDenied("a wrong secret", rightLogin().user(), octets(rightLogin().password() + "x"));
    }

    /**
     * A revocation causes no exception, and does not lock the user out: the login is requested again, for a new token.
     */
    @Test
    public final void required_revoked_rightCredentialsAreRightAsBefore() {
        Identity identity = ((Authenticated) ask(rightLogin())).identity();
        for (int i = 0; i < 2; i++) {
            authenticator.revoked(SessionRegistry.Scope.USER, identity.user());
            authenticator.revoked(SessionRegistry.Scope.ACCOUNT, identity.account());
        }
        authenticator.revoked(SessionRegistry.Scope.USER, Tck.unique("nobody"));
        assertThat(ask(rightLogin())).as("the right secret").isInstanceOf(Authenticated.class);
        assertDenied("a wrong secret", rightLogin().user(), octets(rightLogin().password() + "x"));
    }

    /** Concurrent logins each get their own answer. */
    @Test
    public final void required_concurrency_eachLoginGetsItsOwnAnswer() {
        List<List<AuthResult>> answers = Tck.together(THREADS, thread -> () -> {
            List<AuthResult> wrong = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                boolean right = i % 2 == thread % 2;
                String password = right ? rightLogin().password() : "wrong-" + thread;
                AuthResult answer = ask("PLAIN", rightLogin().user(), octets(password));
                if (answer instanceof Authenticated != right) {
                    wrong.add(answer);
                }
            }
            return wrong;
        });
        assertThat(answers.stream()
                        .flatMap(List::stream)
                        .map(AuthResult::toString)
                        .distinct())
                .as("answers that were not right, to 10 logins one after the other on each of %s threads", THREADS)
                .isEmpty();
    }

    /**
     * An unknown user takes as long as a wrong secret, so that no one can tell who exists: hash the secret for an
     * unknown user as well. Both are measured alternately; the noise of a busy machine does not count as a difference.
     */
    @Test
    public final void required_unknownUser_takesAsLongAsAWrongSecret() {
        String known = rightLogin().user();
        TimeComparison times = TimeComparison.of(
                turn -> ask("PLAIN", unknownUser(), octets("wrong-" + turn)),
                turn -> ask("PLAIN", known, octets("wrong-" + turn)));
        assertThat(times.oneIsFaster())
                .as("an unknown user and a wrong secret take %s: an unknown user is faster", times)
                .isFalse();
        assertThat(times.otherIsFaster())
                .as("an unknown user and a wrong secret take %s: an unknown user is slower", times)
                .isFalse();
    }

    /** A user name that does not exist, as long as the right one and in the same domain. */
    private String unknownUser() {
        String user = rightLogin().user();
        int at = user.lastIndexOf('@');
        String name = Tck.unique("nobody");
        return at < 0 ? name : name + user.substring(at);
    }

    private static String otherCase(String text) {
        StringBuilder changed = new StringBuilder();
        text.chars()
                .map(c -> Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c))
                .forEach(c -> changed.append((char) c));
        return changed.toString();
    }

    private static String who(AuthResult result) {
        assertThat(result).as("the answer to a right login").isInstanceOf(Authenticated.class);
        Identity identity = ((Authenticated) result).identity();
        return identity.user() + " of " + identity.account();
    }

    /** No result of a login shows its secret, neither in clear nor in an easily readable form. */
    private static void assertHides(Authenticator asked, Login login) {
        byte[] secret = octets(login.password());
        String shown;
        try (Credentials credentials = new Credentials("PLAIN", login.user(), secret.clone())) {
            shown = String.valueOf(asked.authenticate(credentials, TestMessage.clientAt("127.0.0.1")));
        } catch (RuntimeException e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace)); // with its causes and what was suppressed
            shown = trace.toString();
        }
        byte[] plain = octets("\0" + login.user() + "\0" + login.password());
        for (String form : List.of(
                login.password(),
                Base64.getEncoder().withoutPadding().encodeToString(secret),
                Base64.getEncoder().withoutPadding().encodeToString(plain),
                HexFormat.of().formatHex(secret),
                Arrays.toString(secret))) {
            assertThat(shown.contains(form))
                    .as("the answer to a login shows its secret")
                    .isFalse();
        }
    }

    private AuthResult ask(Login login) {
        return ask("PLAIN", login.user(), octets(login.password()));
    }

    /** Like the relay, wipes the secret as soon as there is an answer. */
    private AuthResult ask(String mechanism, String user, byte[] secret) {
        AuthResult result;
        try (Credentials credentials = new Credentials(mechanism, user, secret)) {
            result = authenticator.authenticate(credentials, TestMessage.clientAt("127.0.0.1"));
        }
        assertThat(result).as("the answer").isNotNull();
        return result;
    }

    private static boolean unavailable(Authenticator cutOff, String password) {
        try (Credentials credentials = new Credentials("PLAIN", "somebody", octets(password))) {
            return cutOff.authenticate(credentials, TestMessage.clientAt("127.0.0.1"))
                    instanceof AuthResult.Unavailable;
        } catch (RuntimeException e) {
            return true; // the relay takes it for unavailable
        }
    }

    private void assertDenied(String what, String user, byte[] secret) {
        assertThat(ask("PLAIN", user, Arrays.copyOf(secret, secret.length)))
                .as(what)
                .isInstanceOf(Denied.class);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
