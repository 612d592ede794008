package dev.postern.jwt;

import static dev.postern.jwt.SignedTokensTest.identity;
import static dev.postern.jwt.SignedTokensTest.login;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.testkit.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens that the issuer is asked about (RFC 7662). */
class IntrospectedTokensTest {

    private static final String ACTIVE = "'active':true,'username':'ann@example.org','aud':'relay','scope':'mail.send'";

    private Issuer issuer;

    @BeforeEach
    void start() throws Exception {
        issuer = new Issuer(0);
    }

    @AfterEach
    void stop() {
        issuer.close();
    }

    private TokenAuthenticatorBuilder builder() {
        return TokenAuthenticator.ofIntrospection(issuer.uri(), "relay:1", "s&cret %")
                .plaintext()
                .audience("relay")
                .scopes("mail.send")
                .user("username")
                .clock(new TestClock(Issuer.NOW));
    }

    private void answers(String members) {
        issuer.answer = "{" + members.replace('\'', '"') + "}";
    }

    @Test
    void asksAsRfc7662Says() {
        answers(ACTIVE);
        String token = "a token&client_id=x#%\u00fc";
        assertThat(identity(login(builder().build(), "ANN@example.org", token)).user())
                .isEqualTo("ann@example.org");
        String basic = Base64.getEncoder()
                .encodeToString("relay%3A1:s%26cret+%25".getBytes(StandardCharsets.US_ASCII)); // RFC 6749 section 2.3.1
        assertThat(issuer.requests)
                .singleElement()
                .asString()
                .startsWith("Basic " + basic + " token=a+token%26client_id%3Dx%23%25");
        assertThat(issuer.requests.get(0)).endsWith("&token_type_hint=access_token");
    }

    @Test
    void whatLacksAScopeIsToldSo() {
        answers("'active':true,'username':'ann@example.org','aud':'relay'");
        assertThat(login(builder().build(), "", "token")).isEqualTo(AuthResult.insufficientScope());
        assertThat(login(builder().build(), "bob@example.org", "token")).isEqualTo(AuthResult.denied());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'active':false",
                "'active':false,'username':'ann@example.org','aud':'relay','scope':'mail.send'",
                "'active':true",
                "'active':true,'username':'ann@example.org','scope':'mail.send'",
                "'active':true,'username':'ann@example.org','aud':['other'],'scope':'mail.send'",
                "'active':true,'aud':'relay','scope':'mail.send'",
                ACTIVE + ",'exp':1000000000",
                ACTIVE + ",'nbf':4000000000",
            })
    void whatIsNotActiveOrNotForTheRelayIsDenied(String answer) {
        answers(answer);
        assertThat(login(builder().build(), "", "token")).isEqualTo(AuthResult.denied());
        answers(ACTIVE + ",'exp':4000000000,'aud':['other','relay']".replace("'aud'", "'x'"));
        identity(login(builder().build(), "", "token"));
    }

    @Test
    void whoSaysThatHeIsSomebodyElseIsDenied() {
        answers(ACTIVE);
        assertThat(login(builder().build(), "bob@example.org", "token")).isEqualTo(AuthResult.denied());
        assertThat(login(builder().issuer(Issuer.NAME).build(), "", "token")).isEqualTo(AuthResult.denied());
        assertThat(login(builder().relayScope("relay").build(), "", "token")).isEqualTo(AuthResult.relayDisabled());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "401, {}",
                "302, {}",
                "500, {}",
                "200, no JSON",
                "200, []",
                "200, {}",
                "200, `{'active':'true','username':'ann@example.org','aud':'relay','scope':'mail.send'}`",
                "200, `{'active':1,'username':'ann@example.org','aud':'relay','scope':'mail.send'}`",
                "200, `{'active':true,'exp':'soon'}`",
            })
    void whatIsNoAnswerDeniesNobody(int status, String answer) {
        issuer.status = status;
        issuer.answer = answer.replace('\'', '"');
        Authenticator tokens = builder().build();
        assertThat(login(tokens, "", "t0k3n"))
                .isInstanceOfSatisfying(
                        AuthResult.Unavailable.class,
                        result -> assertThat(result.reason())
                                .contains(issuer.uri())
                                .doesNotContain("t0k3n", "cret"));
        issuer.status = 200;
        answers(ACTIVE);
        identity(login(tokens, "", "t0k3n"));
    }

    @Test
    void anIssuerThatIsAwayOrSilentDeniesNobody() {
        CountDownLatch gate = new CountDownLatch(1);
        issuer.gate = gate;
        Authenticator tokens = builder().timeout(Duration.ofMillis(100)).build();
        assertThat(login(tokens, "", "t0k3n")).isInstanceOf(AuthResult.Unavailable.class);
        gate.countDown();
        issuer.close();
        assertThat(login(tokens, "", "t0k3n")).isInstanceOf(AuthResult.Unavailable.class);
    }

    @Test
    void anEmptyOrEndlessTokenIsNotAskedAbout() {
        assertThat(login(builder().build(), "", "")).isEqualTo(AuthResult.denied());
        assertThat(login(builder().build(), "", "x".repeat(16_385))).isEqualTo(AuthResult.denied());
        assertThat(issuer.requests).isEmpty();
    }

    @Test
    void whatIsMissingFails() {
        assertThatThrownBy(() -> TokenAuthenticator.ofIntrospection("x", "a", "b"))
                .hasMessageContaining("introspectionUri");
        assertThatThrownBy(() -> TokenAuthenticator.ofIntrospection("https://a", "", "b"))
                .hasMessageContaining("clientId");
        assertThatThrownBy(() -> TokenAuthenticator.ofIntrospection("https://a", "a", ""))
                .hasMessageContaining("clientSecret");
    }
}
