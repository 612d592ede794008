package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayEvent.End;
import dev.postern.spi.RelayEvent.Stage;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a listener is told of sessions: whose, where, how they ended, how much went over the wire. */
class SessionEventsTest {

    private static final String ALICE = "alice@client.test";

    private final BlockingQueue<RelayEvent.Refused> refused = new LinkedBlockingQueue<>();
    private final BlockingQueue<RelayEvent.SessionClosed> closed = new LinkedBlockingQueue<>();

    private final RelayListener listener = new RelayListener() {
        @Override
        public void refused(RelayEvent.Refused event) {
            refused.add(event);
        }

        @Override
        public void sessionClosed(RelayEvent.SessionClosed event) {
            closed.add(event);
        }
    };

    private static <T> T next(BlockingQueue<T> events) throws InterruptedException {
        T event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        return event;
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal(Stage.HELLO, false, probe -> probe.send("EHLO")),
                refusal(Stage.STARTTLS, false, probe -> probe.send("STARTTLS now")),
                refusal(Stage.AUTH, false, probe -> probe.authPlain(ALICE, "wrong")),
                refusal(Stage.MAIL, false, probe -> probe.mail(ALICE)),
                refusal(Stage.MAIL, true, probe -> probe.send("MAIL FROM:alice")),
                refusalInMessage(Stage.RCPT, probe -> {
                    probe.mail(ALICE);
                    probe.send("RCPT TO:bob");
                }),
                refusal(Stage.CONTENT, true, probe -> probe.send("DATA")),
                refusalInMessage(Stage.CONTENT, probe -> {
                    probe.mail(ALICE);
                    probe.send("DATA");
                }),
                refusalInMessage(Stage.CONTENT, probe -> {
                    probe.mail(ALICE);
                    probe.rcpt("bob@dest.test");
                    probe.data("From: mallory@elsewhere.test\r\n\r\nhello\r\n");
                }),
                refusal(Stage.OTHER, true, probe -> probe.send("XYZZY")),
                refusal(Stage.OTHER, false, probe -> probe.send("EXPN staff")));
    }

    private static Arguments refusal(Stage stage, boolean loggedIn, Consumer<SmtpProbe> dialogue) {
        return Arguments.of(stage, loggedIn, false, dialogue);
    }

    private static Arguments refusalInMessage(Stage stage, Consumer<SmtpProbe> dialogue) {
        return Arguments.of(stage, true, true, dialogue);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aRefusalSaysWhoseAndWhere(Stage stage, boolean loggedIn, boolean inMessage, Consumer<SmtpProbe> dialogue)
            throws Exception {
        try (Scene scene = Scene.open(b -> b.listener(listener))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            if (loggedIn) {
                assertThat(probe.authPlain(ALICE, "alice")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            }
            dialogue.accept(probe);
            RelayEvent.Refused event = next(refused);
            assertThat(event.stage()).isEqualTo(stage);
            assertThat(event.sessionId()).isEqualTo(event.client().sessionId()).isNotBlank();
            assertThat(event.identity().map(identity -> identity.user()))
                    .isEqualTo(loggedIn ? Optional.of(ALICE) : Optional.empty());
            assertThat(event.messageId().isPresent()).as("message").isEqualTo(inMessage);
        }
    }

    @Test
    void aSessionThatQuitsSaysSo() throws Exception {
        try (Scene scene = Scene.open(b -> b.listener(listener))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.authPlain(ALICE, "alice")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            assertThat(probe.mail(ALICE)).isOk();
            assertThat(probe.rcpt("bob@dest.test")).isOk();
            assertThat(probe.data("From: alice@client.test\r\n\r\nhello\r\n")).isOk();
            assertThat(probe.send("QUIT")).isStandardReply(StandardReply.GOODBYE);
            RelayEvent.SessionClosed event = next(closed);
            assertThat(event.end()).isEqualTo(End.QUIT);
            assertThat(event.farewell()).isEmpty();
            assertThat(event.messages()).isEqualTo(1);
            assertThat(event.identity().orElseThrow().user()).isEqualTo(ALICE);
        }
    }

    @Test
    void aSessionSaysHowMuchWentOverTheWire() throws Exception {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        StandardReply.NOOP_OK.reply().writeTo(answer);
        for (Access access : new Access[] {Access.CLEAR, Access.IMPLICIT_TLS}) {
            try (Scene scene = Scene.open(b -> b.listener(listener))) {
                assertThat(scene.ready(access).send("QUIT")).isStandardReply(StandardReply.GOODBYE);
                RelayEvent.SessionClosed without = next(closed);
                SmtpProbe probe = scene.ready(access);
                assertThat(probe.send("NOOP")).isOk();
                assertThat(probe.send("QUIT")).isStandardReply(StandardReply.GOODBYE);
                RelayEvent.SessionClosed with = next(closed);
                assertThat(with.octetsIn() - without.octetsIn()).isEqualTo("NOOP\r\n".length());
                assertThat(with.octetsOut() - without.octetsOut()).isEqualTo(answer.size());
                assertThat(without.octetsIn()).isGreaterThan("EHLO \r\nQUIT\r\n".length());
            }
        }
    }

    @Test
    void aLostConnectionIsLost() throws Exception {
        try (Scene scene = Scene.open(b -> b.listener(listener))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.authPlain(ALICE, "alice")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            probe.close();
            RelayEvent.SessionClosed event = next(closed);
            assertThat(event.end()).isEqualTo(End.LOST);
            assertThat(event.farewell()).isEmpty();
            assertThat(event.identity().orElseThrow().user()).isEqualTo(ALICE);
        }
    }

    @Test
    void aFarewellIsToldWithItsRow() throws Exception {
        try (Scene scene = Scene.open(b -> b.listener(listener))) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.authPlain(ALICE, "alice")).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            scene.clock.advance(Duration.ofMinutes(3));
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
            RelayEvent.SessionClosed event = next(closed);
            assertThat(event.end()).isEqualTo(End.FAREWELL);
            assertThat(event.farewell().flatMap(Reply::standard)).contains(StandardReply.INACTIVITY);
            assertThat(event.identity().orElseThrow().user()).isEqualTo(ALICE);
            assertThat(next(refused).stage()).isEqualTo(Stage.OTHER);
        }
    }
}
