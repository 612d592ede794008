package dev.postern.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.tools.OnAnyJdk;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.ZoneId;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

@OnAnyJdk
class PosternPropertiesTest {

    private static PosternProperties bound(String... properties) {
        Map<String, String> map = new TreeMap<>();
        for (String property : properties) {
            String[] pair = property.split("=", 2);
            map.put(pair[0], pair[1]);
        }
        return new Binder(new MapConfigurationPropertySource(map)).bindOrCreate("postern", PosternProperties.class);
    }

    @Test
    void whatIsNotSetIsAsTheGroupsOfSettingsHaveIt() throws ReflectiveOperationException {
        PosternProperties properties = bound("postern.upstream.host=localhost");
        UpstreamProperties upstream = Objects.requireNonNull(properties.upstream());
        assertSame(properties.sessions().settings(Faults.none()), SessionLimits.defaults());
        assertSame(properties.times().settings(Faults.none()), TimeLimits.defaults());
        assertSame(properties.messages().settings(Faults.none()), MessageRules.defaults());
        assertThat(properties.messages().settings(Faults.none()).changesTo(MessageRules.defaults()))
                .isEmpty();
        assertSame(properties.storage().settings(Faults.none()), ContentStorage.defaults());
        assertSame(properties.auth().settings(Faults.none()), AuthSettings.defaults());
        assertSame(upstream.pool().settings(Faults.none()), PoolSettings.defaults());
        assertSame(upstream.circuit().settings(Faults.none()), CircuitSettings.defaults());
        assertSame(upstream.timeouts().settings(Faults.none()), UpstreamTimeouts.defaults());
        assertThat(properties.quota().plan(Faults.none())).isEqualTo(QuotaPlan.unlimited());
        assertThat(upstream.settings(Faults.none())).hasToString("smtp+starttls://localhost:587");
        assertThat(properties.clearPort()).isEqualTo(2525);
        assertThat(bound("postern.tls-port=465").clearPort()).isNull();
    }

    private static void assertSame(Object told, Object defaults) throws ReflectiveOperationException {
        int looked = 0;
        for (Method getter : defaults.getClass().getMethods()) {
            if (getter.getParameterCount() == 0
                    && !Modifier.isStatic(getter.getModifiers())
                    && getter.getDeclaringClass() == defaults.getClass()
                    && !getter.getReturnType().equals(defaults.getClass())
                    && !getter.getName().equals("hashCode")) {
                assertThat(getter.invoke(told)).as(getter.toString()).isEqualTo(getter.invoke(defaults));
                looked++;
            }
        }
        assertThat(looked).isPositive();
    }

    @Test
    void eachPropertyGetsWhereItBelongs() {
        PosternProperties properties = bound(
                "postern.sessions.per-user=3",
                "postern.sessions.lifetime=-1",
                "postern.sessions.connections=-1",
                "postern.times.inactivity=-1",
                "postern.messages.max-size=5MB",
                "postern.messages.checks=line-endings, mime",
                "postern.messages.fix-ups=",
                "postern.quota.limit=1000",
                "postern.quota.period=month",
                "postern.quota.zone=Europe/Vienna",
                "postern.quota.unit=messages",
                "postern.upstreams[0].uri=smtps://user:secret@smtp.example.net",
                "postern.upstreams[1].host=smtp2.example.net",
                "postern.upstreams[1].protocol=smtp+starttls-if-offered",
                "postern.upstreams[1].port=2525",
                "postern.upstreams[1].pool.max=5");
        assertThat(properties.sessions().settings(Faults.none()).changesTo(SessionLimits.defaults()))
                .hasSize(3)
                .contains("perUser 3 -> 10");
        assertThat(properties.times().settings(Faults.none()).inactivity()).isEqualTo(TimeLimits.UNLIMITED);
        assertThat(properties.messages().settings(Faults.none()).changesTo(MessageRules.defaults()))
                .hasSize(3);
        assertThat(properties.quota().plan(Faults.none()))
                .isEqualTo(new QuotaPlan(
                        1000, QuotaPlan.Period.MONTH, ZoneId.of("Europe/Vienna"), QuotaPlan.Unit.MESSAGES));
        assertThat(properties.allUpstreams().stream().map(one -> String.valueOf(one.settings(Faults.none()))))
                .containsExactly("smtps://smtp.example.net:465", "smtp://smtp2.example.net:2525");
        assertThat(properties
                        .allUpstreams()
                        .get(1)
                        .pool()
                        .settings(Faults.none())
                        .max())
                .isEqualTo(5);
        assertThat(properties.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            postern.port=70000                              | postern.port              | must be 0 to 65535
            postern.tls-port=465                            | postern.tls-port          | set postern.ssl.bundle
            postern.host-name=not a name                    | postern.host-name         | must be a domain name
            postern.product-name=two words                  | postern.product-name      | no blanks
            postern.proxy-protocol=10.0.0.1/99              | postern.proxy-protocol    | 10.0.0.1/99
            postern.sessions.per-user=0                     | postern.sessions.per-user | must be 1 or more, not 0
            postern.sessions.login-wait=1h                  | postern.sessions.login-wait | 0 s to 240 s
            postern.sessions.lifetime=soon                  | postern.sessions.lifetime | soon
            postern.times.reply=1s                          | postern.times.reply       | 10 s to 86400 s
            postern.messages.max-size=-1B                   | postern.messages.max-size | 1 or more
            postern.messages.checks=spelling                | postern.messages.checks   | spelling
            postern.messages.checks=mime,,from              | postern.messages.checks   | no empty element
            postern.messages.fix-ups=date,                  | postern.messages.fix-ups  | no empty element
            postern.spool.directory=/tmp,postern.spool.retry=1m,,2m | postern.spool.retry | no empty element
            postern.storage.memory-per-message=-1B          | postern.storage.memory-per-message | 0 or more
            postern.storage.memory-per-message=3GB          | postern.storage.memory-per-message | less than 2GB
            postern.storage.directory=/nonexistent          | postern.storage.directory | must be an existing directory
            postern.upstream.host=smtp.example.net:25 x     | postern.upstream          | host must be a name or address
            postern.quota.limit=0                           | postern.quota.limit       | 1 or more
            postern.auth.failures.max=0                     | postern.auth.failures     | 1 or more
            postern.auth.cache=16m                          | postern.auth.cache        | at most
            postern.auth.scram.channel-binding=tls          | postern.auth.scram.channel-binding | tls
            postern.auth.token-help.scope=mail              | postern.auth.token-help   | needs scope and openid-configuration
            postern.auth.trusted[0].network=10              | postern.auth.trusted[0]   | username
            postern.auth.users[0].username=ann              | postern.auth.users[0]     | must not be empty
            postern.upstream.port=25                        | postern.upstream          | needs either uri or host
            postern.upstream.uri=http://user:secret@host    | postern.upstream          | uri must be like
            postern.upstream.uri=smtp://user:secret@host    | postern.upstream          | in clear
            postern.upstream.host=localhost,postern.upstream.pool.max=0 | postern.upstream.pool.max | must be 1 or more
            postern.upstream.host=localhost,postern.upstream.pool.min=101 | postern.upstream.pool | min
            postern.upstream.host=localhost,postern.upstream.timeouts.mail=2d | postern.upstream.timeouts.mail | a day at most
            postern.upstream.host=localhost,postern.upstream.limits.messages=0 | postern.upstream.limits.messages | 1 to 100000
            postern.upstream.host=localhost,postern.upstreams[0].host=two | postern.upstream | not both
            postern.metrics.relay=                          | postern.metrics.relay     | must not be blank
            """)
    void aWrongValueIsToldWithTheNameOfItsProperty(String properties, String name, String says) {
        runner().withPropertyValues(properties.split(",(?=postern)")).run(context -> {
            String printed = Failures.printed(context.getStartupFailure());
            assertThat(printed.replaceAll("[\n ]+", " "))
                    .contains(name)
                    .contains(says)
                    .doesNotContain("secret");
        });
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        runner().withPropertyValues("postern.sessions.per-user=0", "postern.times.plugin=0s")
                .run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                        .contains("postern.sessions.per-user", "postern.times.plugin"));
    }

    @Test
    void whatIsLeftOutIsToldWithTheWaysToSayIt() {
        runner().run(context -> assertThat(Failures.printed(context.getStartupFailure()))
                .contains(
                        "The SMTP relay cannot start", "postern.upstream.uri", "Authenticator", "postern.ssl.bundle"));
    }

    private static ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, PosternAutoConfiguration.class));
    }
}
