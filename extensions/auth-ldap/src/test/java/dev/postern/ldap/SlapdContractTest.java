package dev.postern.ldap;

import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On OpenLDAP's server. */
@Needs(Tool.SLAPD)
class SlapdContractTest extends LdapContract {

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
    LdapAuthenticatorBuilder builder() {
        return LdapAuthenticator.builder(slapd.tlsUrl())
                .tls(slapd.trust())
                .users("ou=people,dc=example,dc=org", "uid", "mail")
                .searchAs(Slapd.SERVICE, LdapServer.SERVICE_PASSWORD);
    }

    @Override
    LdapAuthenticatorBuilder cutOff(LdapAuthenticatorBuilder nobodys) {
        return nobodys.users("dc=example,dc=org", "uid");
    }
}
