package com.example.shop.tests;

import com.example.shop.Staff;
import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import java.util.Map;
import java.util.Optional;

/** The shop's plug-in keeps the contract. */
class StaffTest extends AuthenticatorContract {

    @Override
    protected Authenticator newAuthenticator() {
        return new Staff(Map.of("ann@shop.example", "Anns-secret", "ben@shop.example", "Bens-secret"));
    }

    @Override
    protected Login rightLogin() {
        return new Login("ann@shop.example", "Anns-secret");
    }

    @Override
    protected Optional<Login> otherLogin() {
        return Optional.of(new Login("ben@shop.example", "Bens-secret"));
    }
}
