package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.settings.AuthSettings;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamHealth.Step;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.FakeUpstream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether upstreams are ready for messages, without giving them one. */
@Isolated("waits for the threads of all relays")
class VerifyTest {

    private static final String PASSWORD = "battery-staple";

    private final FakeUpstream server =
            FakeUpstream.start().withStartTls(TestCertificates.serverContext()).withCredentials("postern", PASSWORD);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anUpstreamIsReady() {
        try (SmtpRelay relay = builder().upstream(upstream()).start()) {
            UpstreamHealth health = relay.verify().get(0);
            assertThat(health.ok()).as(health.toString()).isTrue();
            assertThat(health.upstream()).isEqualTo("localhost:" + server.port());
            assertThat(health.tls().orElseThrow().protocol()).isEqualTo("TLSv1.3");
            assertThat(health.tls().orElseThrow().cipherSuite()).startsWith("TLS_");
            assertThat(health.certificatesExpire().orElseThrow())
                    .isBetween(
                            Instant.now().plus(Duration.ofDays(3600)),
                            Instant.now().plus(Duration.ofDays(3653)));
            assertThat(health.extensions())
                    .contains("AUTH PLAIN LOGIN", "PIPELINING")
                    .isSorted();
            assertThat(health.took()).isGreaterThanOrEqualTo(Duration.ZERO);
            assertThat(relay.verify()).hasSize(1);
        }
        assertThat(server.commands()).contains("QUIT").noneMatch(command -> command.startsWith("MAIL"));
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void withoutTlsThereIsNothingToTellOfIt() {
        try (FakeUpstream plain = FakeUpstream.start();
                SmtpRelay relay = builder()
                        .upstream(Upstream.smtp("127.0.0.1", plain.port()))
                        .start()) {
            UpstreamHealth health = relay.verify().get(0);
            assertThat(health.ok()).isTrue();
            assertThat(health.tls()).isEmpty();
            assertThat(health.certificatesExpire()).isEmpty();
        }
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault(Step.CONNECT, "refused", FakeUpstream::refuseConnections),
                fault(
                        Step.GREETING,
                        "554 5.3.2 not you",
                        s -> s.script(Stage.GREETING, Fault.replyThenClose("554 5.3.2 not you"))),
                fault(Step.GREETING, "closed", s -> s.script(Stage.GREETING, Fault.close())),
                fault(Step.EHLO, "450 4.7.1 who?", s -> s.script(Stage.EHLO, Fault.reply("450 4.7.1 who?"))),
                fault(Step.TLS, "localhost", s -> s.withStartTls(TestCertificates.wrongNameServerContext())),
                fault(
                        Step.TLS,
                        "no subjectAltName of the kind DNS, and its common name does not count (RFC 9525); get one with"
                                + " DNS:localhost for the upstream",
                        s -> s.withStartTls(TestCertificates.commonNameServerContext())),
                fault(Step.TLS, "TLS handshake", s -> s.withStartTls(TestCertificates.untrustedServerContext())),
                fault(Step.AUTH, "AUTH PLAIN: 535 5.7.8", s -> s.withCredentials("postern", "other")));
    }

    private static Arguments fault(Step step, String detail, Consumer<FakeUpstream> cause) {
        return arguments(step, detail, cause);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("faults")
    void saysAtWhichStepAnUpstreamFails(Step step, String detail, Consumer<FakeUpstream> cause) {
        cause.accept(server);
        try (SmtpRelay relay = builder().upstream(upstream()).start()) {
            assertFailed(relay.verify().get(0), step, detail);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("faults")
    void aRelayThatVerifiesIsNotStartedThen(Step step, String detail, Consumer<FakeUpstream> cause)
            throws InterruptedException {
        cause.accept(server);
        List<Thread> before = threads();
        SmtpRelayBuilder builder = builder().upstream(upstream()).verifyUpstreamsAtStart();
        assertThatExceptionOfType(RelayStartException.class)
                .isThrownBy(builder::start)
                .withMessageContaining("localhost:" + server.port() + ": " + step + " failed: ")
                .withMessageContaining(detail)
                .withMessageEndingWith(step.advice())
                .withMessageNotContaining(PASSWORD);
        assertNothingLeft(before);
    }

    @Test
    void anUpstreamWithoutStarttlsIsNotTrusted() {
        try (FakeUpstream plain = FakeUpstream.start();
                SmtpRelay relay = builder()
                        .upstream(Upstream.startTls("localhost", plain.port()))
                        .start()) {
            assertFailed(relay.verify().get(0), Step.STARTTLS, "not offered");
            assertThat(relay.verify().get(0).extensions()).contains("PIPELINING");
        }
    }

    @Test
    void withoutTrustOfItsOwnAnUpstreamTrustsWhatTheJvmTrusts() {
        try (SmtpRelay relay = builder()
                .upstream(Upstream.startTls("localhost", server.port()).login("postern", PASSWORD))
                .start()) {
            assertFailed(relay.verify().get(0), Step.TLS, "unable to find valid certification path");
        }
        assertThat(server.commands()).noneMatch(command -> command.startsWith("AUTH"));
    }

    @Test
    void aCertificateForAnAddressIsForItsUpstreamToo() {
        Upstream address = Upstream.startTls("127.0.0.1", server.port())
                .tls(TestCertificates.clientContext())
                .login("postern", PASSWORD);
        try (SmtpRelay relay = builder().upstream(address).start()) {
            assertThat(relay.verify().get(0).ok()).isTrue();
        }
        server.withStartTls(TestCertificates.wrongNameServerContext());
        try (SmtpRelay relay = builder().upstream(address).start()) {
            assertFailed(relay.verify().get(0), Step.TLS, "127.0.0.1");
        }
    }

    @Test
    void aNameWithoutAnAddressIsNamed() {
        try (SmtpRelay relay =
                builder().upstream(Upstream.smtp("no-such-host.invalid", 25)).start()) {
            assertFailed(relay.verify().get(0), Step.ADDRESS, "no-such-host.invalid");
        }
    }

    @Test
    void allUpstreamsOfACompositionAreVerified() {
        Upstream refused = Upstream.smtp("127.0.0.1", closedPort());
        try (SmtpRelay relay = builder()
                .upstreams(connect -> UpstreamDelivery.byRecipientDomain(
                        Map.of("corp.test", connect.to(upstream())),
                        UpstreamDelivery.inOrder(List.of(connect.to(refused), connect.to(upstream())))))
                .start()) {
            assertThat(relay.verify()).extracting(UpstreamHealth::ok).containsExactly(true, false, true);
        }
    }

    @Test
    void aCheckThatTakesTooLongIsNotWaitedFor() {
        server.script(Stage.GREETING, Fault.hang());
        TestClock clock = new TestClock();
        try (SmtpRelay relay = builder(clock).upstream(upstream()).start()) {
            List<UpstreamHealth> found =
                    clock.advanceUntil(Duration.ofSeconds(1), () -> relay.verify(Duration.ofSeconds(20)));
            assertFailed(found.get(0), Step.CONNECT, "no answer within 20000 ms");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> relay.verify(Duration.ZERO))
                    .withMessageStartingWith("longest must be positive");
            server.dropConnections();
            server.clearScripts();
            assertThat(relay.verify(Duration.ofSeconds(20)).get(0).ok()).isTrue();
        }
    }

    @Test
    void aRelayTellsHowFarItHasCome() {
        List<RelayState> seen = new ArrayList<>();
        AtomicReference<@Nullable SmtpRelay> running = new AtomicReference<>();
        UpstreamDelivery own = new UpstreamDelivery() {
            @Override
            public DeliveryResult deliver(Submission submission) {
                throw new IllegalStateException("nothing is sent");
            }

            @Override
            public void close() {
                seen.add(Objects.requireNonNull(running.get()).state());
            }
        };
        SmtpRelay relay = builder().delivery(own).start();
        running.set(relay);
        assertThat(relay.state()).isEqualTo(RelayState.RUNNING);
        relay.close();
        assertThat(seen).containsExactly(RelayState.DRAINING);
        assertThat(relay.state()).isEqualTo(RelayState.CLOSED);
    }

    @Test
    void aRelayWhoseUpstreamsAreReadyStarts() {
        try (SmtpRelay relay =
                builder().upstream(upstream()).verifyUpstreamsAtStart().start()) {
            assertThat(relay.port()).isPositive();
        }
        assertThat(server.commands()).contains("QUIT");
    }

    @Test
    void aDeliveryOfTheHostsOwnIsTheHostsToVerify() {
        UpstreamDelivery own = submission -> DeliveryResult.accepted("own", Reply.fromUpstream(250, List.of("Ok")));
        try (SmtpRelay relay = builder().delivery(own).start()) {
            assertThat(relay.verify()).isEmpty();
        }
        SmtpRelayBuilder builder = builder().delivery(own).verifyUpstreamsAtStart();
        assertThatIllegalStateException().isThrownBy(builder::start).withMessageContaining("delivery(...)");
    }

    @Test
    void aClosedRelayHasNothingToVerify() {
        SmtpRelay relay = builder().upstream(upstream()).start();
        relay.close();
        assertThatIllegalStateException().isThrownBy(relay::verify).withMessage("the relay is closed");
    }

    @Test
    void aCompositionThatFailsLeavesNothing() throws InterruptedException {
        List<Thread> before = threads();
        SmtpRelayBuilder builder = builder().upstreams(connect -> {
            connect.to(upstream());
            throw new IllegalArgumentException("no route");
        });
        assertThat(org.assertj.core.api.Assertions.catchThrowable(builder::start))
                .hasMessage("no route");
        assertNothingLeft(before);
    }

    private Upstream upstream() {
        return Upstream.startTls("localhost", server.port())
                .tls(TestCertificates.clientContext())
                .login("postern", PASSWORD);
    }

    private static SmtpRelayBuilder builder() {
        return builder(new TestClock());
    }

    private static SmtpRelayBuilder builder(TestClock clock) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@client.test")))
                .clock(clock);
    }

    private static int closedPort() {
        try (FakeUpstream gone = FakeUpstream.start()) {
            return gone.port();
        }
    }

    private static void assertFailed(UpstreamHealth health, Step step, String detail) {
        assertThat(health.ok()).isFalse();
        assertThat(health.failure().orElseThrow().step()).as(health.toString()).isEqualTo(step);
        assertThat(health.failure().orElseThrow().detail()).contains(detail);
        assertThat(health.toString()).doesNotContain(PASSWORD);
    }

    /** A thread of an executor that has ended may need a moment more. */
    private static void assertNothingLeft(List<Thread> before) throws InterruptedException {
        for (Thread thread : threads()) {
            if (!before.contains(thread)) {
                thread.join(Duration.ofSeconds(10).toMillis());
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("postern"))
                .collect(Collectors.toList());
    }
}
