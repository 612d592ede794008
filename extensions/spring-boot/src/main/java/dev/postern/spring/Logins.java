package dev.postern.spring;

import dev.postern.settings.AuthSettings;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CertificateAuthenticator;
import dev.postern.spi.RelayClock;
import dev.postern.spi.ScramDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.ClassUtils;

/** Who checks how clients log in, as beans and properties say. */
final class Logins {

    private static final boolean HAS_JWT =
            ClassUtils.isPresent("dev.postern.jwt.TokenAuthenticator", Logins.class.getClassLoader());

    private final PosternProperties.Auth properties;
    private final BeanFactory beans;
    private final RelayClock clock;

    Logins(PosternProperties.Auth properties, BeanFactory beans, RelayClock clock) {
        this.properties = properties;
        this.beans = beans;
        this.clock = clock;
    }

    AuthSettings settings() {
        AuthSettings settings = properties.settings(Faults.none());
        Optional<Authenticator> passwords = passwords();
        settings = passwords.isPresent() ? settings.withPasswords(remembering(passwords.get())) : settings;
        Optional<Authenticator> tokens = tokens();
        settings = tokens.isPresent() ? settings.withTokens(tokens.get()) : settings;
        Optional<ScramDirectory> keys = keys();
        settings = keys.isPresent() ? settings.withScram(keys.get()) : settings;
        CertificateAuthenticator certificates =
                beans.getBeanProvider(CertificateAuthenticator.class).getIfAvailable();
        return certificates == null ? settings : settings.withCertificates(certificates);
    }

    private Optional<Authenticator> passwords() {
        ObjectProvider<Authenticator> all = beans.getBeanProvider(Authenticator.class);
        List<Authenticator> some =
                all.stream().filter(bean -> !takesTokens(bean)).toList();
        if (some.isEmpty() && !properties.users().isEmpty()) {
            return Optional.of(properties.authenticator(Faults.none()));
        }
        if (some.size() < 2) {
            return some.stream().findFirst();
        }
        Authenticator primary = all.getObject(); // or Spring says that there are several
        if (takesTokens(primary)) { // which no password may be shown to
            throw new NoUniqueBeanDefinitionException(
                    Authenticator.class, some.size(), "none of those for passwords is @Primary");
        }
        return Optional.of(primary);
    }

    private Authenticator remembering(Authenticator passwords) {
        Duration time = properties.cache();
        return time == null ? passwords : Authenticator.caching(passwords, time, clock);
    }

    private Optional<Authenticator> tokens() {
        @Nullable
        TokenAuthenticator own = beans.getBeanProvider(TokenAuthenticator.class).getIfAvailable();
        if (own != null) {
            return Optional.of(own::authenticate);
        }
        List<Authenticator> some = beans.getBeanProvider(Authenticator.class).stream()
                .filter(Logins::takesTokens)
                .toList();
        if (some.size() > 1) {
            throw new NoUniqueBeanDefinitionException(Authenticator.class, some.size(), "several check access tokens");
        }
        return some.stream().findFirst();
    }

    /** That of postern-auth-jwt is an Authenticator for tokens, which no password may be shown to. */
    private static boolean takesTokens(Authenticator bean) {
        return HAS_JWT && Jwt.is(bean);
    }

    private static final class Jwt {
        private static boolean is(Authenticator bean) {
            return bean instanceof dev.postern.jwt.TokenAuthenticator;
        }
    }

    /** What also checks passwords, as a file of users does, need not have the keys of each: it has to be asked for. */
    private Optional<ScramDirectory> keys() {
        Optional<ScramDirectory> directory =
                Optional.ofNullable(beans.getBeanProvider(ScramDirectory.class).getIfAvailable());
        Boolean wanted = properties.scram().enabled();
        return directory.filter(bean -> wanted == null ? !(bean instanceof Authenticator) : wanted);
    }
}
