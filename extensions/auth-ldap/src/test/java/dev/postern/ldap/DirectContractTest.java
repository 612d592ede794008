package dev.postern.ldap;

import dev.postern.tools.OnAnyJdk;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** By a bind alone. */
@OnAnyJdk
class DirectContractTest extends LdapContract {

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
        return LdapAuthenticator.builder(server.url()).plaintext().directBind("uid={user},ou=people,dc=example,dc=org");
    }

    @Override
    LdapAuthenticatorBuilder cutOff(LdapAuthenticatorBuilder nobodys) {
        return nobodys.directBind("uid={user},ou=people,dc=example,dc=org");
    }
}
