package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.robustness.Await;
import dev.postern.settings.MessageRules;
import dev.postern.settings.TimeLimits;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.RelayEvent.NotRelayed;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.Access;
import dev.postern.testkit.RelayEvents;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An upstream that is too slow at one step is given up after the time of that step, over TLS and after a login. */
class SlowUpstreamTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration OTHERS = Duration.ofHours(20);
    private static final UpstreamTimeouts PATIENT =
            UpstreamTimeouts.each(OTHERS).withDelivery(Duration.ofDays(1));
    /** More than the buffers between two sockets hold. */
    private static final String LARGE = Scene.MESSAGE + ("x".repeat(998) + "\r\n").repeat(24 << 10);

    private final RelayEvents events = new RelayEvents();

    static Stream<Arguments> steps() {
        return Stream.of(
                opening(Stage.GREETING, Fault.hang(), UpstreamTimeouts::withGreeting, "reply: time-out"),
                opening(Stage.EHLO, Fault.hang(), UpstreamTimeouts::withCommand, "reply: time-out"),
                opening(Stage.STARTTLS, Fault.hang(), UpstreamTimeouts::withCommand, "reply: time-out"),
                opening(
                        Stage.STARTTLS,
                        Fault.reply("220 2.0.0 go").then(Fault.hang()),
                        UpstreamTimeouts::withConnect,
                        "TLS handshake: time-out"),
                opening(Stage.AUTH, Fault.hang(), UpstreamTimeouts::withCommand, "AUTH PLAIN: no reply"),
                message(Stage.MAIL, UpstreamTimeouts::withMail, Reason.TURNED_AWAY, "MAIL: reply: time-out"),
                message(Stage.RCPT, UpstreamTimeouts::withRcpt, Reason.FAILED, "RCPT: reply: time-out"),
                message(Stage.DATA, UpstreamTimeouts::withDataInitiation, Reason.FAILED, "DATA: reply: time-out"),
                message(
                        Stage.END_OF_DATA,
                        UpstreamTimeouts::withDataTermination,
                        Reason.AMBIGUOUS,
                        "END: reply: time-out"),
                message(Stage.RCPT, UpstreamTimeouts::withDelivery, Reason.FAILED, "RCPT: reply: time-out"));
    }

    private static Arguments opening(
            Stage stage, Fault fault, BiFunction<UpstreamTimeouts, Duration, UpstreamTimeouts> limit, String detail) {
        return arguments(stage, fault, limit, StandardReply.UPSTREAM_UNREACHABLE, Reason.UNREACHABLE, detail);
    }

    private static Arguments message(
            Stage stage, BiFunction<UpstreamTimeouts, Duration, UpstreamTimeouts> limit, Reason reason, String detail) {
        return arguments(stage, Fault.hang(), limit, StandardReply.UPSTREAM_RELAY_FAILED, reason, detail);
    }

    @ParameterizedTest(name = "{0} {1}: {5}")
    @MethodSource("steps")
    void eachStepHasItsTime(
            Stage stage,
            Fault fault,
            BiFunction<UpstreamTimeouts, Duration, UpstreamTimeouts> limit,
            StandardReply row,
            Reason reason,
            String detail) {
        try (Scene scene = scene(limit.apply(PATIENT, LIMIT), Scene::byStartTlsAndLogin)) {
            scene.upstream.script(stage, fault);
            assertGivenUp(scene, Scene.MESSAGE, row, reason, detail);
        }
    }

    /** The socket's own time-out is for reads; a write that is blocked is ended by the watchdog. */
    @Test
    void aBlockThatNobodyReadsIsGivenUp() {
        try (Scene scene = scene(PATIENT.withDataBlock(LIMIT), Scene::byStartTlsAndLogin)) {
            scene.upstream.script(Stage.CONTENT, Fault.stall());
            assertGivenUp(scene, LARGE, StandardReply.UPSTREAM_RELAY_FAILED, Reason.FAILED, "CONTENT: write: time-out");
        }
    }

    /** The system answers for a server until its queue is full, and not at all then. */
    @Test
    void aServerThatDoesNotAcceptIsGivenUp() throws IOException {
        List<SocketChannel> queue = new ArrayList<>();
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            for (int i = 0; i < 8; i++) {
                SocketChannel channel = SocketChannel.open();
                queue.add(channel);
                channel.configureBlocking(false);
                channel.connect(new InetSocketAddress(deaf.getInetAddress(), deaf.getLocalPort()));
            }
            try (Scene scene =
                    scene(PATIENT.withConnect(LIMIT), server -> Upstream.smtp("127.0.0.1", deaf.getLocalPort()))) {
                assertGivenUp(
                        scene,
                        Scene.MESSAGE,
                        StandardReply.UPSTREAM_UNREACHABLE,
                        Reason.UNREACHABLE,
                        "connect: time-out");
            }
        } finally {
            for (SocketChannel channel : queue) {
                channel.close();
            }
        }
    }

    private Scene scene(UpstreamTimeouts timeouts, Function<FakeUpstream, Upstream> way) {
        return Scene.open(
                builder -> builder.listener(events)
                        .messages(MessageRules.defaults().withMaxSize(64 << 20))
                        .times(TimeLimits.defaults()
                                .withInactivity(Duration.ofDays(1))), // the client's part is not slow
                server -> way.apply(server).timeouts(timeouts));
    }

    private void assertGivenUp(Scene scene, String content, StandardReply row, Reason reason, String detail) {
        SmtpProbe probe = scene.atRcpt(Access.CLEAR);
        assertThat(probe.send("DATA")).hasCode(354);
        probe.write(content + ".\r\n");
        if (reason != Reason.UNREACHABLE) { // a clock moved sooner would take the time for the connection
            Await.until(
                    "MAIL at the upstream",
                    () -> scene.upstream.commands().stream().anyMatch(line -> line.startsWith("MAIL")));
        }
        // in steps: what the upstream has said must be read before the time of the whole delivery is over
        assertThat(scene.replyInTime(probe, LIMIT.dividedBy(8))).isStandardReply(row);
        Deferred deferred = (Deferred) events.of(NotRelayed.class).get(0).result();
        assertThat(deferred.reason()).isEqualTo(reason);
        assertThat(deferred.detail()).isEqualTo(detail);
        assertThat(deferred.took()).isBetween(LIMIT, OTHERS);
        assertThat(scene.upstream.messages()).isEmpty();
    }
}
