package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuthenticatorContractTest {

    private static final Authenticator RIGHT = new Plain();

    private static volatile Authenticator subject = RIGHT;
    private static volatile Authenticator cutOff = (credentials, client) -> AuthResult.unavailable("no directory");

    /** As plain as a right authenticator can be. Broken ones override a step. */
    private static class Plain implements Authenticator {
        private static final AuthResult WRONG_SECRET = AuthResult.denied();
        private static final AuthResult UNKNOWN_USER = AuthResult.denied();
        private final Map<String, String> passwords =
                Map.of("ann@a.test", "Anns-secret", "bob@b.test", "Bobs-secret", "dora@d.test", "Doras-secret");

        @Override
        public AuthResult authenticate(Credentials credentials, ClientInfo client) {
            String password = passwords.getOrDefault(credentials.username(), "");
            if (password.isEmpty() || !right(credentials, password)) {
                return wrong(credentials);
            }
            return credentials.username().startsWith("dora")
                    ? AuthResult.relayDisabled()
                    : AuthResult.authenticated(identity(credentials));
        }

        boolean right(Credentials credentials, String password) {
            return credentials.secretEquals(password);
        }

        AuthResult wrong(Credentials credentials) {
            return passwords.containsKey(credentials.username()) ? WRONG_SECRET : UNKNOWN_USER;
        }

        Identity identity(Credentials credentials) {
            return Identity.of(credentials.username());
        }
    }

    private static String text(Credentials credentials) {
        return new String(credentials.secret(), StandardCharsets.UTF_8);
    }

    static Map<String, Authenticator> bugs() {
        return Map.ofEntries(
                Map.entry(
                        "required_rightCredentials_areAuthenticated",
                        (credentials, client) -> credentials.mechanism().equals("LOGIN")
                                ? AuthResult.denied()
                                : RIGHT.authenticate(credentials, client)),
                Map.entry("required_rightCredentials_areTheSameIdentityEachTime", new Plain() {
                    private final AtomicInteger logins = new AtomicInteger();

                    @Override
                    Identity identity(Credentials credentials) {
                        return Identity.of(credentials.username() + logins.incrementAndGet());
                    }
                }),
                Map.entry("required_wrongSecret_isDenied", new Plain() {
                    @Override
                    boolean right(Credentials credentials, String password) {
                        return password.startsWith(text(credentials).strip());
                    }
                }),
                Map.entry("required_wrongSecret_thatIsNoTextIsDenied", new Plain() {
                    @Override
                    boolean right(Credentials credentials, String password) {
                        if (text(credentials).contains("\ufffd")) {
                            throw new IllegalArgumentException("no UTF-8");
                        }
                        return super.right(credentials, password);
                    }
                }),
                Map.entry(
                        "required_unknownUser_isDenied",
                        (credentials, client) -> credentials.username().contains("*")
                                ? AuthResult.authenticated(Identity.of("ann@a.test"))
                                : RIGHT.authenticate(credentials, client)),
                Map.entry("optional_otherUsersSecret_isDenied", new Plain() {
                    @Override
                    boolean right(Credentials credentials, String password) {
                        return super.right(credentials, password)
                                || text(credentials).equals("Bobs-secret");
                    }
                }),
                Map.entry("required_rightCredentials_areAuthenticatedAfterWrongOnes", new Plain() {
                    private final AtomicInteger failures = new AtomicInteger();

                    @Override
                    boolean right(Credentials credentials, String password) {
                        return super.right(credentials, password) && failures.get() < 10;
                    }

                    @Override
                    AuthResult wrong(Credentials credentials) {
                        failures.incrementAndGet();
                        return super.wrong(credentials);
                    }
                }),
                Map.entry("optional_disabledAccount_isToldForRightCredentialsOnly", new Plain() {
                    @Override
                    AuthResult wrong(Credentials credentials) {
                        return credentials.username().startsWith("dora")
                                ? AuthResult.relayDisabled()
                                : super.wrong(credentials);
                    }
                }),
                Map.entry("required_secret_isNotShown", new Plain() {
                    @Override
                    AuthResult wrong(Credentials credentials) {
                        return AuthResult.unavailable("no match for " + text(credentials));
                    }
                }),
                Map.entry("required_secret_isNotWipedByTheAuthenticator", new Plain() {
                    @Override
                    boolean right(Credentials credentials, String password) {
                        boolean right = super.right(credentials, password);
                        credentials.close();
                        return right;
                    }
                }),
                Map.entry("required_concurrency_eachLoginGetsItsOwnAnswer", new Plain() {
                    private final Gap gap = new Gap();
                    private volatile String given = "";

                    @Override
                    boolean right(Credentials credentials, String password) {
                        given = text(credentials);
                        gap.awaitOthers();
                        return given.equals(password);
                    }
                }));
    }

    static Set<Map.Entry<String, Authenticator>> bugEntries() {
        return bugs().entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugEntries")
    void eachFaultFailsTheTestThatNamesIt(Map.Entry<String, Authenticator> bug) {
        subject = bug.getValue();
        assertThat(ContractRun.of(Subject.class, bug.getKey()).failed()).containsExactly(bug.getKey());
    }

    @Test
    void whoDeniesWhatCannotBeCheckedIsCaught() {
        Authenticator before = cutOff;
        try {
            cutOff = (credentials, client) -> AuthResult.denied();
            assertThat(ContractRun.of(Subject.class, "optional_cutOff_isUnavailable")
                            .failed())
                    .hasSize(1);
        } finally {
            cutOff = before;
        }
    }

    @Test
    void aRightAuthenticatorPassesAll() {
        subject = RIGHT;
        ContractRun run = ContractRun.of(Subject.class);
        assertThat(run.failed()).isEmpty();
        assertThat(run.skipped()).containsExactly("untested_time_isTheSameForAnUnknownUser");
        Set<String> proved = new HashSet<>(bugs().keySet());
        proved.add("optional_cutOff_isUnavailable");
        assertThat(run.passed()).as("each test is proved by a fault").containsExactlyInAnyOrderElementsOf(proved);
    }

    static class Subject extends AuthenticatorContract {
        @Override
        protected Authenticator newAuthenticator() {
            return subject;
        }

        @Override
        protected Login rightLogin() {
            return new Login("ann@a.test", "Anns-secret");
        }

        @Override
        protected Optional<Login> otherLogin() {
            return Optional.of(new Login("bob@b.test", "Bobs-secret"));
        }

        @Override
        protected Optional<Login> disabledLogin() {
            return Optional.of(new Login("dora@d.test", "Doras-secret"));
        }

        @Override
        protected Optional<Authenticator> newCutOffAuthenticator() {
            return Optional.of(cutOff);
        }
    }
}
