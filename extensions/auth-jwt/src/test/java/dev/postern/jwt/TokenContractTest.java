package dev.postern.jwt;

import static dev.postern.jwt.Issuer.claims;
import static dev.postern.jwt.Issuer.sign;

import com.nimbusds.jose.jwk.ECKey;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.tck.AuthenticatorContract;
import dev.postern.tools.OnAnyJdk;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What every authenticator has to pass; tokens are its secrets. */
@OnAnyJdk
class TokenContractTest extends AuthenticatorContract {

    private static final ECKey KEY = Issuer.key("k1");
    private static final Login ANN = new Login("ann@example.org", sign(KEY, claims()));
    private static final Login BOB = new Login("bob@example.org", sign(KEY, claims().subject("bob@example.org")));
    private static final Login CARL = new Login(
            "carl@example.org", sign(KEY, claims().subject("carl@example.org").claim("scope", "x")));

    private static Issuer issuer;

    @BeforeAll
    static void start() throws Exception {
        issuer = new Issuer(0);
        issuer.publish(KEY);
    }

    @AfterAll
    static void stop() {
        issuer.close();
    }

    @Override
    protected Authenticator newAuthenticator() {
        Authenticator tokens = TokenAuthenticator.ofKeys(Issuer.NAME, issuer.uri())
                .plaintext()
                .audience("relay")
                .relayScope("mail.send")
                .clock(new TestClock(Issuer.NOW))
                .build();
        // with a token, a client may leave out its name; the contract knows passwords, with which it may not
        return (credentials, client) ->
                credentials.username().isEmpty() ? AuthResult.denied() : tokens.authenticate(credentials, client);
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
        return Optional.of(CARL);
    }

    /** One that takes tokens of any kind: what is no JWT at all needs no keys to be denied. */
    @Override
    protected Optional<Authenticator> newCutOffAuthenticator() {
        return Optional.of(TokenAuthenticator.ofIntrospection("http://127.0.0.1:1/introspect", "relay", "secret")
                .plaintext()
                .audience("relay")
                .build());
    }
}
