package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.AuthResult.Authenticated;
import dev.postern.spi.AuthResult.Denied;
import dev.postern.spi.AuthResult.RelayDisabled;
import dev.postern.spi.Identity;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.testkit.TestMessage;
import dev.postern.testkit.tck.AuthenticatorContract.Login;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of a {@link ScramDirectory}: a user has the keys of the right password, no one can tell who is unknown,
 * and no key leaks. Extend it, create the directory in {@link #newDirectory}, name a user and the password, and run it
 * with JUnit.
 */
@ExtendWith(ContractDeadline.class)
public abstract class ScramDirectoryContract {

    private static final int THREADS = 8;
    private static final int USUAL_SALT = 16; // of ScramLookup.unknown()

    /** What a client sees of a user's keys before it has proved anything. */
    private record Shape(int saltOctets, int iterations) {
        static Shape of(ScramLookup lookup) {
            return lookup.keys()
                    .map(keys -> new Shape(keys.salt().length, keys.iterations()))
                    .orElse(new Shape(USUAL_SALT, ScramKeys.MIN_ITERATIONS));
        }
    }

    private ScramDirectory directory;

    /** For subclasses, which test an implementation. */
    protected ScramDirectoryContract() {}

    /**
     * Creates the directory under test; called once before each test.
     *
     * @return a directory that has keys of {@link #rightLogin}; closed after the test when it is {@link AutoCloseable}
     * @throws Exception fails the test
     */
    protected abstract ScramDirectory newDirectory() throws Exception;

    /**
     * Returns a user with keys.
     *
     * @return a user with letters in its name, and its password, of printable US-ASCII
     */
    protected abstract Login rightLogin();

    /**
     * Returns a second user with keys.
     *
     * @return another user with another password; empty, as by default, if there is only one
     */
    protected Optional<Login> otherLogin() {
        return Optional.empty();
    }

    /**
     * Returns a user with keys whose account has no relay service.
     *
     * @return the user and its password; empty, as by default, if every account has the service
     */
    protected Optional<Login> disabledLogin() {
        return Optional.empty();
    }

    /**
     * Returns a known user without keys, for instance with only a hash.
     *
     * @return the user's name; empty, as by default, if every user has keys
     */
    protected Optional<String> userWithoutKeys() {
        return Optional.empty();
    }

    /**
     * Returns more users with keys, for a directory whose salt lengths or iterations differ: one for each combination
     * that neither of the logins has. An unknown user may look like any of them.
     *
     * @return user names; none, as by default, if the logins cover all combinations
     */
    protected List<String> usersOfOtherShapes() {
        return List.of();
    }

    /**
     * Creates a directory whose backend is unreachable, for instance a database at a closed port.
     *
     * @return the directory, closed after the test; empty, as by default, for one that depends on nothing else
     * @throws Exception fails the test
     */
    protected Optional<ScramDirectory> newCutOffDirectory() throws Exception {
        return Optional.empty();
    }

    /**
     * Creates the directory.
     *
     * @throws Exception when it cannot be created
     */
    @BeforeEach
    public final void openDirectory() throws Exception {
        directory = newDirectory();
    }

    /**
     * Closes the directory.
     *
     * @throws Exception when it cannot be closed
     */
    @AfterEach
    public final void closeDirectory() throws Exception {
        Tck.close(directory);
    }

    /** A user has the keys of the password, always the same: a client computes them from the salt that it gets. */
    @Test
    public final void required_user_hasTheKeysOfThePassword() {
        for (int i = 0; i < 3; i++) {
            ScramLookup lookup = ask(rightLogin().user());
            assertThat(lookup.whenProven()).as("what the right proof is worth").isInstanceOf(Authenticated.class);
            assertKeys(rightLogin(), lookup);
        }
        assertThat(ask(rightLogin().user()).keys().map(ScramKeys::text))
                .as("whether the keys are the same each time")
                .isEqualTo(ask(rightLogin().user()).keys().map(ScramKeys::text));
    }

    /** Unknown users are denied, even with names that have special characters for a database or a directory. */
    @Test
    public final void required_unknownUser_isDenied() {
        String user = rightLogin().user();
        for (String unknown : List.of(
                "nobody-" + user,
                user + " ",
                user + "%",
                "*",
                "*)(uid=*",
                "' OR '1'='1",
                user + "' -- ",
                "cn=" + user,
                "\u202e" + user,
                "u".repeat(10_000))) {
            assertThat(ask(unknown).whenProven()).as("user \"%s\"", unknown).isInstanceOf(Denied.class);
        }
    }

    /** An unknown user has the same salt length and number of iterations as a known one. */
    @Test
    public final void required_unknownUser_looksLikeAKnownOne() {
        Set<Shape> known = knownShapes();
        for (int i = 0; i < 20; i++) {
            assertThat(Shape.of(ask(unknownUser())))
                    .as("octets of salt and iterations of an unknown user: answer with ScramLookup.unknown(like), and"
                            + " name who has others in usersOfOtherShapes()")
                    .isIn(known);
        }
    }

    /** An unknown user looks the same each time, however the name is written, like a known one. */
    @Test
    public final void required_unknownUser_looksTheSameEachTime() {
        for (int i = 0; i < 20; i++) {
            String user = unknownUser();
            Shape first = Shape.of(ask(user));
            for (String again : List.of(user, user, user.toUpperCase(Locale.ROOT))) {
                assertThat(Shape.of(ask(again)))
                        .as("what \"%s\" is shown as", again)
                        .isEqualTo(first);
            }
        }
    }

    /** A user without keys is denied, and looks like one with keys. */
    @Test
    public final void optional_userWithoutKeys_looksLikeOneWithKeys() {
        String user = Tck.orSkip(userWithoutKeys(), "userWithoutKeys()");
        assertThat(ask(user).whenProven()).as("user without keys").isInstanceOf(Denied.class);
        assertThat(Shape.of(ask(user)))
                .as("octets of salt and iterations of a user without keys")
                .isIn(knownShapes());
    }

    /**
     * The case of a name never leads to another user: another case is denied, or is the same user with the same keys.
     */
    @Test
    public final void required_case_makesNobodySomebodyElse() {
        String user = rightLogin().user();
        ScramLookup himself = ask(user);
        for (String spelling : List.of(user.toUpperCase(Locale.ROOT), user.toLowerCase(Locale.ROOT))) {
            ScramLookup lookup = ask(spelling);
            if (!(lookup.whenProven() instanceof Denied)) {
                assertThat(who(lookup)).as("who \"%s\" is", spelling).isEqualTo(who(himself));
                assertThat(told(lookup).equals(told(himself)))
                        .as("the keys of \"%s\" are those of %s", spelling, user)
                        .isTrue();
            }
        }
    }

    /** Each user gets their own keys and salt, after other users and in concurrent calls. */
    @Test
    public final void optional_otherUser_isHimself() {
        Login other = Tck.orSkip(otherLogin(), "otherLogin()");
        List<Login> logins = List.of(rightLogin(), other);
        List<ScramLookup> alone =
                logins.stream().map(login -> ask(login.user())).toList();
        assertThat(who(alone.get(1))).as("user and account of another login").isNotEqualTo(who(alone.get(0)));
        assertKeys(other, alone.get(1));
        assertThat(salt(alone.get(1))).as("the salt of another user").isNotEqualTo(salt(alone.get(0)));
        List<String> texts = alone.stream().map(ScramDirectoryContract::told).toList();
        List<Boolean> right = Tck.together(THREADS, thread -> () -> {
            boolean same = true;
            for (int i = 0; i < 20; i++) {
                int next = (i + thread) % 2;
                same &= told(ask(logins.get(next).user())).equals(texts.get(next));
            }
            return same;
        });
        assertThat(right).as("threads on which each was himself").containsOnly(true);
    }

    /**
     * An account without relay service is reported only to a user with the password, and the keys are those of the
     * password.
     */
    @Test
    public final void optional_disabledAccount_isToldToWhoHasThePassword() {
        Login disabled = Tck.orSkip(disabledLogin(), "disabledLogin()");
        ScramLookup lookup = ask(disabled.user());
        assertThat(lookup.whenProven()).as("what the right proof is worth").isInstanceOf(RelayDisabled.class);
        assertKeys(disabled, lookup);
    }

    /**
     * If a user cannot be looked up, the answer is unavailable or an exception, neither known nor unknown.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void optional_cutOff_isUnavailable() throws Exception {
        ScramDirectory cutOff = Tck.orSkip(newCutOffDirectory(), "newCutOffDirectory()");
        try {
            for (String user : List.of(rightLogin().user(), unknownUser())) {
                assertThat(unavailable(cutOff, user))
                        .as("unavailable, or an exception")
                        .isTrue();
            }
        } finally {
            Tck.close(cutOff);
        }
    }

    /**
     * Answers and exceptions, which are logged, do not show keys or a password.
     *
     * @throws Exception when the test or the plug-in fails
     */
    @Test
    public final void required_keys_areNotShown() throws Exception {
        assertHides(directory);
        Optional<ScramDirectory> cutOff = newCutOffDirectory();
        if (cutOff.isPresent()) {
            try {
                assertHides(cutOff.get());
            } finally {
                Tck.close(cutOff.get());
            }
        }
    }

    /** An unknown user takes as long as a known one; the noise of a busy machine does not count as a difference. */
    @Test
    public final void required_unknownUser_takesAsLongAsAKnownOne() {
        TimeComparison times = TimeComparison.of(
                turn -> ask(unknownUser()), turn -> ask(rightLogin().user()));
        assertThat(times.oneIsFaster())
                .as("an unknown and a known user take %s: the unknown one is faster", times)
                .isFalse();
        assertThat(times.otherIsFaster())
                .as("an unknown and a known user take %s: the unknown one is slower", times)
                .isFalse();
    }

    private Set<Shape> knownShapes() {
        Set<Shape> known = new HashSet<>();
        known.add(Shape.of(ask(rightLogin().user())));
        otherLogin().ifPresent(other -> known.add(Shape.of(ask(other.user()))));
        usersOfOtherShapes().forEach(user -> known.add(Shape.of(ask(user))));
        return known;
    }

    /** A user name that does not exist, in the same domain as the right one. */
    private String unknownUser() {
        String user = rightLogin().user();
        int at = user.lastIndexOf('@');
        String name = Tck.unique("nobody");
        return at < 0 ? name : name + user.substring(at);
    }

    private ScramLookup ask(String user) {
        ScramLookup lookup = directory.find(user, TestMessage.clientAt("127.0.0.1"));
        assertThat(lookup).as("the answer").isNotNull();
        return lookup;
    }

    private static void assertKeys(Login login, ScramLookup lookup) {
        ScramKeys keys = lookup.keys().orElseThrow(() -> new AssertionError("no keys of " + login));
        ScramKeys expected = ScramKeys.ofPrepared(login.password().toCharArray(), keys.salt(), keys.iterations());
        assertThat(keys.text().equals(expected.text()))
                .as("the keys of %s are made of the password", login)
                .isTrue();
    }

    private static String who(ScramLookup lookup) {
        assertThat(lookup.whenProven()).as("what the right proof is worth").isInstanceOf(Authenticated.class);
        Identity identity = ((Authenticated) lookup.whenProven()).identity();
        return identity.user() + " of " + identity.account();
    }

    private static String salt(ScramLookup lookup) {
        return HexFormat.of().formatHex(lookup.keys().orElseThrow().salt());
    }

    private static String told(ScramLookup lookup) {
        return who(lookup) + " " + lookup.keys().map(ScramKeys::text).orElse("");
    }

    private static boolean unavailable(ScramDirectory cutOff, String user) {
        try {
            return cutOff.find(user, TestMessage.clientAt("127.0.0.1")).whenProven() instanceof AuthResult.Unavailable;
        } catch (RuntimeException e) {
            return true; // the relay takes it for unavailable
        }
    }

    private void assertHides(ScramDirectory asked) {
        Login login = rightLogin();
        ScramKeys keys = ask(login.user()).keys().orElseThrow();
        String shown;
        try {
            ScramLookup lookup = asked.find(login.user(), TestMessage.clientAt("127.0.0.1"));
            shown = lookup + " " + lookup.keys().map(String::valueOf).orElse("") + " " + lookup.whenProven();
        } catch (RuntimeException e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace)); // with its causes and what was suppressed
            shown = trace.toString();
        }
        String seen = shown + asked;
        Stream<String> forms = Stream.of(keys.storedKey(), keys.serverKey())
                .flatMap(key -> Stream.of(
                        Base64.getEncoder().withoutPadding().encodeToString(key),
                        HexFormat.of().formatHex(key),
                        Arrays.toString(key)));
        assertThat(Stream.concat(forms, Stream.of(login.password())).anyMatch(seen::contains))
                .as("the answer about a user shows keys or the password")
                .isFalse();
    }
}
