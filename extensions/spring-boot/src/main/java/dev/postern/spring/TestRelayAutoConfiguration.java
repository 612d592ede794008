package dev.postern.spring;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.Leak;
import dev.postern.testkit.RelayEnvironment;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.probe.SmtpProbe;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;

/** The beans of {@link dev.postern.spring.test.AutoConfigureTestRelay}. */
@AutoConfiguration(after = PosternAutoConfiguration.class)
class TestRelayAutoConfiguration {

    @Bean
    TestSurroundings posternTestSurroundings() {
        return new TestSurroundings();
    }

    @Bean
    RelayListener posternTestEvents(TestSurroundings surroundings) {
        return RelayListener.of(event -> surroundings.environment().events().on(event));
    }

    @Bean
    @Lazy(false)
    TestRelay testRelay(PosternRelay life, TestSurroundings surroundings) throws Exception {
        TestRelay relay = TestRelay.start(environment -> {
                    surroundings.set(environment);
                    life.start();
                    return started(life.relay());
                })
                .allowing(Leak.values());
        surroundings.set(relay);
        return relay;
    }

    /** Spring stops the relay itself. */
    private static RelayUnderTest started(SmtpRelay relay) {
        return new RelayUnderTest(relay.addresses().get(0), () -> {});
    }

    @Bean
    @Scope("prototype")
    SmtpProbe smtpProbe(TestRelay relay) {
        return relay.greeted();
    }

    static final class TestSurroundings implements Surroundings {

        private final AtomicReference<@Nullable RelayEnvironment> environment = new AtomicReference<>();
        private final AtomicReference<@Nullable TestRelay> relay = new AtomicReference<>();

        RelayEnvironment environment() {
            RelayEnvironment started = environment.get();
            if (started == null) {
                throw new IllegalStateException("the relay was started before its surroundings");
            }
            return started;
        }

        void set(RelayEnvironment newEnvironment) {
            environment.set(newEnvironment);
        }

        void set(TestRelay newRelay) {
            relay.set(newRelay);
        }

        @Override
        public void surround(
                SmtpRelayBuilder builder, PosternProperties properties, UnaryOperator<UpstreamDelivery> spooled) {
            Upstream fake = Upstream.smtp("127.0.0.1", environment().upstream().port());
            builder.clock(clock()).upstreams(connect -> spooled.apply(connect.to(fake)));
            if (properties.ssl().bundle() != null) {
                builder.tls(TlsSettings.of(environment().serverTls())
                        .withClientCertificates(properties.ssl().clientCertificates()));
            }
        }

        @Override
        public RelayClock clock() {
            return environment().clock();
        }

        @Override
        public void forget() {
            TestRelay started = relay.get();
            if (started != null) {
                started.forget();
            }
        }
    }
}
