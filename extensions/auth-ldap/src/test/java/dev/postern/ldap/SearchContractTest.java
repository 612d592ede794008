package dev.postern.ldap;

import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What every authenticator has to pass, by search and bind. */
class SearchContractTest extends AuthenticatorContract {

    private static LdapServer server;

    @BeforeAll
    static void start() throws Exception {
        server = LdapServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected Authenticator newAuthenticator() {
        return server.builder().relayEnabled("employeeType").build();
    }

    @Override
    protected Login rightLogin() {
        return new Login("ann@example.org", People.ANN);
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
        return Optional.of(LdapAuthenticator.builder("ldap://127.0.0.1:1")
                .plaintext()
                .users("dc=example,dc=org", "uid")
                .build());
    }
}
