package dev.postern.ldap;

import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What every authenticator has to pass, by a bind alone. */
class DirectContractTest extends AuthenticatorContract {

    private static LdapServer server;

    @BeforeAll
    static void start() throws Exception {
        server = LdapServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static LdapAuthenticatorBuilder at(String url) {
        return LdapAuthenticator.builder(url)
                .plaintext()
                .directBind("uid={user},ou=people,dc=example,dc=org")
                .relayEnabled("employeeType");
    }

    @Override
    protected Authenticator newAuthenticator() {
        return at(server.url()).build();
    }

    @Override
    protected Login rightLogin() {
        return new Login("ann", People.ANN);
    }

    @Override
    protected Optional<Login> otherLogin() {
        return Optional.of(new Login("bob", People.BOB));
    }

    @Override
    protected Optional<Login> disabledLogin() {
        return Optional.of(new Login("carl", People.CARL));
    }

    @Override
    protected Optional<Authenticator> newCutOffAuthenticator() {
        return Optional.of(at("ldap://127.0.0.1:1").build());
    }
}
