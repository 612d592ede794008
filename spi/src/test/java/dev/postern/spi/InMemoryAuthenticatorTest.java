package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InMemoryAuthenticatorTest {

    private static final InetSocketAddress ANYWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    private static final ClientInfo CLIENT = ClientInfo.of("s-1", ANYWHERE, ANYWHERE);

    private final Authenticator authenticator = Authenticator.inMemory()
            .user("alice@example.org", "wonderland")
            .user(Identity.of("dora").withAccount("dead"), "p\u00e4ssword")
            .relayDisabled("dead")
            .build();

    @ParameterizedTest
    @CsvSource({
        "alice@example.org, wonderlanD",
        "alice@example.org, wonderland2",
        "alice@example.org, wonder",
        "alice@example.org, ''",
        "Alice@example.org, Wonderland",
        "alice, wonderland",
        "nobody, wonderland",
        "'', ''",
        "dora, wrong",
    })
    void deniesWrongSecretsAndUnknownUsersAlike(String user, String password) {
        assertThat(authenticate(user, password)).isEqualTo(AuthResult.denied());
    }

    @Test
    void givesTheUsersIdentityHoweverTheNameIsTyped() {
        for (String typed : new String[] {"alice@example.org", "Alice@EXAMPLE.org"}) {
            assertThat(authenticate(typed, "wonderland"))
                    .isEqualTo(AuthResult.authenticated(Identity.of("alice@example.org")));
        }
    }

    @Test
    void saysOfADisabledAccountSoOnlyForRightCredentials() {
        assertThat(authenticate("dora", "p\u00e4ssword")).isEqualTo(AuthResult.relayDisabled());
        assertThat(authenticate("dora", "password")).isEqualTo(AuthResult.denied());
    }

    @Test
    void refusesUsersTwiceAndEmptyPasswords() {
        InMemoryAuthenticator.Builder builder = Authenticator.inMemory().user("alice", "wonderland");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.user("alice", "other"))
                .withMessageContaining("alice")
                .withMessageNotContaining("other");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.user("bob", ""))
                .withMessageContaining("password");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.user("", "x"));
    }

    @Test
    void anAuthenticatorDoesNotGrowWithItsBuilder() {
        InMemoryAuthenticator.Builder builder = Authenticator.inMemory().user("alice", "wonderland");
        Authenticator before = builder.build();
        builder.user("bob", "builder");
        assertThat(before.authenticate(credentials("bob", "builder"), CLIENT)).isEqualTo(AuthResult.denied());
    }

    @Test
    void isMadeOfAMap() {
        assertThat(Authenticator.of(Map.of("bob", "builder")).authenticate(credentials("bob", "builder"), CLIENT))
                .isEqualTo(AuthResult.authenticated(Identity.of("bob")));
    }

    private AuthResult authenticate(String user, String password) {
        return authenticator.authenticate(credentials(user, password), CLIENT);
    }

    private static Credentials credentials(String user, String password) {
        return new Credentials("PLAIN", user, password.getBytes(StandardCharsets.UTF_8));
    }
}
