package dev.postern.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.spi.Identity;
import dev.postern.testkit.TestCertificates;
import dev.postern.tools.OnAnyJdk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The groups of settings: what they refuse, and that a copy has the one change that was asked for. */
@OnAnyJdk
class SettingsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration TWO_DAYS = Duration.ofDays(2);
    private static final SessionLimits SESSIONS = SessionLimits.defaults();
    private static final TimeLimits TIMES = TimeLimits.defaults();
    private static final MessageRules MESSAGES = MessageRules.defaults();
    private static final ContentStorage STORAGE = ContentStorage.defaults();
    private static final PoolSettings POOL = PoolSettings.defaults();
    private static final CircuitSettings CIRCUIT = CircuitSettings.defaults();
    private static final AuthSettings AUTH = AuthSettings.defaults();
    private static final TlsSettings TLS = TlsSettings.of(TestCertificates.serverContext());

    /** A value that none has by default. */
    private static final Map<Class<?>, Object> OTHERS =
            Map.of(int.class, 77, long.class, 77L, Duration.class, Duration.ofSeconds(77), Path.class, Path.of("."));

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong("perUser", () -> SESSIONS.withPerUser(0)),
                wrong("perAccount", () -> SESSIONS.withPerAccount(-1)),
                wrong("loginWait", () -> SESSIONS.withLoginWait(Duration.ofMillis(-1))),
                wrong("loginWait", () -> SESSIONS.withLoginWait(Duration.ofSeconds(241))),
                wrong("perAddress", () -> SESSIONS.withPerAddress(0)),
                wrong("ipv6PrefixLength", () -> SESSIONS.withIpv6PrefixLength(0)),
                wrong("ipv6PrefixLength", () -> SESSIONS.withIpv6PrefixLength(129)),
                wrong("connections", () -> SESSIONS.withConnections(0)),
                wrong("messages", () -> SESSIONS.withMessages(0)),
                wrong("errors", () -> SESSIONS.withErrors(0)),
                wrong("lifetime", () -> SESSIONS.withLifetime(Duration.ZERO)),
                wrong("lifetime", () -> SESSIONS.withLifetime(TWO_DAYS)),
                wrong("inactivity", () -> TIMES.withInactivity(Duration.ZERO)),
                wrong("inactivity", () -> TIMES.withInactivity(TWO_DAYS)),
                wrong("inactivity", () -> TIMES.withInactivity(SECOND.negated())),
                wrong("commandLine", () -> TIMES.withCommandLine(Duration.ZERO)),
                wrong("commandLine", () -> TIMES.withCommandLine(TimeLimits.UNLIMITED)),
                wrong("contentRate", () -> TIMES.withContentRate(0)),
                wrong("unread", () -> TIMES.withUnread(TWO_DAYS)),
                wrong("handshake", () -> TIMES.withHandshake(TWO_DAYS)),
                wrong("proxyHeader", () -> TIMES.withProxyHeader(TWO_DAYS)),
                wrong("reply", () -> TIMES.withReply(Duration.ofMillis(9_999))),
                wrong("reply", () -> TIMES.withReply(TWO_DAYS)),
                wrong("plugin", () -> TIMES.withPlugin(Duration.ZERO)),
                wrong("plugin", () -> TIMES.withPlugin(Duration.ofSeconds(Long.MAX_VALUE))),
                wrong("maxRecipients", () -> MESSAGES.withMaxRecipients(0)),
                wrong("maxSize", () -> MESSAGES.withMaxSize(0)),
                wrong("memoryPerMessage", () -> STORAGE.withMemoryPerMessage(-1)),
                wrong("memory", () -> STORAGE.withMemory(-1)),
                wrong("directory", () -> STORAGE.withDirectory(Path.of("/nonexistent/postern"))),
                wrong("directory", () -> STORAGE.withDirectory(Path.of("pom.xml"))),
                wrong("failures", () -> AUTH.withFailures(0, SECOND, SECOND)),
                wrong("window", () -> AUTH.withFailures(1, Duration.ZERO, SECOND)),
                wrong("block", () -> AUTH.withFailures(1, SECOND, SECOND.negated())),
                wrong("reloadInterval", () -> TLS.withReloadInterval(Duration.ofMillis(999))),
                wrong("reloadInterval", () -> TLS.withReloadInterval(TWO_DAYS)),
                wrong("max", () -> POOL.withConnections(0, 0)),
                wrong("min", () -> POOL.withConnections(3, 2)),
                wrong("min", () -> POOL.withConnections(-1, 2)),
                wrong("maxWait", () -> POOL.withMaxWait(Duration.ZERO)),
                wrong("maxIdle", () -> POOL.withMaxIdle(Duration.ZERO)),
                wrong("maxMessages", () -> POOL.withMaxMessages(0)),
                wrong("maxAge", () -> POOL.withMaxAge(TWO_DAYS)),
                wrong("failures", () -> CIRCUIT.withFailures(0)),
                wrong("pause", () -> CIRCUIT.withPause(Duration.ZERO)),
                wrong("firstPause", () -> CIRCUIT.withPauses(Duration.ZERO, SECOND)),
                wrong("longestPause", () -> CIRCUIT.withPauses(SECOND, TWO_DAYS)),
                wrong("longestPause", () -> CIRCUIT.withPauses(SECOND, Duration.ofMillis(999))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "10.0.0.0/33", "10.0.0/8", "2001:db8::/129", "10.0.0.0/-1", ""})
    void whatIsNoNetworkIsNotTrusted(String cidr) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AUTH.withTrusted(cidr, Identity.of("x")))
                .withMessageStartingWith("cidr");
    }

    private static Arguments wrong(String setting, Supplier<Object> call) {
        return arguments(setting, call);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongValueFailsAtItsCallByName(String setting, Supplier<Object> call) {
        assertThatIllegalArgumentException().isThrownBy(call::get).withMessageStartingWith(setting + " must be ");
    }

    @Test
    void theMessageSaysTheBoundsAndTheValue() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SESSIONS.withLoginWait(Duration.ofSeconds(241)))
                .withMessage("loginWait must be 0 s to 240 s, not 241 s");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TIMES.withReply(Duration.ofMillis(9_999)))
                .withMessage("reply must be 10 s to 86400 s, not 9999 ms");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SESSIONS.withIpv6PrefixLength(129))
                .withMessage("ipv6PrefixLength must be 1 to 128, not 129");
    }

    static Stream<Arguments> groups() {
        return Stream.of(SESSIONS, TIMES, STORAGE, MESSAGES, POOL).map(Arguments::of);
    }

    /** Each setter of one value changes what its accessor tells, in the copy, and nothing else anywhere. */
    @ParameterizedTest
    @MethodSource("groups")
    void aSetterChangesItsOwnValueInACopy(Object group) throws ReflectiveOperationException {
        Map<String, Object> before = values(group);
        int tried = 0;
        for (Method setter : group.getClass().getMethods()) {
            if (!setter.getName().matches("with[A-Z].*") || setter.getParameterCount() != 1) {
                continue;
            }
            String name = setter.getName().substring(4, 5).toLowerCase(Locale.ROOT)
                    + setter.getName().substring(5);
            Object value = OTHERS.get(setter.getParameterTypes()[0]);
            if (value == null) {
                continue;
            }
            Object copy = setter.invoke(group, value);
            Map<String, Object> expected = new LinkedHashMap<>(before);
            expected.put(name, value);
            assertThat(values(copy)).as(name).isEqualTo(expected).isNotEqualTo(before);
            assertThat(values(group)).as("the original, after " + name).isEqualTo(before);
            tried++;
        }
        assertThat(tried).as("values that have a setter").isGreaterThanOrEqualTo(2);
    }

    private static Map<String, Object> values(Object group) throws IllegalAccessException, InvocationTargetException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Method accessor : group.getClass().getDeclaredMethods()) {
            boolean plain = accessor.getParameterCount() == 0
                    && Modifier.isPublic(accessor.getModifiers())
                    && !Modifier.isStatic(accessor.getModifiers())
                    && !accessor.getName().startsWith("with");
            if (plain) {
                values.put(accessor.getName(), accessor.invoke(group));
            }
        }
        return values;
    }

    @Test
    void unlimitedIsOneValue() {
        assertThat(SESSIONS.withLifetime(TimeLimits.UNLIMITED).lifetime()).isEqualTo(TimeLimits.UNLIMITED);
        assertThat(TIMES.withInactivity(TimeLimits.UNLIMITED).inactivity()).isEqualTo(TimeLimits.UNLIMITED);
    }

    @Test
    void switchesAreSetsThatGrowAndShrink() {
        MessageRules rules = MESSAGES.without(FixUp.DATE, FixUp.REMOVE_BCC).with(Check.LINE_ENDINGS);
        assertThat(mended(rules)).containsExactly(FixUp.RECEIVED, FixUp.MESSAGE_ID, FixUp.POSTMASTER);
        assertThat(mended(rules.with(FixUp.DATE)))
                .containsExactly(FixUp.RECEIVED, FixUp.DATE, FixUp.MESSAGE_ID, FixUp.POSTMASTER);
        assertThat(checked(rules)).containsExactly(Check.MIME, Check.ATTACHMENTS, Check.FROM, Check.LINE_ENDINGS);
        assertThat(checked(rules.without(Check.values()))).isEmpty();
        assertThat(mended(MESSAGES)).as("the defaults, still").containsExactly(FixUp.values());
        assertThat(checked(MESSAGES)).containsExactly(Check.MIME, Check.ATTACHMENTS, Check.FROM);
    }

    private static List<FixUp> mended(MessageRules rules) {
        return Arrays.stream(FixUp.values()).filter(rules::mends).toList();
    }

    private static List<Check> checked(MessageRules rules) {
        return Arrays.stream(Check.values()).filter(rules::checks).toList();
    }
}
