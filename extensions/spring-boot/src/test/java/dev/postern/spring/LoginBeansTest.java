package dev.postern.spring;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import dev.postern.ldap.LdapAuthenticator;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CertificateAuthenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayClock;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Beans and properties that say how clients log in. */
@OnAnyJdk
class LoginBeansTest {

    private static final String ALICE = "alice@example.org";
    private static final String TOKEN = "a-token-that-is-no-password";

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private static ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PosternAutoConfiguration.class))
                .withPropertyValues(
                        "postern.port=0", "postern.auth.plaintext=true", "postern.upstream.uri=smtp://127.0.0.1:9");
    }

    private static SmtpProbe greeted(PosternRelay life) {
        SmtpProbe probe = SmtpProbe.connect("127.0.0.1", life.relay().port());
        assertThat(probe.readReply()).hasCode(220);
        return probe;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String scram(String user) {
        return "AUTH SCRAM-SHA-256 " + base64("n,,n=" + user + ",r=rOprNGfwEbeRWgbNEkqO");
    }

    private ScramLookup keys(String user, ClientInfo client) {
        asked.add("keys of " + user);
        return ScramLookup.known(
                ScramKeys.ofPrepared("correct horse".toCharArray(), new byte[16], 4096), Identity.of(user));
    }

    @Test
    void passwordsTokensKeysAndCertificatesAreEachAskedFromTheirBean() throws Exception {
        InMemoryDirectoryServer directory = directory();
        HttpServer issuer = issuer();
        try {
            runner().withPropertyValues(
                            "postern.tls-port=0",
                            "postern.ssl.bundle=relay",
                            "postern.ssl.client-certificates=wanted",
                            "postern.auth.token-help.scope=mail.send",
                            "postern.auth.token-help.openid-configuration=https://issuer.test/.well-known/openid-configuration")
                    .withBean(
                            SslBundleRegistrar.class,
                            () -> registry -> registry.registerBundle(
                                    "relay", PosternAutoConfigurationTest.bundle(TestCertificates.serverContext())))
                    .withBean(
                            LdapAuthenticator.class,
                            () -> LdapAuthenticator.builder("ldap://127.0.0.1:" + directory.getListenPort())
                                    .plaintext()
                                    .directBind("uid={user},dc=example,dc=org")
                                    .build())
                    .withBean(
                            dev.postern.jwt.TokenAuthenticator.class,
                            () -> dev.postern.jwt.TokenAuthenticator.ofIntrospection(
                                            "http://127.0.0.1:"
                                                    + issuer.getAddress().getPort() + "/",
                                            "relay",
                                            "secret")
                                    .plaintext()
                                    .audience("relay")
                                    .user("username")
                                    .build())
                    .withBean(ScramDirectory.class, () -> this::keys)
                    .withBean(CertificateAuthenticator.class, () -> (chain, client) -> {
                        asked.add(chain.get(0).getSubjectX500Principal().getName());
                        return AuthResult.authenticated(Identity.of(ALICE));
                    })
                    .run(context -> {
                        PosternRelay life = context.getBean(PosternRelay.class);
                        try (SmtpProbe probe = greeted(life)) {
                            assertThat(probe.ehlo().extensions())
                                    .contains("AUTH SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER XOAUTH2");
                            assertThat(probe.authPlain(ALICE, TOKEN))
                                    .isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
                            assertThat(asked)
                                    .as("no password goes where tokens do")
                                    .isEmpty();
                            assertThat(probe.authPlain(ALICE, "correct horse")).hasCode(235);
                        }
                        assertThat(bearer(life, TOKEN)).hasCode(235);
                        assertThat(bearer(life, "another")).hasCode(334);
                        try (SmtpProbe probe = greeted(life)) {
                            probe.ehlo();
                            assertThat(probe.send(scram(ALICE))).hasCode(334);
                        }
                        try (SmtpProbe probe = SmtpProbe.connectTls(
                                life.relay().addresses().get(1), TestCertificates.clientContextWithCertificate())) {
                            assertThat(probe.readReply()).hasCode(220);
                            probe.ehlo();
                            assertThat(probe.send("AUTH EXTERNAL =")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
                        }
                        assertThat(asked).containsExactly("token", "token", "keys of " + ALICE, "CN=client.test");
                    });
        } finally {
            directory.shutDown(true);
            issuer.stop(0);
        }
    }

    private static dev.postern.jwt.TokenAuthenticator tokens() {
        return dev.postern.jwt.TokenAuthenticator.ofIntrospection("http://127.0.0.1:9/", "relay", "secret")
                .plaintext()
                .audience("relay")
                .user("username")
                .build();
    }

    @Test
    void ofTwoBeansForTokensNoneIsChosen() {
        runner().withBean("one", dev.postern.jwt.TokenAuthenticator.class, LoginBeansTest::tokens)
                .withBean("two", dev.postern.jwt.TokenAuthenticator.class, LoginBeansTest::tokens)
                .run(context -> assertThat(context.getStartupFailure())
                        .hasRootCauseInstanceOf(NoUniqueBeanDefinitionException.class));
    }

    @Test
    void aPrimaryBeanForTokensGetsNoPasswordThatTwoOthersAreThereFor() {
        runner().withBean("one", Authenticator.class, () -> Authenticator.of(Map.of("a", "b")))
                .withBean("two", Authenticator.class, () -> Authenticator.of(Map.of("a", "b")))
                .withBean(
                        "tokens",
                        dev.postern.jwt.TokenAuthenticator.class,
                        LoginBeansTest::tokens,
                        bean -> bean.setPrimary(true))
                .run(context -> assertThat(context.getStartupFailure())
                        .hasRootCauseInstanceOf(NoUniqueBeanDefinitionException.class));
    }

    private static dev.postern.testkit.probe.ProbeReply bearer(PosternRelay life, String token) {
        try (SmtpProbe probe = greeted(life)) {
            probe.ehlo();
            return probe.send("AUTH OAUTHBEARER " + base64("n,a=" + ALICE + ",\1auth=Bearer " + token + "\1\1"));
        }
    }

    private static InMemoryDirectoryServer directory() throws Exception {
        InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=org");
        config.setSchema(null);
        config.setListenerConfigs(
                InMemoryListenerConfig.createLDAPConfig("ldap", InetAddress.getLoopbackAddress(), 0, null));
        InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
        server.add("dn: dc=example,dc=org", "objectClass: domain", "dc: example");
        server.add(
                "dn: uid=" + ALICE + ",dc=example,dc=org",
                "objectClass: account",
                "uid: " + ALICE,
                "userPassword: correct horse");
        server.startListening();
        return server;
    }

    /** Knows one token. */
    private HttpServer issuer() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add("token");
            String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean isKnown = form.contains("token=" + TOKEN);
            byte[] answer = ("{\"active\":" + isKnown + ",\"username\":\"" + ALICE + "\",\"aud\":\"relay\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** Has passwords and, for some users, keys. */
    private final class Users implements Authenticator, ScramDirectory {

        private final AtomicInteger logins = new AtomicInteger();

        @Override
        public AuthResult authenticate(Credentials credentials, ClientInfo client) {
            logins.incrementAndGet();
            return credentials.secretEquals("correct horse")
                    ? AuthResult.authenticated(Identity.of(credentials.username()))
                    : AuthResult.denied();
        }

        @Override
        public ScramLookup find(String username, ClientInfo client) {
            return keys(username, client);
        }
    }

    @Test
    void aRightPasswordIsRememberedForAsLongAsThePropertySays() {
        Users users = new Users();
        TestClock clock = new TestClock();
        runner().withPropertyValues("postern.auth.cache=5m")
                .withBean(Users.class, () -> users)
                .withBean(RelayClock.class, () -> clock)
                .run(context -> {
                    PosternRelay life = context.getBean(PosternRelay.class);
                    assertThat(loggedIn(life)).contains("AUTH PLAIN LOGIN");
                    loggedIn(life);
                    assertThat(users.logins).hasValue(1);
                    clock.advance(Duration.ofMinutes(5));
                    loggedIn(life);
                    assertThat(users.logins).hasValue(2);
                });
    }

    private static List<String> loggedIn(PosternRelay life) {
        try (SmtpProbe probe = greeted(life)) {
            List<String> extensions = probe.ehlo().extensions();
            assertThat(probe.authPlain(ALICE, "correct horse")).hasCode(235);
            return extensions;
        }
    }

    @Test
    void whatChecksPasswordsIsAskedForKeysWhereThatIsSwitchedOn() {
        runner().withPropertyValues(
                        "postern.auth.scram.enabled=true",
                        "postern.auth.scram.secret=" + base64("a secret of sixteen octets or more"),
                        "postern.auth.scram.channel-binding=none")
                .withBean(Users.class, Users::new)
                .run(context -> {
                    PosternRelay life = context.getBean(PosternRelay.class);
                    assertThat(loggedIn(life)).contains("AUTH SCRAM-SHA-256 PLAIN LOGIN");
                    assertThat(context.getBean(PosternProperties.class).toString())
                            .doesNotContain(base64("a secret"));
                });
    }

    @ParameterizedTest
    @CsvSource({"c2hvcnQ=, '16 to 1024 octets, not 5'", "no base64!, secret must be Base64"})
    void aSecretThatIsNoneIsToldAndNotShown(String secret, String says) {
        runner().withPropertyValues("postern.auth.scram.secret=" + secret)
                .run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                        .contains("postern.auth.scram", says)
                        .doesNotContain(secret));
    }

    @Test
    void certificatesThatNobodyIsAskedForAreToldWithTheirProperty() {
        runner().withBean(CertificateAuthenticator.class, () -> (chain, client) -> AuthResult.denied())
                .run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                        .contains("postern.ssl.client-certificates=wanted", "postern.ssl.bundle"));
    }
}
