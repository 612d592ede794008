package dev.postern.spring;

import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.authentication.AuthenticationEventPublisher;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Lets Spring Security check names and passwords. {@code postern.auth.spring-security.enabled=true} creates one from
 * the application's {@link AuthenticationManager} or {@link UserDetailsService}; the application can define its own
 * bean to set more. Immutable, and thread-safe if its functions are.
 */
public final class SpringSecurityAuthenticator implements Authenticator {

    private final AuthenticationManager manager;
    private final Function<Authentication, Identity> identities;
    private final @Nullable String authority;

    private SpringSecurityAuthenticator(
            AuthenticationManager manager, Function<Authentication, Identity> identities, @Nullable String authority) {
        this.manager = manager;
        this.identities = identities;
        this.authority = authority;
    }

    /**
     * Lets everyone send whose name and password a manager accepts. A user's identity is {@link Identity#of} the
     * authentication's name.
     *
     * @param manager asked at each login. An {@link AuthenticationServiceException} means that the login cannot be
     *     checked now, any other {@link AuthenticationException} that it is denied
     * @return the authenticator
     */
    public static SpringSecurityAuthenticator of(AuthenticationManager manager) {
        Objects.requireNonNull(manager, "manager");
        return new SpringSecurityAuthenticator(manager, user -> Identity.of(user.getName()), null);
    }

    /**
     * Sets a user's identity: account, domains and limits.
     *
     * @param newIdentities called at each login, after the password was checked
     * @return a copy
     */
    public SpringSecurityAuthenticator withIdentity(Function<Authentication, Identity> newIdentities) {
        return new SpringSecurityAuthenticator(manager, Objects.requireNonNull(newIdentities, "identities"), authority);
    }

    /**
     * Lets only users with an authority send. Others with the right password get {@link
     * dev.postern.spi.StandardReply#AUTH_RELAY_DISABLED}.
     *
     * @param newAuthority as returned by {@link org.springframework.security.core.GrantedAuthority#getAuthority}, for
     *     instance {@code ROLE_MAIL}
     * @return a copy
     * @throws IllegalArgumentException when it is blank
     */
    public SpringSecurityAuthenticator withAuthority(String newAuthority) {
        if (newAuthority.isBlank()) {
            throw new IllegalArgumentException("authority must not be blank");
        }
        return new SpringSecurityAuthenticator(manager, identities, newAuthority);
    }

    /** {@return a manager that gets users from a service, like Spring Security's own} */
    static AuthenticationManager manager(
            UserDetailsService users,
            ObjectProvider<PasswordEncoder> encoders,
            ObjectProvider<AuthenticationEventPublisher> publishers) {
        DaoAuthenticationProvider provider = new DaoAuthenticationProvider(users);
        encoders.ifAvailable(provider::setPasswordEncoder);
        ProviderManager manager = new ProviderManager(List.of(provider));
        publishers.ifAvailable(manager::setAuthenticationEventPublisher);
        return manager;
    }

    @Override
    public AuthResult authenticate(Credentials credentials, ClientInfo client) {
        Optional<String> password = password(credentials);
        if (password.isEmpty()) {
            return AuthResult.denied(); // no one has a password that is no text
        }
        Authentication found;
        try {
            found = manager.authenticate(
                    UsernamePasswordAuthenticationToken.unauthenticated(credentials.username(), password.get()));
        } catch (AuthenticationServiceException e) {
            return AuthResult.unavailable("Spring Security: " + e.getMessage());
        } catch (AuthenticationException e) {
            return AuthResult.denied();
        }
        if (found == null || !found.isAuthenticated()) {
            return AuthResult.denied();
        }
        return mayRelay(found) ? AuthResult.authenticated(identities.apply(found)) : AuthResult.relayDisabled();
    }

    private static Optional<String> password(Credentials credentials) {
        byte[] secret = credentials.secret();
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(secret))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private boolean mayRelay(Authentication found) {
        return authority == null
                || found.getAuthorities().stream().anyMatch(granted -> authority.equals(granted.getAuthority()));
    }

    /** Returns the required authority. */
    @Override
    public String toString() {
        return "SpringSecurityAuthenticator[authority=" + authority + "]";
    }
}
