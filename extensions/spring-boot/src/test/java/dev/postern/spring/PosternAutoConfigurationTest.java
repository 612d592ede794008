package dev.postern.spring;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.RelayState;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.LoginThrottle;
import dev.postern.spi.MessageSigner;
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.SessionRegistry;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.Verdict;
import dev.postern.spring.PosternEndpoint.Kind;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.Status;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

class PosternAutoConfigurationTest {

    private static final String MESSAGE = "From: alice@example.org\r\nSubject: hello\r\n\r\nhello\r\n";
    private static FakeUpstream upstream;

    @BeforeAll
    static void startUpstream() {
        upstream = FakeUpstream.start();
    }

    @AfterAll
    static void stopUpstream() {
        upstream.close();
    }

    @AfterEach
    void forget() {
        upstream.forget();
    }

    private static ApplicationContextRunner bare() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        LifecycleAutoConfiguration.class, SslAutoConfiguration.class, PosternAutoConfiguration.class))
                .withPropertyValues("postern.port=0", "postern.auth.plaintext=true");
    }

    private static ApplicationContextRunner runner() {
        return bare().withPropertyValues(
                        "postern.upstream.uri=smtp://127.0.0.1:" + upstream.port(),
                        "postern.auth.users[0].username=alice@example.org",
                        "postern.auth.users[0].password=correct horse");
    }

    private static SmtpProbe connect(PosternRelay life) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", life.relay().port());
        assertThat(probe.readReply()).hasCode(220);
        assertThat(probe.ehlo()).hasCode(250);
        return probe;
    }

    private static SmtpProbe loggedIn(PosternRelay life) {
        SmtpProbe probe = connect(life);
        assertThat(probe.authPlain("alice@example.org", "correct horse")).hasCode(235);
        return probe;
    }

    private static ProbeReply send(SmtpProbe probe) {
        assertThat(probe.mail("alice@example.org")).hasCode(250);
        assertThat(probe.rcpt("bob@example.net")).hasCode(250);
        return probe.data(MESSAGE);
    }

    @Test
    void propertiesAloneMakeARelay() {
        runner().withPropertyValues("postern.host-name=mail.example.org", "postern.quota.limit=1")
                .run(context -> {
                    PosternRelay life = context.getBean(PosternRelay.class);
                    try (SmtpProbe probe = loggedIn(life)) {
                        assertThat(send(probe)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                        assertThat(upstream.awaitMessage())
                                .isFrom("alice@example.org")
                                .isTo("bob@example.net");
                        assertThat(probe.mail("alice@example.org")).isStandardReply(StandardReply.QUOTA_EXCEEDED);
                        assertThat(probe.transcript()).contains("220 mail.example.org ");
                    }
                });
    }

    @Test
    void aRelayThatIsNotWantedIsNotThere() {
        bare().withPropertyValues("postern.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(PosternRelay.class));
    }

    @Test
    void theNextUpstreamTakesOver() {
        try (FakeUpstream second = FakeUpstream.start()) {
            bare().withPropertyValues(
                            "postern.auth.users[0].username=alice@example.org",
                            "postern.auth.users[0].password=correct horse",
                            "postern.upstreams[0].uri=smtp://127.0.0.1:" + upstream.port(),
                            "postern.upstreams[1].host=127.0.0.1",
                            "postern.upstreams[1].protocol=smtp",
                            "postern.upstreams[1].allow-plaintext-auth=true",
                            "postern.upstreams[1].username=relay",
                            "postern.upstreams[1].password=battery staple",
                            "postern.upstreams[1].port="
                                    + second.withCredentials("relay", "battery staple")
                                            .port())
                    .run(context -> {
                        upstream.at(Stage.GREETING).once(Fault.reply("421 4.3.2 Closing"));
                        try (SmtpProbe probe = loggedIn(context.getBean(PosternRelay.class))) {
                            assertThat(send(probe)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                        }
                        assertThat(second.awaitMessage()).isTo("bob@example.net");
                    });
        }
    }

    @Test
    void anUpstreamThatIsNotReadyKeepsTheApplicationFromStarting() {
        upstream.at(Stage.GREETING).once(Fault.reply("554 5.3.2 Not here"));
        runner().withPropertyValues("postern.verify-upstreams=true")
                .run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                        .contains("Not here", "postern.upstream", "postern.verify-upstreams"));
    }

    @Test
    void aPortThatIsTakenIsToldWithItsProperty() {
        runner().withPropertyValues("postern.port=" + upstream.port())
                .run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                        .contains(":" + upstream.port(), "postern.port"));
    }

    // beans

    @Configuration(proxyBeanMethods = false)
    static class Beans {

        private final List<String> asked = new CopyOnWriteArrayList<>();

        @Bean
        Authenticator users() {
            return Authenticator.of(Map.of("alice@example.org", "correct horse"));
        }

        @Bean
        TokenAuthenticator tokens() {
            return (credentials, client) -> credentials.secretEquals("a-token")
                    ? AuthResult.authenticated(Identity.of("alice@example.org"))
                    : AuthResult.denied();
        }

        @Bean
        @Order(2)
        RelayListener second() {
            return RelayListener.of(event -> told("second", event));
        }

        @Bean
        @Order(1)
        RelayListener first() {
            return RelayListener.of(event -> told("first", event));
        }

        private void told(String who, RelayEvent event) {
            if (event instanceof RelayEvent.RelayStarted) {
                asked.add(who);
            }
        }

        @Bean
        SessionPolicy sessionPolicy() {
            return client -> asked("session");
        }

        @Bean
        EnvelopePolicy envelopePolicy() {
            return new EnvelopePolicy() {
                @Override
                public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                    return asked("sender");
                }

                @Override
                public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                    return asked("recipient");
                }
            };
        }

        @Bean
        SenderDomains senderDomains() {
            return (identity, domain) -> {
                asked("domain");
                return SenderDomains.Status.VALIDATED;
            };
        }

        @Bean
        ContentPolicy contentPolicy() {
            return submission -> asked("content");
        }

        @Bean
        MessageSigner signer() {
            return submission -> "X-Signed-By: a bean\r\n";
        }

        @Bean
        Upstream server() {
            return Upstream.smtp("127.0.0.1", upstream.port());
        }

        private Verdict asked(String what) {
            asked.add(what);
            return Verdict.proceed();
        }

        @Bean
        PosternCustomizer customizer() {
            return relay -> relay.productName("Customized");
        }
    }

    @Test
    void beansOfEachKindAreTaken() {
        bare().withUserConfiguration(Beans.class).run(context -> {
            PosternRelay life = context.getBean(PosternRelay.class);
            try (SmtpProbe probe = loggedIn(life)) {
                assertThat(send(probe)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                assertThat(probe.transcript()).contains(" ESMTP Customized ", "OAUTHBEARER");
            }
            assertThat(upstream.awaitMessage()).hasHeader("X-Signed-By", "a bean");
            assertThat(context.getBean(Beans.class).asked)
                    .containsExactly("first", "second", "session", "sender", "recipient", "domain", "content");
        });
    }

    @Test
    void beansThatCountAndDeliverAreTaken() {
        List<String> asked = new CopyOnWriteArrayList<>();
        AtomicInteger closed = new AtomicInteger();
        UpstreamDelivery delivery = new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                asked.add("delivery");
                return accepted();
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
        runner().withBean(UpstreamDelivery.class, () -> delivery)
                .withBean(SessionRegistry.class, () -> claim -> {
                    asked.add("registry");
                    return Optional.of(() -> asked.add("permit"));
                })
                .withBean(LoginThrottle.class, () -> new LoginThrottle() {
                    @Override
                    public boolean blocked(String address, Rule rule) {
                        asked.add("blocked");
                        return false;
                    }

                    @Override
                    public Decision attempt(String address, Rule rule) {
                        return new Decision.Granted(Attempt.uncounted());
                    }
                })
                .run(context -> {
                    PosternRelay life = context.getBean(PosternRelay.class);
                    try (SmtpProbe probe = loggedIn(life)) {
                        assertThat(send(probe)).hasCode(250);
                    }
                    life.stop();
                    assertThat(closed).as("a delivery that is Spring's").hasValue(0);
                    life.start();
                    try (SmtpProbe probe = loggedIn(life)) {
                        assertThat(send(probe)).hasCode(250);
                    }
                    assertThat(asked).contains("registry", "permit", "blocked", "delivery");
                });
        assertThat(closed).hasValue(1);
    }

    @Test
    void twoBeansOfAKindOfWhichThereCanBeOneAreNotChosenFrom() {
        runner().withBean("one", Authenticator.class, () -> Authenticator.of(Map.of("a", "b")))
                .withBean("two", Authenticator.class, () -> Authenticator.of(Map.of("a", "b")))
                .run(context -> assertThat(context.getStartupFailure())
                        .hasRootCauseInstanceOf(NoUniqueBeanDefinitionException.class));
    }

    // life cycle

    @Test
    void itStartsLastAndStopsFirst() {
        List<String> order = new CopyOnWriteArrayList<>();
        runner().withBean(
                        RelayListener.class,
                        () -> RelayListener.of(event -> {
                            if (event instanceof RelayEvent.RelayStarted || event instanceof RelayEvent.RelayClosed) {
                                order.add(
                                        event instanceof RelayEvent.RelayStarted
                                                ? "relay starts"
                                                : "relay has stopped");
                            }
                        }))
                .withBean(SmartLifecycle.class, () -> new Earlier(order))
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(order).containsExactly("other starts", "relay starts", "relay has stopped", "other stops");
    }

    private static class Earlier implements SmartLifecycle {
        private final List<String> order;
        private boolean running;

        Earlier(List<String> order) {
            this.order = order;
        }

        @Override
        public void start() {
            running = true;
            order.add("other starts");
        }

        @Override
        public void stop() {
            running = false;
            order.add("other stops");
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return DEFAULT_PHASE - 1;
        }
    }

    @Test
    void aMessageInFlightIsAnsweredBeforeTheApplicationEnds() {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<PosternRelay> life = new CompletableFuture<>();
        runner().withBean(UpstreamDelivery.class, () -> submission -> {
                    SmtpRelay relay = life.join().relay();
                    begun.countDown();
                    while (relay.state() != RelayState.DRAINING) {
                        Thread.onSpinWait();
                    }
                    return accepted();
                })
                .run(context -> {
                    life.complete(context.getBean(PosternRelay.class));
                    SmtpProbe probe = loggedIn(life.join());
                    CompletableFuture<ProbeReply> reply = CompletableFuture.supplyAsync(() -> send(probe));
                    begun.await();
                    context.getSourceApplicationContext().close();
                    assertThat(reply.join()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                    probe.close();
                });
    }

    @Test
    void noMessageKeepsTheApplicationLongerThanAPhaseOfItsShutdownMayTake() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        runner().withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=200ms")
                .withBean(UpstreamDelivery.class, () -> submission -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                    }
                    return accepted();
                })
                .run(context -> {
                    try (SmtpProbe probe = loggedIn(context.getBean(PosternRelay.class))) {
                        probe.mail("alice@example.org");
                        probe.rcpt("bob@example.net");
                        assertThat(probe.send("DATA")).hasCode(354);
                        probe.write(MESSAGE + ".\r\n");
                        begun.await();
                        context.getSourceApplicationContext().close();
                        probe.assertClosed();
                    }
                });
        assertThat(interrupted).isTrue();
    }

    private static DeliveryResult accepted() {
        return DeliveryResult.accepted("own", Reply.of(250, EnhancedStatus.parse("2.0.0"), "Taken"));
    }

    @Test
    void anApplicationThatFailsAfterTheRelayHasStartedLeavesNoneBehind() {
        CompletableFuture<PosternRelay> life = new CompletableFuture<>();
        runner().withBean("laterOne", SmartLifecycle.class, () -> new Earlier(new ArrayList<>()) {
                    @Override
                    public int getPhase() {
                        return DEFAULT_PHASE;
                    }

                    @Override
                    public void start() {
                        life.join().start();
                        throw new IllegalStateException("cannot");
                    }
                })
                .withInitializer(context -> context.getBeanFactory().addBeanPostProcessor(new BeanPostProcessor() {
                    @Override
                    public Object postProcessAfterInitialization(Object bean, String name) {
                        if (bean instanceof PosternRelay one) {
                            life.complete(one);
                        }
                        return bean;
                    }
                }))
                .run(context -> assertThat(context).hasFailed());
        assertThat(life.join().isRunning()).isFalse();
    }

    // TLS

    @Test
    void aBundleIsTheRelaysKeyAlsoWhenItIsReloaded() {
        runner().withPropertyValues("postern.ssl.bundle=relay", "postern.auth.plaintext=false")
                .withBean(
                        SslBundleRegistrar.class,
                        () -> registry -> registry.registerBundle("relay", bundle(TestCertificates.serverContext())))
                .run(context -> {
                    PosternRelay life = context.getBean(PosternRelay.class);
                    try (SmtpProbe probe = connect(life)) {
                        assertThat(probe.startTls(TestCertificates.clientContext()))
                                .hasCode(220);
                        probe.ehlo();
                        assertThat(probe.authPlain("alice@example.org", "correct horse"))
                                .hasCode(235);
                    }
                    context.getBean(SslBundleRegistry.class)
                            .updateBundle("relay", bundle(TestCertificates.untrustedServerContext()));
                    try (SmtpProbe probe = connect(life)) {
                        assertThatThrownBy(() -> probe.startTls(TestCertificates.clientContext()))
                                .hasStackTraceContaining("SSLHandshakeException");
                    }
                });
    }

    @Test
    void aBundleSaysWhomToTrustAsUpstreamAlsoWhenItIsReloaded() {
        try (FakeUpstream server = FakeUpstream.start().withImplicitTls(TestCertificates.serverContext())) {
            runner().withPropertyValues(
                            "postern.upstream.uri=smtps://127.0.0.1:" + server.port(),
                            "postern.upstream.ssl.bundle=trust",
                            "postern.upstream.circuit.failures=-1",
                            "postern.upstream.pool.max-messages=1")
                    .withBean(
                            SslBundleRegistrar.class,
                            () -> registry -> registry.registerBundle("trust", bundle(jvms())))
                    .run(context -> {
                        PosternRelay life = context.getBean(PosternRelay.class);
                        try (SmtpProbe probe = loggedIn(life)) {
                            assertThat(send(probe)).isStandardReply(StandardReply.UPSTREAM_UNREACHABLE);
                        }
                        context.getBean(SslBundleRegistry.class)
                                .updateBundle("trust", bundle(TestCertificates.clientContext()));
                        try (SmtpProbe probe = loggedIn(life)) {
                            assertThat(send(probe)).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
                        }
                        assertThat(server.awaitMessage()).isOverTls();
                    });
        }
    }

    private static SSLContext jvms() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static SslBundle bundle(SSLContext context) {
        return SslContextsTest.bundle(() -> context);
    }

    // watching and steering

    @Test
    void metersAndObservationsAreThereWithTheirRegistries() {
        MeterRegistry meters = new SimpleMeterRegistry();
        List<String> observed = new CopyOnWriteArrayList<>();
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }

            @Override
            public void onStop(Observation.Context context) {
                observed.add(context.getName());
            }
        });
        runner().withPropertyValues("postern.metrics.relay=first")
                .withBean(MeterRegistry.class, () -> meters)
                .withBean(ObservationRegistry.class, () -> observations)
                .run(context -> {
                    try (SmtpProbe probe = loggedIn(context.getBean(PosternRelay.class))) {
                        send(probe);
                    }
                    assertThat(meters.get("postern.messages")
                                    .tag("relay", "first")
                                    .timer()
                                    .count())
                            .isEqualTo(1);
                    assertThat(meters.get("postern.connections").gauges()).isNotEmpty();
                    assertThat(observed).containsExactly("postern.message");
                });
    }

    @Test
    void theLackOfOptionalLibrariesIsNoFault() {
        runner().withClassLoader(new FilteredClassLoader(
                        "io.micrometer",
                        "dev.postern.micrometer",
                        "dev.postern.testkit",
                        "org.springframework.security",
                        "org.springframework.boot.actuate",
                        "org.springframework.test"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(PosternRelay.class)
                        .doesNotHaveBean("posternMetrics")
                        .doesNotHaveBean("posternEndpoint")
                        .doesNotHaveBean("posternHealthIndicator"));
    }

    @Test
    void healthIsTheRelays() {
        runner().run(context -> {
            HealthIndicator health = context.getBean(HealthIndicator.class);
            PosternRelay life = context.getBean(PosternRelay.class);
            assertThat(health.health().getStatus()).isEqualTo(Status.UP);
            assertThat(health.health().getDetails())
                    .containsEntry("relay", "up")
                    .containsEntry("connections", 0);
            life.relay().pause("new version");
            assertThat(health.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
            assertThat(health.health().getDetails().get("reasons")).asString().contains("new version");
            life.stop();
            assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        });
    }

    @Test
    void theEndpointListsAndEndsSessions() {
        runner().withConfiguration(
                        AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class))
                .withPropertyValues("management.endpoints.web.exposure.include=postern")
                .run(context -> {
                    PosternEndpoint endpoint = context.getBean(PosternEndpoint.class);
                    PosternRelay life = context.getBean(PosternRelay.class);
                    try (SmtpProbe one = loggedIn(life);
                            SmtpProbe two = loggedIn(life);
                            SmtpProbe three = loggedIn(life)) {
                        PosternEndpoint.Session session = endpoint.overview().sessions().stream()
                                .filter(any -> any.peer().port() == one.localPort())
                                .findAny()
                                .orElseThrow();
                        assertThat(session.who())
                                .isEqualTo(new PosternEndpoint.Who("alice@example.org", "example.org"));
                        assertThat(endpoint.end(Kind.SESSIONS, session.id()).sessions())
                                .isEqualTo(1);
                        assertThat(one.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
                        assertThat(endpoint.end(Kind.SESSIONS, "none").sessions())
                                .isZero();
                        assertThat(endpoint.end(Kind.USERS, "ALICE@example.org").sessions())
                                .isPositive();
                        assertThat(two.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
                        assertThat(three.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
                        assertThat(endpoint.end(Kind.ACCOUNTS, "example.org").everywhere())
                                .isTrue();
                    }
                });
    }

    // Spring Security

    @Configuration(proxyBeanMethods = false)
    static class Users {
        @Bean
        UserDetailsService userDetails() {
            return new InMemoryUserDetailsManager(
                    User.withUsername("alice@example.org")
                            .password("{noop}correct horse")
                            .authorities("MAIL")
                            .build(),
                    User.withUsername("bob@example.org")
                            .password("{noop}secret")
                            .authorities("OTHER")
                            .build());
        }
    }

    @Test
    void springSecuritysUsersMaySendWhereThatIsSwitchedOn() {
        ApplicationContextRunner secured = bare().withUserConfiguration(Users.class)
                .withPropertyValues("postern.upstream.uri=smtp://127.0.0.1:" + upstream.port());
        secured.run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                .contains("nobody may send", "postern.auth.spring-security.enabled"));
        secured.withPropertyValues(
                        "postern.auth.spring-security.enabled=true", "postern.auth.spring-security.authority=MAIL")
                .run(context -> {
                    PosternRelay life = context.getBean(PosternRelay.class);
                    try (SmtpProbe probe = connect(life)) {
                        assertThat(probe.authPlain("alice@example.org", "wrong"))
                                .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
                        assertThat(probe.authPlain("bob@example.org", "wrong"))
                                .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
                        assertThat(probe.authPlain("bob@example.org", "secret"))
                                .isStandardReply(StandardReply.AUTH_RELAY_DISABLED);
                        assertThat(probe.authPlain("alice@example.org", "correct horse"))
                                .hasCode(235);
                    }
                });
    }
}
