package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.fail;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Events, and whom they reach. */
class RelayListenerTest {

    private static final InetSocketAddress ANYWHERE = new InetSocketAddress("192.0.2.1", 25);
    private static final EventSession SESSION =
            EventSession.of(ClientInfo.of("s-1", ANYWHERE, ANYWHERE)).withIdentity(Identity.of("Ann"));
    private static final Reply REPLY = StandardReply.INACTIVITY.reply();

    static Stream<RelayEvent> events() {
        Submission message = Mail.simple();
        DeliveryResult.Deferred lost = DeliveryResult.deferred("one", DeliveryResult.Reason.UNREACHABLE, "refused");
        QuotaPlan plan = QuotaPlan.perDay(10);
        QuotaUsage usage = new QuotaUsage(8, 0, 10, Instant.EPOCH);
        return Stream.of(
                RelayEvent.RelayStarted.of(() -> fail("nobody asked for figures")),
                RelayEvent.RelayClosed.of(),
                RelayEvent.LoginJudged.of(SESSION, REPLY, Duration.ZERO),
                RelayEvent.MessageReceived.of(SESSION, message.envelope(), Optional.of(message.content())),
                RelayEvent.MessageAnswered.of(SESSION, RelayEvent.Outcome.ACCEPTED, REPLY, Duration.ZERO),
                RelayEvent.SessionOpened.of(SESSION),
                RelayEvent.SessionClosed.of(SESSION, RelayEvent.End.QUIT, Duration.ZERO),
                RelayEvent.Authenticated.of(SESSION, Identity.of("ann")),
                RelayEvent.Refused.of(SESSION, RelayEvent.Stage.MAIL, REPLY),
                RelayEvent.Relayed.of(
                        message, DeliveryResult.accepted("one", StandardReply.RESET_OK.reply()), Duration.ZERO),
                RelayEvent.NotRelayed.of(message, lost, REPLY, Duration.ZERO),
                RelayEvent.PassedOver.of(message, lost),
                RelayEvent.UpstreamLost.of("one", 3, Duration.ZERO, "refused"),
                RelayEvent.UpstreamStillLost.of("one", Duration.ZERO, "refused"),
                RelayEvent.UpstreamFound.of("one", Duration.ZERO),
                RelayEvent.QuotaThreshold.of("acme", plan, usage, 80),
                RelayEvent.QuotaAdjusted.of(
                        new QuotaAdjustment("acme", plan, QuotaAdjustment.Kind.SET, 0, "a test"), usage),
                RelayEvent.StoreLost.of("QuotaStore", StoreFailure.REFUSE),
                RelayEvent.StoreFound.of("QuotaStore"));
    }

    /** A listener of which each method is the default one, but that a call of it is written down. */
    private static RelayListener noting(List<String> calls) {
        return (RelayListener) Proxy.newProxyInstance(
                RelayListenerTest.class.getClassLoader(),
                new Class<?>[] {RelayListener.class},
                (proxy, method, arguments) -> {
                    calls.add(method.getName() + " " + method.getParameterTypes()[0].getSimpleName());
                    return java.lang.reflect.InvocationHandler.invokeDefault(proxy, method, arguments);
                });
    }

    @ParameterizedTest
    @MethodSource("events")
    void anEventReachesTheMethodForAllAndTheOneForItsKind(RelayEvent event) {
        List<String> calls = new ArrayList<>();
        noting(calls).on(event);
        String kind = event.getClass().getSimpleName();
        String method = Character.toLowerCase(kind.charAt(0)) + kind.substring(1);
        assertThat(calls).containsExactly("on RelayEvent", method + " " + kind);
    }

    @Test
    void eachKindHasItsMethodAndEachMethodItsKind() {
        Set<String> methods = Arrays.stream(RelayListener.class.getDeclaredMethods())
                .filter(Method::isDefault)
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> kinds = events().map(event -> event.getClass().getSimpleName())
                .map(kind -> Character.toLowerCase(kind.charAt(0)) + kind.substring(1))
                .collect(Collectors.toCollection(TreeSet::new));
        kinds.add("on");
        assertThat(methods).isEqualTo(kinds);
    }

    /** An extension's, or one of a later version. */
    @Test
    void anUnknownEventReachesTheMethodForAllAlone() {
        List<String> calls = new ArrayList<>();
        noting(calls).on(new RelayEvent() {});
        assertThat(calls).containsExactly("on RelayEvent");
    }

    @Test
    void severalAreToldInOrderAlsoWhenOneThrows() {
        List<String> told = new ArrayList<>();
        RelayListener all = RelayListener.all(
                RelayListener.of(event -> told.add("first")),
                RelayListener.of(event -> {
                    throw new IllegalStateException("one");
                }),
                RelayListener.none(),
                RelayListener.of(event -> {
                    throw new IllegalArgumentException("two");
                }),
                RelayListener.of(event -> told.add("last")));
        assertThatIllegalStateException()
                .isThrownBy(() -> all.on(RelayEvent.StoreFound.of("QuotaStore")))
                .withMessage("one")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(told).containsExactly("first", "last");
    }

    @Test
    void refusesToHandEventsOverToNobody() {
        assertThatNullPointerException()
                .isThrownBy(() -> RelayListener.async(nobody(), 10))
                .withMessage("listener");
    }

    @Test
    void aQueueThatMayBeLongTakesNoMemoryBeforeItIs() {
        try (AsyncListener listener = RelayListener.async(RelayListener.none(), Integer.MAX_VALUE)) {
            assertThat(listener.waiting()).isZero();
        }
    }

    @SuppressWarnings("NullAway") // as a caller may who does not check
    private static RelayListener nobody() {
        return null;
    }

    @Test
    void anEventOfASessionSaysWhose() {
        RelayEvent.Refused refused = RelayEvent.Refused.of(SESSION.withMessageId("s-1.0"), RelayEvent.Stage.RCPT, REPLY)
                .withDetail("bob");
        assertThat(refused.sessionId()).isEqualTo("s-1");
        assertThat(refused.client().remote()).isEqualTo(ANYWHERE);
        assertThat(refused.identity()).contains(Identity.of("ann"));
        assertThat(refused.messageId()).contains("s-1.0");
        assertThat(refused.stage()).isEqualTo(RelayEvent.Stage.RCPT);
        assertThat(refused.detail()).isEqualTo("bob");
        Submission message = Mail.simple();
        RelayEvent.PassedOver passed = RelayEvent.PassedOver.of(
                message, DeliveryResult.deferred("one", DeliveryResult.Reason.UNREACHABLE, "refused"));
        assertThat(passed.sessionId()).isEqualTo(message.client().sessionId());
        assertThat(passed.identity()).contains(message.identity());
        assertThat(passed.messageId()).contains(message.id());
        RelayEvent.SessionClosed closed = RelayEvent.SessionClosed.of(
                        SESSION, RelayEvent.End.FAREWELL, Duration.ofSeconds(1))
                .withFarewell(REPLY)
                .withMessages(2)
                .withOctetsIn(3)
                .withOctetsOut(4);
        assertThat(closed.farewell()).contains(REPLY);
        assertThat(List.of(closed.messages(), closed.octetsIn(), closed.octetsOut()))
                .containsExactly(2, 3L, 4L);
    }
}
