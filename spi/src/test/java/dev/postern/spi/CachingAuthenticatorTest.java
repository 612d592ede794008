package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.postern.spi.SessionRegistry.Scope;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CachingAuthenticatorTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final MovedClock clock = new MovedClock(0);
    private final List<String> asked = new ArrayList<>();
    private Supplier<AuthResult> answer =
            () -> AuthResult.authenticated(Identity.of("ann").withAccount("acme"));
    private final Authenticator directory = (credentials, client) -> {
        asked.add(credentials.username());
        return answer.get();
    };
    private final Authenticator caching = Authenticator.caching(directory, MINUTE, clock);

    private AuthResult login(String mechanism, String user, String secret, String address) {
        ClientInfo client =
                ClientInfo.of("s1", new InetSocketAddress(address, 4711), new InetSocketAddress("192.0.2.2", 587));
        try (Credentials credentials = new Credentials(mechanism, user, secret.getBytes(StandardCharsets.UTF_8))) {
            return caching.authenticate(credentials, client);
        }
    }

    private AuthResult login() {
        return login("PLAIN", "ann", "secret", "192.0.2.1");
    }

    @Test
    void asksOnceForWhatWasRightLately() {
        AuthResult first = login();
        assertThat(login()).isEqualTo(first);
        clock.advance(MINUTE.minusNanos(1));
        assertThat(login()).isEqualTo(first);
        assertThat(asked).hasSize(1);
        clock.advance(Duration.ofNanos(1));
        assertThat(login()).isEqualTo(first);
        assertThat(asked).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN, ann, secreT, 192.0.2.1",
        "PLAIN, Ann, secret, 192.0.2.1",
        "PLAIN, anns, ecret, 192.0.2.1",
        "PLAIN, ann, secret, 192.0.2.3",
        "LOGIN, ann, secret, 192.0.2.1",
    })
    void whatDiffersIsAskedFor(String mechanism, String user, String secret, String address) {
        login();
        answer = AuthResult::denied;
        assertThat(login(mechanism, user, secret, address)).isEqualTo(AuthResult.denied());
        assertThat(asked).hasSize(2);
        assertThat(login()).as("still right").isInstanceOf(AuthResult.Authenticated.class);
    }

    @Test
    void remembersNothingButWhatIsRight() {
        for (AuthResult other :
                List.of(AuthResult.denied(), AuthResult.relayDisabled(), AuthResult.unavailable("away"))) {
            answer = () -> other;
            asked.clear();
            assertThat(login()).isEqualTo(other);
            assertThat(login()).isEqualTo(other);
            assertThat(asked).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"USER, ann, 2", "ACCOUNT, acme, 2", "USER, acme, 1", "ACCOUNT, ann, 1", "ADDRESS, ann, 1"})
    void forgetsWhoIsRevoked(Scope scope, String name, int times) {
        login();
        caching.revoked(scope, name);
        login();
        assertThat(asked).hasSize(times);
    }

    @Test
    void anAnswerThatIsOlderThanARevocationIsNotRemembered() {
        answer = () -> {
            caching.revoked(Scope.USER, "ann");
            return AuthResult.authenticated(Identity.of("ann"));
        };
        login();
        login();
        assertThat(asked).hasSize(2);
    }

    @Test
    void tellsTheOtherOfRevocations() {
        List<String> told = new ArrayList<>();
        Authenticator other = new Authenticator() {
            @Override
            public AuthResult authenticate(Credentials credentials, ClientInfo client) {
                return AuthResult.denied();
            }

            @Override
            public void revoked(Scope scope, String name) {
                told.add(scope + " " + name);
            }
        };
        Authenticator.caching(other, MINUTE).revoked(Scope.ACCOUNT, "acme");
        assertThat(told).containsExactly("ACCOUNT acme");
    }

    @Test
    void remembersABoundedNumber() {
        login();
        for (int i = 0; i < 10_000; i++) {
            login("PLAIN", "user" + i, "secret", "192.0.2.1");
        }
        asked.clear();
        login("PLAIN", "user9999", "secret", "192.0.2.1");
        assertThat(asked).isEmpty();
        login();
        assertThat(asked).containsExactly("ann");
    }

    @Test
    void showsNothing() {
        login();
        assertThat(caching.toString()).startsWith("CachingAuthenticator[").doesNotContain("ann", "secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT15M0.000000001S"})
    void refusesATimeOutOfItsBounds(Duration time) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Authenticator.caching(directory, time))
                .withMessageStartingWith("time must be positive");
    }
}
