package dev.postern.ldap;

import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** By search and bind. */
@OnAnyJdk
class SearchContractTest extends LdapContract {

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
    LdapAuthenticatorBuilder builder() {
        return server.builder();
    }

    @Override
    LdapAuthenticatorBuilder cutOff(LdapAuthenticatorBuilder nobodys) {
        return nobodys.users("dc=example,dc=org", "uid");
    }
}
