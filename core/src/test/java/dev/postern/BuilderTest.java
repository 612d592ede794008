package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.Check;
import dev.postern.settings.MessageRules;
import dev.postern.spi.Authenticator;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnAnyJdk
@Isolated("counts the threads of all relays")
class BuilderTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Authenticator USERS = Authenticator.of(Map.of("alice", "alice"));
    private static final AuthSettings IN_CLEAR = AuthSettings.passwords(USERS).withPlaintext();
    private static final UpstreamDelivery DELIVERY =
            submission -> DeliveryResult.accepted("memory", Reply.fromUpstream(250, List.of("Ok")));

    private static SmtpRelayBuilder complete() {
        return SmtpRelay.builder().listen("127.0.0.1", 0).auth(IN_CLEAR).delivery(DELIVERY);
    }

    // wrong parameters

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong("host", b -> b.listen("", 25)),
                wrong("host", b -> b.listen(" ", 25)),
                wrong("host", b -> b.listen("127.0.0.1\n", 25)),
                wrong("host", b -> b.listen("a b", 25)),
                wrong("host", b -> b.listenTls("", 25)),
                wrong("port", b -> b.listen("127.0.0.1", -1)),
                wrong("port", b -> b.listen("127.0.0.1", 65_536)),
                wrong("port", b -> b.listen("127.0.0.1", 587).listenTls("127.0.0.1", 587)),
                wrong("port", b -> b.listenTls("127.0.0.1", 65_536)),
                wrong("hostName", b -> b.hostName("")),
                wrong("hostName", b -> b.hostName("a b")),
                wrong("hostName", b -> b.hostName("a\r\nb")),
                wrong("hostName", b -> b.hostName("[192.0.2.1]")),
                wrong("hostName", b -> b.hostName("stra\u00dfe.example")), // which IDNA 2003 and 2008 read differently
                wrong("productName", b -> b.productName("")),
                wrong("productName", b -> b.productName("a b")),
                wrong("productName", b -> b.productName("x".repeat(65))),
                wrong("upstream", b -> b.upstream()));
    }

    private static Arguments wrong(String parameter, Consumer<SmtpRelayBuilder> call) {
        return arguments(parameter, call);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongParameterFailsAtItsCallByName(String parameter, Consumer<SmtpRelayBuilder> call) {
        SmtpRelayBuilder builder = SmtpRelay.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.accept(builder))
                .withMessageStartingWith(parameter);
    }

    // changed and started again

    @Test
    void aBuilderIsChangedAndStartedAgain() {
        SmtpRelayBuilder builder = complete().hostName("one.test").quota(QuotaPlan.perDay(1));
        try (SmtpRelay first = builder.start();
                SmtpRelay second = builder.hostName("two.test")
                        .productName("Second")
                        .messages(MessageRules.defaults().withMaxRecipients(7))
                        .delivery(DELIVERY)
                        .start()) {
            assertThat(second.port()).isNotEqualTo(first.port());
            assertThat(greeting(first)).contains("one.test").contains("Postern");
            assertThat(greeting(second)).contains("two.test").contains("Second");
            assertThat(limits(first)).contains("RCPTMAX=50");
            assertThat(limits(second)).contains("RCPTMAX=7");
        }
    }

    /** Not yet: the client, or the upstream, has not yet heard of SMTPUTF8 (RFC 6531 section 3.7.1). */
    @Test
    void aNameBeyondAsciiIsSaidInALabels() {
        try (FakeUpstream upstream = FakeUpstream.start();
                SmtpRelay relay = complete()
                        .hostName("m\u00fcnchen.example")
                        .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                        .start()) {
            assertThat(greeting(relay)).startsWith("220 xn--mnchen-3ya.example ");
            assertThat(limits(relay)).contains("xn--mnchen-3ya.example");
            assertThat(relay.verify(SECOND)).allMatch(UpstreamHealth::ok);
            assertThat(upstream.commands()).contains("EHLO xn--mnchen-3ya.example");
        }
    }

    @Test
    void listenersAreAddedAndTheRestIsReplaced() {
        SmtpRelayBuilder builder = complete();
        try (SmtpRelay one = builder.start();
                SmtpRelay two = builder.listen("127.0.0.1", 0)
                        .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice")))
                        .start()) {
            assertThat(one.addresses()).hasSize(1);
            assertThat(two.addresses()).hasSize(2);
            assertThat(limits(one)).contains("AUTH PLAIN LOGIN");
            assertThat(limits(two)).as("the second has trust alone").doesNotContain("AUTH");
        }
    }

    static Stream<Arguments> ways() {
        return Stream.of(
                arguments(
                        "delivery",
                        way(b -> b.upstream(Upstream.smtp("127.0.0.1", 1)).delivery(DELIVERY)),
                        250),
                arguments("upstream", way(b -> b.delivery(DELIVERY).upstream(Upstream.smtp("127.0.0.1", 1))), 421),
                arguments(
                        "upstreams",
                        way(b -> b.delivery(DELIVERY).upstreams(connect -> connect.to(Upstream.smtp("127.0.0.1", 1)))),
                        421));
    }

    private static UnaryOperator<SmtpRelayBuilder> way(UnaryOperator<SmtpRelayBuilder> way) {
        return way;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theLastWayForMessagesCounts(String last, UnaryOperator<SmtpRelayBuilder> way, int code) {
        try (SmtpRelay relay = way.apply(complete()
                                .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice"))))
                        .messages(MessageRules.defaults().without(Check.values()))
                        .start();
                SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0))) {
            assertThat(probe.readReply().code()).isEqualTo(220);
            assertThat(probe.ehlo().code()).isEqualTo(250);
            assertThat(probe.mail("alice@client.test").code()).isEqualTo(250);
            assertThat(probe.rcpt("bob@dest.test").code()).isEqualTo(250);
            assertThat(probe.data("hello\r\n").code()).as(last).isEqualTo(code);
        }
    }

    private static String greeting(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0))) {
            return probe.readReply().toString();
        }
    }

    private static String limits(SmtpRelay relay) {
        try (SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(0))) {
            assertThat(probe.readReply().code()).isEqualTo(220);
            return probe.ehlo().toString();
        }
    }

    // what does not go together

    static Stream<Arguments> incomplete() {
        return Stream.of(
                arguments("listen(host, port)", SmtpRelay.builder()),
                arguments(
                        "tls(settings)",
                        SmtpRelay.builder()
                                .listenTls("127.0.0.1", 0)
                                .delivery(DELIVERY)
                                .auth(IN_CLEAR)),
                arguments(
                        "upstream(...), upstreams(...) and delivery(...)",
                        SmtpRelay.builder().listen("127.0.0.1", 0).auth(IN_CLEAR)),
                arguments("delivery(...)", complete().verifyUpstreamsAtStart()),
                arguments(
                        "auth(AuthSettings.passwords(authenticator))",
                        SmtpRelay.builder().listen("127.0.0.1", 0).delivery(DELIVERY)),
                arguments("withTrusted(cidr, identity)", complete().auth(AuthSettings.defaults())),
                arguments(
                        "withPlaintext()",
                        SmtpRelay.builder()
                                .listen("127.0.0.1", 0)
                                .delivery(DELIVERY)
                                .auth(AuthSettings.passwords(USERS))));
    }

    @ParameterizedTest
    @MethodSource("incomplete")
    void startSaysWhatToCall(String call, SmtpRelayBuilder builder) {
        assertThatIllegalStateException().isThrownBy(builder::start).withMessageContaining(call);
    }

    // starting and stopping

    @Test
    void aPortThatIsInUseIsNamedAndNothingIsLeft() throws IOException {
        Set<Thread> before = threads();
        AtomicInteger closed = new AtomicInteger();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SmtpRelayBuilder builder = SmtpRelay.builder()
                    .listen("127.0.0.1", 0) // one that can be had, and must be given back
                    .listen("127.0.0.1", taken.getLocalPort())
                    .auth(IN_CLEAR)
                    .delivery(closing(closed));
            assertThatExceptionOfType(RelayStartException.class)
                    .isThrownBy(builder::start)
                    .withMessageContaining("127.0.0.1:" + taken.getLocalPort())
                    .withMessageContaining("choose another");
        }
        assertNothingLeft(before);
        assertThat(closed).hasValue(1);
    }

    @Test
    void aListenerThatHasAnothersPlaceIsNamed() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        SmtpRelayBuilder builder = complete().listen("0.0.0.0", free).listen("127.0.0.1", free);
        assertThatExceptionOfType(RelayStartException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("cannot listen at 127.0.0.1:" + free)
                .withMessageContaining("this relay listens at 0.0.0.0:" + free + " already");
    }

    @Test
    void aNameThatIsNoAddressHereIsNamed() {
        Set<Thread> before = threads();
        SmtpRelayBuilder builder = complete().listen("no-such-host.invalid", 2525);
        assertThatExceptionOfType(RelayStartException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("no-such-host.invalid:2525");
        assertNothingLeft(before);
    }

    @Test
    void startedAndStoppedAHundredTimesLeavesNothing() throws IOException {
        Set<Thread> before = threads();
        int port = 0;
        for (int i = 0; i < 100; i++) {
            try (SmtpRelay relay = complete().listen("127.0.0.1", 0).start()) {
                assertThat(relay.addresses()).hasSize(2).doesNotHaveDuplicates();
                port = relay.port();
                if (i % 10 == 0) {
                    try (SmtpProbe probe = SmtpProbe.connect(relay.addresses().get(1))) {
                        assertThat(probe.readReply().code()).isEqualTo(220);
                    }
                }
            }
        }
        assertNothingLeft(before);
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(free.isBound()).isTrue();
        }
    }

    @Test
    void closingTwiceClosesOnce() {
        AtomicInteger closed = new AtomicInteger();
        SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .auth(IN_CLEAR)
                .delivery(closing(closed))
                .start();
        relay.close();
        relay.close();
        relay.stop(Duration.ZERO);
        assertThat(closed).hasValue(1);
        assertThat(relay.connections()).isZero();
    }

    @Test
    void stopRefusesANegativeGraceAndTakesAnyOther() {
        Set<Thread> before = threads();
        SmtpRelay relay = complete().start();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> relay.stop(SECOND.negated()))
                .withMessageContaining("grace");
        relay.stop(Duration.ofSeconds(Long.MAX_VALUE));
        assertNothingLeft(before);
    }

    private static UpstreamDelivery closing(AtomicInteger closed) {
        return new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                return DELIVERY.deliver(submission);
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("postern"))
                .collect(Collectors.toSet());
    }

    private static void assertNothingLeft(Set<Thread> before) {
        assertThat(threads()).as("threads of the relay").isSubsetOf(before);
    }
}
