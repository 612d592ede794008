package dev.postern.spring;

import dev.postern.spi.Authenticator;
import dev.postern.testkit.tck.AuthenticatorContract;
import dev.postern.tools.OnAnyJdk;
import java.util.Optional;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/** Spring Security, asked as the auto-configuration asks it. */
@OnAnyJdk
class SpringSecurityAuthenticatorContractTest extends AuthenticatorContract {

    private static final String MAIL = "ROLE_MAIL";
    private static final BCryptPasswordEncoder ENCODER = new BCryptPasswordEncoder(4);
    private static final Login ANN = new Login("ann@example.org", "correct horse");
    private static final Login BOB = new Login("bob@example.net", "battery staple");
    private static final Login CARL = new Login("carl@example.com", "no mail for me");

    private static Authenticator of(UserDetailsService users) {
        DaoAuthenticationProvider provider = new DaoAuthenticationProvider(users);
        provider.setPasswordEncoder(ENCODER);
        return SpringSecurityAuthenticator.of(new ProviderManager(provider)).withAuthority(MAIL);
    }

    private static UserDetails user(Login login, String... authorities) {
        return User.withUsername(login.user())
                .password(ENCODER.encode(login.password()))
                .authorities(authorities)
                .build();
    }

    @Override
    protected Authenticator newAuthenticator() {
        return of(
                new InMemoryUserDetailsManager(user(ANN, MAIL), user(BOB, "ROLE_USER", MAIL), user(CARL, "ROLE_USER")));
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

    @Override
    protected Optional<Authenticator> newCutOffAuthenticator() {
        return Optional.of(of(name -> {
            throw new IllegalStateException("the directory does not answer");
        }));
    }
}
