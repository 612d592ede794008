package dev.postern.ldap;

import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What every authenticator has to pass, on OpenLDAP's server. */
@Needs(Tool.SLAPD)
class SlapdContractTest extends AuthenticatorContract {

    @TempDir
    private static Path folder;

    private static Slapd slapd;

    @BeforeAll
    static void start() throws Exception {
        slapd = Slapd.start(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        slapd.close();
    }

    @Override
    protected Authenticator newAuthenticator() {
        return LdapAuthenticator.builder(slapd.tlsUrl())
                .tls(slapd.trust())
                .users("ou=people,dc=example,dc=org", "uid", "mail")
                .searchAs(Slapd.SERVICE, LdapServer.SERVICE_PASSWORD)
                .relayEnabled("employeeType")
                .build();
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
}
