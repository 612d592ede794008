package dev.postern.testkit.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.SessionRegistry;
import dev.postern.tools.ContractRun;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
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

    /** Works as hard as one that keeps hashes of passwords. */
    private static class Hashing extends Plain {
        boolean hashes(Credentials credentials) {
            return !credentials.username().isEmpty();
        }

        @Override
        public AuthResult authenticate(Credentials credentials, ClientInfo client) {
            if (hashes(credentials)) {
                PBEKeySpec key = new PBEKeySpec(text(credentials).toCharArray(), new byte[16], 500, 256);
                try {
                    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(key);
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException(e);
                }
            }
            return super.authenticate(credentials, client);
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
                Map.entry("required_rightCredentials_letInNobodyElse remembers users", new Plain() {
                    private final Set<String> in = ConcurrentHashMap.newKeySet();

                    @Override
                    boolean right(Credentials credentials, String password) {
                        boolean right = super.right(credentials, password) || in.contains(credentials.username());
                        if (right) {
                            in.add(credentials.username());
                        }
                        return right;
                    }
                }),
                Map.entry("required_rightCredentials_letInNobodyElse remembers secrets", new Plain() {
                    private final Map<String, AuthResult> in = new ConcurrentHashMap<>();

                    @Override
                    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
                        AuthResult known = in.get(text(credentials));
                        AuthResult result = known == null ? super.authenticate(credentials, client) : known;
                        if (result instanceof AuthResult.Authenticated) {
                            in.put(text(credentials), result);
                        }
                        return result;
                    }
                }),
                Map.entry("optional_otherUser_isHimself but the first one stays", new Plain() {
                    private final Map<String, Identity> first = new ConcurrentHashMap<>();

                    @Override
                    Identity identity(Credentials credentials) {
                        return first.computeIfAbsent("first", any -> super.identity(credentials));
                    }
                }),
                Map.entry("optional_otherUser_isHimself but not among many", new Plain() {
                    private final Gap gap = new Gap();
                    private volatile Identity last = Identity.of("nobody");

                    @Override
                    Identity identity(Credentials credentials) {
                        last = super.identity(credentials);
                        gap.awaitOthers();
                        return last;
                    }
                }),
                Map.entry("required_case_makesNobodySomebodyElse", new Plain() {
                    @Override
                    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
                        String user = credentials.username().toLowerCase(Locale.ROOT);
                        AuthResult result =
                                super.authenticate(new Credentials("PLAIN", user, credentials.secret()), client);
                        return result instanceof AuthResult.Authenticated && !user.equals(credentials.username())
                                ? AuthResult.authenticated(Identity.of("other-" + user))
                                : result;
                    }
                }),
                Map.entry("required_unknownUser_takesAsLongAsAWrongSecret is faster", new Hashing() {
                    @Override
                    boolean hashes(Credentials credentials) {
                        return credentials.username().equals("ann@a.test");
                    }
                }),
                Map.entry("required_unknownUser_takesAsLongAsAWrongSecret is slower", new Hashing() {
                    @Override
                    boolean hashes(Credentials credentials) {
                        return !credentials.username().equals("ann@a.test");
                    }
                }),
                Map.entry("required_interrupt_breaksNoLaterCall", new Plain() {
                    private volatile boolean cut;

                    @Override
                    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
                        cut |= Thread.currentThread().isInterrupted();
                        return cut
                                ? AuthResult.unavailable("connection lost")
                                : super.authenticate(credentials, client);
                    }
                }),
                Map.entry("required_revoked_rightCredentialsAreRightAsBefore", new Plain() {
                    private final Set<String> revoked = ConcurrentHashMap.newKeySet();

                    @Override
                    public void revoked(SessionRegistry.Scope scope, String name) {
                        revoked.add(name);
                    }

                    @Override
                    boolean right(Credentials credentials, String password) {
                        return super.right(credentials, password) && !revoked.contains(credentials.username());
                    }
                }),
                Map.entry("required_secret_isNotShown in base64", new Plain() {
                    @Override
                    AuthResult wrong(Credentials credentials) {
                        return AuthResult.unavailable(
                                "no match for " + Base64.getEncoder().encodeToString(credentials.secret()));
                    }
                }),
                Map.entry("required_secret_isNotShown in what has caused an exception", new Plain() {
                    @Override
                    AuthResult wrong(Credentials credentials) {
                        throw new IllegalStateException(
                                "no match", new IllegalArgumentException("bind with " + text(credentials)));
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
        ContractRun.assertCatches(Subject.class, bug.getKey());
    }

    static Map<String, Authenticator> bugsOfCutOff() {
        return Map.of(
                "optional_cutOff_isUnavailable", (credentials, client) -> AuthResult.denied(),
                "optional_cutOff_doesNotShowTheSecret",
                        (credentials, client) -> AuthResult.unavailable(
                                "no directory for " + credentials.username() + "/" + text(credentials)));
    }

    static Set<Map.Entry<String, Authenticator>> bugsOfCutOffEntries() {
        return bugsOfCutOff().entrySet();
    }

    @ParameterizedTest
    @MethodSource("bugsOfCutOffEntries")
    void eachFaultOfOneThatIsCutOffFailsTheTestThatNamesIt(Map.Entry<String, Authenticator> bug) {
        Authenticator before = cutOff;
        try {
            cutOff = bug.getValue();
            ContractRun.assertCatches(Subject.class, bug.getKey());
        } finally {
            cutOff = before;
        }
    }

    @Test
    void aRightAuthenticatorPassesAll() {
        subject = RIGHT;
        List<String> faults = new ArrayList<>(bugs().keySet());
        faults.addAll(bugsOfCutOff().keySet());
        ContractRun.of(Subject.class).assertPassedAndProved(faults);
    }

    /** Work that is the same for all is no difference, whatever the machine does meanwhile. */
    @Test
    void whoWorksTheSameForAllTakesAsLong() {
        subject = new Hashing();
        ContractRun run = ContractRun.of(Subject.class, "required_unknownUser_takesAsLongAsAWrongSecret");
        assertThat(run.passed()).hasSize(1);
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
