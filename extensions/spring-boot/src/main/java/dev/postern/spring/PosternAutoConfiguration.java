package dev.postern.spring;

import dev.postern.micrometer.PosternMetrics;
import dev.postern.micrometer.SpoolMetrics;
import dev.postern.spi.Authenticator;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolSettings;
import dev.postern.spool.SpoolStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.Objects;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authentication.AuthenticationEventPublisher;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Configures a relay from {@code postern.*} properties and beans; switched off by {@code postern.enabled=false}. The
 * application's own beans should inject {@link PosternRelay}.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration",
            "org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration",
            // Boot 3.5
            "org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.metrics.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.observation.ObservationAutoConfiguration",
            // Boot 4
            "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration"
        })
@ConditionalOnBooleanProperty(name = "postern.enabled", matchIfMissing = true)
@EnableConfigurationProperties(PosternProperties.class)
public class PosternAutoConfiguration {

    PosternAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    PosternRelay posternRelay(
            PosternProperties properties,
            SslBundles bundles,
            ObjectProvider<LifecycleProperties> lifecycle,
            BeanFactory beans) {
        Duration shutdownPhase =
                lifecycle.getIfAvailable(LifecycleProperties::new).getTimeoutPerShutdownPhase();
        return new PosternRelay(new RelayFactory(properties, new SslContexts(bundles), beans), shutdownPhase);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({PosternMetrics.class, MeterRegistry.class})
    static class Meters {

        @Bean
        @ConditionalOnMissingBean
        PosternMetrics posternMetrics(
                PosternProperties properties,
                ObjectProvider<MeterRegistry> meters,
                ObjectProvider<ObservationRegistry> observations) {
            PosternMetrics metrics = PosternMetrics.bind(meters.getIfAvailable(CompositeMeterRegistry::new))
                    .withRelay(properties.metrics().relay())
                    .withObservations(observations.getIfAvailable(() -> ObservationRegistry.NOOP));
            return properties.metrics().continueTraces() ? metrics.continuingTraces() : metrics;
        }
    }

    /** Applies if postern-spool is present, and the application sets where it keeps messages. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Spool.class)
    static class Spooling {

        @Bean
        @ConditionalOnProperty("postern.spool.directory")
        @ConditionalOnMissingBean
        SpoolStore posternSpoolStore(PosternProperties properties) {
            return SpoolStore.directory(
                    Objects.requireNonNull(properties.spool().directory(), "directory"));
        }

        @Bean
        @ConditionalOnBean(SpoolStore.class)
        @ConditionalOnMissingBean
        PosternSpool posternSpool(
                PosternProperties properties,
                SpoolStore store,
                ObjectProvider<SpoolSettings> settings,
                ObjectProvider<SpoolWatcher> watchers) {
            return new PosternSpool(
                    store,
                    settings.getIfAvailable(() -> SpoolOptions.settings(properties, Faults.none())),
                    spool -> watchers.forEach(watcher -> watcher.started(spool)));
        }

        @Bean
        @ConditionalOnBean(PosternSpool.class)
        SpoolInFront posternSpoolInFront(PosternSpool spool) {
            return new SpoolInFront() {
                @Override
                public UpstreamDelivery before(UpstreamDelivery next, Context context) {
                    return spool.before(next, context);
                }

                @Override
                public EnvelopePolicy capacity() {
                    return spool.capacity();
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({SpoolMetrics.class, Spool.class, MeterRegistry.class})
    static class SpoolMeters {

        @Bean
        SpoolWatcher posternSpoolMeters(PosternProperties properties, ObjectProvider<MeterRegistry> registries) {
            String relay = properties.metrics().relay();
            return spool -> registries.ifAvailable(registry -> {
                registry.getMeters().stream() // of a spool that is closed
                        .filter(meter -> meter.getId().getName().startsWith("postern.spool."))
                        .filter(meter -> relay.equals(meter.getId().getTag("relay")))
                        .forEach(registry::remove);
                SpoolMetrics.of(spool).withRelay(relay).bindTo(registry);
            });
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(AuthenticationManager.class)
    @ConditionalOnBooleanProperty(name = "postern.auth.spring-security.enabled")
    static class SpringSecurity {

        @Bean
        @ConditionalOnMissingBean(value = Authenticator.class, ignoredType = "dev.postern.jwt.TokenAuthenticator")
        SpringSecurityAuthenticator springSecurityAuthenticator(
                PosternProperties properties,
                ObjectProvider<AuthenticationManager> managers,
                ObjectProvider<UserDetailsService> users,
                ObjectProvider<PasswordEncoder> encoders,
                ObjectProvider<AuthenticationEventPublisher> publishers) {
            AuthenticationManager manager = managers.getIfAvailable(
                    () -> SpringSecurityAuthenticator.manager(users.getObject(), encoders, publishers));
            SpringSecurityAuthenticator authenticator = SpringSecurityAuthenticator.of(manager);
            String authority = properties.auth().springSecurity().authority();
            return authority == null ? authenticator : authenticator.withAuthority(authority);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
    static class Actuator {

        @Bean
        @ConditionalOnAvailableEndpoint
        PosternEndpoint posternEndpoint(PosternRelay relay) {
            return new PosternEndpoint(relay);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = "org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator")
    static class Health3 {

        @Bean
        @org.springframework.boot.actuate.autoconfigure.health.ConditionalOnEnabledHealthIndicator("postern")
        @ConditionalOnMissingBean(name = "posternHealthIndicator")
        org.springframework.boot.actuate.health.HealthIndicator posternHealthIndicator(PosternRelay relay) {
            return new Boot3Health(relay);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = "org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator")
    static class Health4 {

        @Bean
        @org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator("postern")
        @ConditionalOnMissingBean(name = "posternHealthIndicator")
        org.springframework.boot.health.contributor.HealthIndicator posternHealthIndicator(PosternRelay relay) {
            return new Boot4Health(relay);
        }
    }
}
