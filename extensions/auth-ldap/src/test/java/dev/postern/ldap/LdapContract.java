package dev.postern.ldap;

import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import java.util.Optional;

/** What every authenticator has to pass, with the people of the tests. */
abstract class LdapContract extends AuthenticatorContract {

    /** How the directory under test is asked. */
    abstract LdapAuthenticatorBuilder builder();

    /** The same for one that nobody serves. */
    abstract LdapAuthenticatorBuilder cutOff(LdapAuthenticatorBuilder nobodys);

    @Override
    protected Authenticator newAuthenticator() {
        return builder().relayEnabled("employeeType").build();
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
        return Optional.of(
                cutOff(LdapAuthenticator.builder("ldap://127.0.0.1:1").plaintext())
                        .build());
    }
}
