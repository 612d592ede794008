package dev.postern.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.tools.OnAnyJdk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a host configures a relay by, given null: the call fails at once, and names what is missing. */
@OnAnyJdk
class NullsTest {

    private static final UpstreamDelivery DELIVERY =
            message -> DeliveryResult.deferred("up", DeliveryResult.Reason.FAILED, "not asked");

    /** A right value of each type that stands beside a null. */
    private static final Map<Class<?>, Object> RIGHT = Map.ofEntries(
            Map.entry(int.class, 5),
            Map.entry(long.class, 5L),
            Map.entry(boolean.class, true),
            Map.entry(String.class, "127.0.0.1"),
            Map.entry(Duration.class, Duration.ofSeconds(5)),
            Map.entry(URI.class, URI.create("https://example.org/")),
            Map.entry(Path.class, Path.of("pom.xml")),
            Map.entry(Identity.class, Identity.of("ann@example.org")),
            Map.entry(RelayClock.class, RelayClock.system()),
            Map.entry(DeliveryLimits.class, DeliveryLimits.none()),
            Map.entry(Map.class, Map.of("example.org", DELIVERY)),
            Map.entry(UpstreamDelivery.class, DELIVERY),
            Map.entry(Function.class, Function.identity()),
            Map.entry(Supplier.class, (Supplier<String>) () -> "token"),
            Map.entry(RelayListener.class, RelayListener.none()),
            Map.entry(Authenticator.class, Authenticator.of(Map.of("ann@example.org", "secret"))));

    static Stream<Arguments> calls() {
        Upstream upstream = Upstream.smtps("mx.test", 465);
        return Stream.of(
                        calls(SmtpRelayBuilder.class, SmtpRelay.builder()),
                        calls(Upstream.class, upstream),
                        calls(AuthSettings.class, AuthSettings.defaults()),
                        calls(CircuitSettings.class, CircuitSettings.defaults()),
                        calls(ContentStorage.class, ContentStorage.defaults()),
                        calls(MessageRules.class, MessageRules.defaults()),
                        calls(Policies.class, Policies.defaults()),
                        calls(PoolSettings.class, PoolSettings.defaults()),
                        calls(SessionLimits.class, SessionLimits.defaults()),
                        calls(Stores.class, Stores.defaults()),
                        calls(TimeLimits.class, TimeLimits.defaults()),
                        calls(IdentityLimits.class, IdentityLimits.none()),
                        calls(DeliveryLimits.class, DeliveryLimits.none()),
                        calls(UpstreamTimeouts.class, UpstreamTimeouts.defaults()),
                        calls(Identity.class, Identity.of("ann@example.org")),
                        calls(Authenticator.class, null),
                        calls(RelayListener.class, null),
                        calls(SenderDomains.class, null),
                        calls(UpstreamDelivery.class, null))
                .flatMap(each -> each);
    }

    /** Each parameter of each method that configures; without an object, of those that need none. */
    private static Stream<Arguments> calls(Class<?> type, Object on) {
        List<Arguments> calls = new ArrayList<>();
        for (Method method : type.getDeclaredMethods()) {
            boolean isOurs = Modifier.isPublic(method.getModifiers()) && !method.isSynthetic();
            if (isOurs
                    && !ASKED.contains(method.getName())
                    && (on != null || Modifier.isStatic(method.getModifiers()))) {
                for (int i = 0; i < method.getParameterCount(); i++) {
                    if (!method.getParameterTypes()[i].isPrimitive()) {
                        calls.add(Arguments.of(method, i, on));
                    }
                }
            }
        }
        return calls.stream();
    }

    /** What answers a question, and a quota that may be none. */
    private static final Set<String> ASKED = Set.of("equals", "checks", "mends", "changesTo", "covering", "withQuota");

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("calls")
    void isRefusedByName(Method method, int parameter, Object on) {
        Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = i == parameter ? null : RIGHT.get(method.getParameterTypes()[i]);
        }
        Throwable thrown = catchThrowable(() -> method.invoke(on, arguments));
        assertThat(thrown).isInstanceOf(InvocationTargetException.class);
        assertThat(thrown.getCause()).isInstanceOf(NullPointerException.class);
        assertThat(thrown.getCause().getMessage()).matches("[a-z][A-Za-z]*");
    }

    @Test
    void ordersToARelayAreRefusedByName() {
        Authenticator users = Authenticator.of(Map.of("ann@example.org", "secret"));
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(AuthSettings.passwords(users).withPlaintext())
                .delivery(DELIVERY)
                .start()) {
            assertThat(catchThrowable(() -> relay.revoke(null))).hasMessage("user");
            assertThat(catchThrowable(() -> relay.revokeAccount(null))).hasMessage("account");
            assertThat(catchThrowable(() -> relay.usage(null))).hasMessage("account");
            assertThat(catchThrowable(() -> relay.disconnect(null))).hasMessage("sessionId");
            assertThat(catchThrowable(() -> relay.disconnectNow(null))).hasMessage("sessionId");
            assertThat(catchThrowable(() -> relay.pause(null))).hasMessage("reason");
        }
    }
}
