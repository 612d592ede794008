package dev.postern.tck;

import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.testkit.tck.AuthenticatorContract;
import dev.postern.tools.OnAnyJdk;
import java.util.Optional;

@OnAnyJdk
class InMemoryAuthenticatorTckTest extends AuthenticatorContract {

    @Override
    protected Authenticator newAuthenticator() {
        return Authenticator.inMemory()
                .user(Identity.of("alice@client.test").withAccount("acme"), "Alices-secret")
                .user(Identity.of("bert@beta.test").withAccount("beta"), "Berts-secret")
                .user(Identity.of("dora@dead.test").withAccount("dead"), "Doras-secret")
                .relayDisabled("dead")
                .build();
    }

    @Override
    protected Login rightLogin() {
        return new Login("alice@client.test", "Alices-secret");
    }

    @Override
    protected Optional<Login> otherLogin() {
        return Optional.of(new Login("bert@beta.test", "Berts-secret"));
    }

    @Override
    protected Optional<Login> disabledLogin() {
        return Optional.of(new Login("dora@dead.test", "Doras-secret"));
    }
}
