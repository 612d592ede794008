package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.spi.Authenticator;
import dev.postern.spi.ContentPolicy;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.RelayClock;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains;
import dev.postern.spi.SessionPolicy;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BuilderTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Authenticator USERS = Authenticator.of(Map.of("alice", "alice"));
    private static final UpstreamDelivery DELIVERY =
            submission -> DeliveryResult.accepted("memory", Reply.fromUpstream(250, List.of("Ok")));

    private static SmtpRelay.Builder complete() {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .authenticator(USERS)
                .allowPlaintextAuth()
                .delivery(DELIVERY);
    }

    // wrong parameters

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong("host", b -> b.listen("", 25)),
                wrong("host", b -> b.listen(" ", 25)),
                wrong("host", b -> b.listenTls("", 25)),
                wrong("port", b -> b.listen("127.0.0.1", -1)),
                wrong("port", b -> b.listen("127.0.0.1", 65_536)),
                wrong("port", b -> b.listenTls("127.0.0.1", 65_536)),
                wrong("hostName", b -> b.hostName("")),
                wrong("hostName", b -> b.hostName("a b")),
                wrong("hostName", b -> b.hostName("a\r\nb")),
                wrong("hostName", b -> b.hostName("[192.0.2.1]")),
                wrong("productName", b -> b.productName("")),
                wrong("productName", b -> b.productName("a b")),
                wrong("productName", b -> b.productName("x".repeat(65))),
                wrong("cidr", b -> b.trust("localhost", Identity.of("x"))),
                wrong("cidr", b -> b.trust("10.0.0.0/33", Identity.of("x"))),
                wrong("cidr", b -> b.trust("10.0.0/8", Identity.of("x"))),
                wrong("cidr", b -> b.trust("2001:db8::/129", Identity.of("x"))),
                wrong("cidr", b -> b.trust("10.0.0.0/-1", Identity.of("x"))),
                wrong("cidr", b -> b.trust("", Identity.of("x"))),
                wrong("failures", b -> b.authFailures(0, SECOND, SECOND)),
                wrong("window", b -> b.authFailures(1, Duration.ZERO, SECOND)),
                wrong("block", b -> b.authFailures(1, SECOND, SECOND.negated())),
                wrong("upstream", b -> b.upstream()));
    }

    private static Arguments wrong(String parameter, Consumer<SmtpRelay.Builder> call) {
        return arguments(parameter, call);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongParameterFailsAtItsCallByName(String parameter, Consumer<SmtpRelay.Builder> call) {
        SmtpRelay.Builder builder = SmtpRelay.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.accept(builder))
                .withMessageStartingWith(parameter);
    }

    // set twice

    static Stream<Arguments> settings() {
        return Stream.of(
                wrong("hostName", b -> b.hostName("relay.test")),
                wrong("productName", b -> b.productName("Relay")),
                wrong("tls", b -> b.tls(TestCertificates.serverContext())),
                wrong("authenticator", b -> b.authenticator(USERS)),
                wrong("tokenAuthenticator", b -> b.tokenAuthenticator(USERS)),
                wrong("allowPlaintextAuth", b -> b.allowPlaintextAuth()),
                wrong("authFailures", b -> b.authFailures(1, SECOND, SECOND)),
                wrong("senderDomains", b -> b.senderDomains(SenderDomains.ofIdentity())),
                wrong("upstream", b -> b.upstream(Upstream.smtp("mx.test", 25))),
                wrong("upstreams", b -> b.upstreams(connect -> DELIVERY)),
                wrong("verifyUpstreamsAtStart", b -> b.verifyUpstreamsAtStart()),
                wrong("delivery", b -> b.delivery(DELIVERY)),
                wrong("quota", b -> b.quota(QuotaPlan.perDay(1))),
                wrong("alignEnvelopeSender", b -> b.alignEnvelopeSender(true)),
                wrong("sessionPolicy", b -> b.sessionPolicy(SessionPolicy.acceptAll())),
                wrong("envelopePolicy", b -> b.envelopePolicy(EnvelopePolicy.acceptAll())),
                wrong("contentPolicy", b -> b.contentPolicy(ContentPolicy.acceptAll())),
                wrong("listener", b -> b.listener(RelayListener.none())),
                wrong("clock", b -> b.clock(RelayClock.system())));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void aSettingIsGivenOnce(String parameter, Consumer<SmtpRelay.Builder> call) {
        SmtpRelay.Builder builder = SmtpRelay.builder();
        call.accept(builder);
        assertThatIllegalStateException()
                .isThrownBy(() -> call.accept(builder))
                .withMessage(parameter + " is set already");
    }

    // what does not go together

    static Stream<Arguments> incomplete() {
        SmtpRelay.Builder none = SmtpRelay.builder();
        return Stream.of(
                arguments("listen(host, port)", none),
                arguments(
                        "tls(context)",
                        SmtpRelay.builder()
                                .listenTls("127.0.0.1", 0)
                                .delivery(DELIVERY)
                                .authenticator(USERS)
                                .allowPlaintextAuth()),
                arguments(
                        "upstream(...), upstreams(...) and delivery(...)",
                        SmtpRelay.builder()
                                .listen("127.0.0.1", 0)
                                .authenticator(USERS)
                                .allowPlaintextAuth()),
                arguments(
                        "upstream(...), upstreams(...) and delivery(...)",
                        complete().upstream(Upstream.smtp("mx.test", 25))),
                arguments(
                        "authenticator(...) or trust(cidr, identity)",
                        SmtpRelay.builder().listen("127.0.0.1", 0).delivery(DELIVERY)),
                arguments(
                        "allowPlaintextAuth()",
                        SmtpRelay.builder()
                                .listen("127.0.0.1", 0)
                                .delivery(DELIVERY)
                                .authenticator(USERS)));
    }

    @ParameterizedTest
    @MethodSource("incomplete")
    void startSaysWhatToCall(String call, SmtpRelay.Builder builder) {
        assertThatIllegalStateException().isThrownBy(builder::start).withMessageContaining(call);
    }

    // starting and stopping

    @Test
    void aPortThatIsInUseIsNamedAndNothingIsLeft() throws IOException {
        Set<Thread> before = threads();
        AtomicInteger closed = new AtomicInteger();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SmtpRelay.Builder builder = SmtpRelay.builder()
                    .listen("127.0.0.1", 0) // one that can be had, and must be given back
                    .listen("127.0.0.1", taken.getLocalPort())
                    .authenticator(USERS)
                    .allowPlaintextAuth()
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
    void aNameThatIsNoAddressHereIsNamed() {
        Set<Thread> before = threads();
        SmtpRelay.Builder builder = complete().listen("no-such-host.invalid", 2525);
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
                .authenticator(USERS)
                .allowPlaintextAuth()
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
