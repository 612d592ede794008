package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.SessionLimits;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logins over the limit of a user or account: few clients try again, so they wait for a place. */
@OnAnyJdk
class SessionWaitTest {

    private static final String ALICE = "alice@client.test";
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Scene one() {
        return Scene.open(b -> b.sessions(SessionLimits.defaults().withPerUser(1)));
    }

    private static void beginLogin(SmtpProbe probe, String user) {
        String login = "\0" + user + "\0" + user.substring(0, user.indexOf('@'));
        probe.write(
                "AUTH PLAIN " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.US_ASCII)) + "\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void aLoginOverTheLimitGetsThePlaceThatIsFreed(Access access) {
        try (Scene scene = one()) {
            SmtpProbe first = scene.alice(access);
            SmtpProbe second = scene.ready(access);
            beginLogin(second, ALICE);
            assertThat(first.send("QUIT")).hasCode(221);
            assertThat(second.readReply()).isStandardReply(StandardReply.AUTH_SUCCEEDED);
            Scene.send(second);
        }
    }

    @Test
    void aLoginWaitsForAPlaceOfItsAccountToo() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withPerAccount(1)))) {
            SmtpProbe first = scene.alice();
            SmtpProbe second = scene.ready(Access.CLEAR);
            beginLogin(second, "anna@client.test");
            first.close();
            assertThat(second.readReply()).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        }
    }

    @Test
    void afterFiveSecondsItIsRefusedAndTheSessionGoesOn() {
        try (Scene scene = one()) {
            scene.alice();
            SmtpProbe second = scene.ready(Access.CLEAR);
            beginLogin(second, ALICE);
            assertThat(scene.replyInTime(second, SECOND)).isStandardReply(StandardReply.USER_SESSIONS_EXCEEDED);
            assertThat(second.mail(ALICE)).isStandardReply(StandardReply.AUTH_REQUIRED);
            assertThat(second.authPlain("bert@beta.test", "bert")).hasCode(235);
        }
    }

    /** Nobody moves the clock here: a relay that stops ends the wait itself. */
    @Test
    void aRelayThatStopsEndsTheWait() {
        try (Scene scene = one()) {
            scene.alice();
            SmtpProbe second = scene.ready(Access.CLEAR);
            beginLogin(second, ALICE);
            scene.relay.stop(Duration.ofMinutes(10));
            // refused, or let in when the first session ended before; 421 at once when the login had not begun yet
            ProbeReply reply = second.readReply();
            assertThat(reply.code()).isIn(454, 235, 421);
            assertThat(reply.code() == 421 ? reply : second.readReply()).isStandardReply(StandardReply.SHUTTING_DOWN);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatIsGoneDoesNotTakeAPlace(Access access) {
        try (Scene scene = one()) {
            SmtpProbe first = scene.alice(access);
            SmtpProbe gone = scene.ready(access);
            beginLogin(gone, ALICE);
            gone.close();
            SmtpProbe third = scene.ready(access);
            beginLogin(third, ALICE);
            first.close();
            assertThat(third.readReply()).isStandardReply(StandardReply.AUTH_SUCCEEDED);
        }
    }

    /** Each session is the next one's ghost. */
    @ParameterizedTest
    @EnumSource
    void whoClosesWithoutQuitAndComesBackAtOnceIsNotRefused(Access access) {
        try (Scene scene = one()) {
            for (int i = 0; i < 40; i++) {
                SmtpProbe probe = scene.ready(access);
                assertThat(probe.authPlain(ALICE, "alice")).as("session " + i).hasCode(235);
                probe.close();
            }
        }
    }

    /** A session that has said goodbye has no place any more, so this needs no wait. */
    @Test
    void whoQuitsAndComesBackAtOnceFindsItsPlaceFree() {
        try (Scene scene = Scene.open(
                b -> b.sessions(SessionLimits.defaults().withPerUser(1).withLoginWait(Duration.ZERO)))) {
            for (int i = 0; i < 100; i++) {
                SmtpProbe probe = scene.alice();
                assertThat(probe.send("QUIT")).hasCode(221);
            }
        }
    }

    private static ProbeReply sends(SmtpProbe probe) {
        ProbeReply login = probe.authPlain(ALICE, "alice");
        if (login.code() != 235) {
            return login;
        }
        Scene.envelope(probe);
        ProbeReply reply = probe.data(Scene.MESSAGE);
        probe.close();
        return reply;
    }

    /** As dma does: a connection for each recipient, all at once, ten of them at a time. */
    @Test
    void sixtyConnectionsOfAUserAtOnceAllSendTheirMessage() throws Exception {
        int all = 60;
        ExecutorService threads = Executors.newFixedThreadPool(all);
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withPerAddress(all)))) {
            List<Future<ProbeReply>> clients = new ArrayList<>();
            for (int i = 0; i < all; i++) {
                SmtpProbe probe = scene.ready(Access.CLEAR).timeout(Duration.ofSeconds(60));
                clients.add(threads.submit(() -> sends(probe)));
            }
            for (Future<ProbeReply> one : clients) {
                assertThat(one.get()).isStandardReply(StandardReply.MESSAGE_ACCEPTED);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
