package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Identity;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.testkit.tck.AuthenticatorContract.Login;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
class ScramDirectoryContractTest {

    private static final Login ANN = new Login("ann@own.test", "Correct Horse 9");
    private static final Login BOB = new Login("bob@own.test", "Battery Staple 8");
    private static final Login DORA = new Login("dora@own.test", "Closed Account 7");
    private static final ScramKeys KEYS = keys("a salt", ANN);
    private static final ScramKeys BOBS_KEYS = keys("a longer salt", BOB);
    private static final ScramKeys DORAS_KEYS = keys("the longest salt", DORA);
    private static final Map<String, ScramLookup> USERS = Map.of(
            ANN.user(), ScramLookup.known(KEYS, Identity.of(ANN.user())),
            BOB.user(), ScramLookup.known(BOBS_KEYS, Identity.of(BOB.user())),
            DORA.user(), ScramLookup.withoutRelay(DORAS_KEYS));

    private static final ScramDirectory RIGHT = (name, client) -> lookup(CanonicalName.ofUser(name));
    private static final ScramDirectory CUT_OFF = (name, client) -> {
        throw new IllegalStateException("no database");
    };

    private static volatile ScramDirectory subject = RIGHT;
    private static volatile ScramDirectory cutOff = CUT_OFF;

    private static ScramKeys keys(String salt, Login login) {
        return ScramKeys.ofPrepared(
                login.password().toCharArray(), (salt + " of ten").getBytes(StandardCharsets.US_ASCII), 5000);
    }

    private static ScramLookup lookup(String user) {
        return USERS.getOrDefault(user, ScramLookup.unknown(KEYS));
    }

    private static boolean isUnknown(String name) {
        return !USERS.containsKey(CanonicalName.ofUser(name));
    }

    private static boolean isUpperCase(String name) {
        return name.equals(name.toUpperCase(Locale.ROOT));
    }

    private static ScramDirectory forUnknown(Function<String, ScramLookup> answer) {
        return (name, client) -> isUnknown(name) ? answer.apply(name) : lookup(CanonicalName.ofUser(name));
    }

    /** Keeps who it was asked for where another thread finds it. */
    private static final class Shared implements ScramDirectory {
        private final Gap gap = new Gap();
        private volatile String asked = "";

        @Override
        public ScramLookup find(String username, ClientInfo client) {
            asked = username;
            if (Thread.currentThread().getName().equals("contract-helper")) { // among many at once
                gap.awaitOthers();
            }
            return lookup(CanonicalName.ofUser(asked));
        }
    }

    /** Works hard for whom it knows. */
    private static ScramLookup slowly(String name) {
        String user = CanonicalName.ofUser(name);
        return user.equals(ANN.user())
                ? ScramLookup.known(keys("a salt", ANN), Identity.of(ANN.user())) // from the password
                : lookup(user);
    }

    static Set<Map.Entry<String, ScramDirectory>> bugs() {
        Map<String, ScramDirectory> bugs = Map.ofEntries(
                Map.entry(
                        "required_user_hasTheKeysOfThePassword",
                        (name, client) -> CanonicalName.ofUser(name).equals(ANN.user())
                                ? ScramLookup.known(
                                        ScramKeys.of(KEYS.salt(), KEYS.iterations(), KEYS.serverKey(), new byte[32]),
                                        Identity.of(ANN.user()))
                                : lookup(CanonicalName.ofUser(name))),
                Map.entry(
                        "required_unknownUser_isDenied",
                        forUnknown(name -> name.startsWith("*")
                                ? ScramLookup.known(KEYS, Identity.of(ANN.user()))
                                : ScramLookup.unknown(KEYS))),
                Map.entry("required_unknownUser_looksLikeAKnownOne", forUnknown(name -> ScramLookup.unknown())),
                Map.entry(
                        "required_unknownUser_looksTheSameEachTime",
                        forUnknown(name -> ScramLookup.unknown(isUpperCase(name) ? BOBS_KEYS : KEYS))),
                Map.entry(
                        "optional_userWithoutKeys_looksLikeOneWithKeys",
                        forUnknown(name -> name.equals("carl") ? ScramLookup.unknown() : ScramLookup.unknown(KEYS))),
                Map.entry(
                        "required_case_makesNobodySomebodyElse",
                        (name, client) -> isUpperCase(name) && !isUnknown(name)
                                ? ScramLookup.known(KEYS, Identity.of("upper@own.test"))
                                : lookup(CanonicalName.ofUser(name))),
                Map.entry("optional_otherUser_isHimself", new Shared()),
                Map.entry(
                        "optional_disabledAccount_isToldToWhoHasThePassword",
                        (name, client) -> CanonicalName.ofUser(name).equals(DORA.user())
                                ? ScramLookup.unknown(KEYS)
                                : lookup(CanonicalName.ofUser(name))),
                Map.entry("required_keys_areNotShown", new ScramDirectory() {
                    @Override
                    public ScramLookup find(String username, ClientInfo client) {
                        return lookup(CanonicalName.ofUser(username));
                    }

                    @Override
                    public String toString() {
                        return "Directory[" + KEYS.text() + "]";
                    }
                }),
                Map.entry("required_unknownUser_takesAsLongAsAKnownOne", (name, client) -> slowly(name)));
        return bugs.entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, ScramDirectory> bug) {
        subject = bug.getValue();
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    static Set<Map.Entry<String, ScramDirectory>> faultsWhenCutOff() {
        Map<String, ScramDirectory> faults = Map.of(
                "optional_cutOff_isUnavailable",
                (name, client) -> ScramLookup.unknown(),
                "required_keys_areNotShown of an exception",
                (name, client) -> {
                    throw new IllegalStateException("no database; the last row was " + KEYS.text());
                });
        return faults.entrySet();
    }

    @ParameterizedTest
    @MethodSource("faultsWhenCutOff")
    void eachFaultOfOneThatIsCutOffFailsTheTestThatNamesIt(Map.Entry<String, ScramDirectory> fault) {
        subject = RIGHT;
        try {
            cutOff = fault.getValue();
            ContractRun.assertCatches(Subject.class, fault.getKey());
        } finally {
            cutOff = CUT_OFF;
        }
    }

    @Test
    void aRightDirectoryPassesAll() {
        subject = RIGHT;
        ContractRun.of(Subject.class)
                .assertPassedAndProved(Stream.concat(bugs().stream(), faultsWhenCutOff().stream())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toSet()));
    }

    /** Most have keys of another make than the two that are named, and so has who is unknown. */
    @Test
    void whoLooksLikeAThirdUser() {
        subject = forUnknown(name -> ScramLookup.unknown(DORAS_KEYS));
        assertThat(ContractRun.of(OfThreeShapes.class).failed()).isEmpty();
    }

    static class OfThreeShapes extends Subject {
        @Override
        protected List<String> usersOfOtherShapes() {
            return List.of(DORA.user());
        }
    }

    static class Subject extends ScramDirectoryContract {
        @Override
        protected ScramDirectory newDirectory() {
            return subject;
        }

        @Override
        protected Login rightLogin() {
            return ANN;
        }

        @Override
        protected Optional<Login> otherLogin() {
            return Optional.of(BOB);
        }

        @Override
        protected Optional<Login> disabledLogin() {
            return Optional.of(DORA);
        }

        @Override
        protected Optional<String> userWithoutKeys() {
            return Optional.of("carl");
        }

        @Override
        protected Optional<ScramDirectory> newCutOffDirectory() {
            return Optional.of(cutOff);
        }
    }
}
