package dev.postern.guide;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.RelayHealth;
import dev.postern.RelayState;
import dev.postern.RevokeResult;
import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AsyncListener;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.SessionInfo;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples of docs/operating.md. */
@OnAnyJdk
class OperatingExamplesTest {

    private final BlockingQueue<RelayEvent.End> ends = new LinkedBlockingQueue<>();

    // DOC async
    /** Writes to a database, which may be slow: 10,000 events wait for it, what comes on top is dropped and counted. */
    private final AsyncListener audit = RelayListener.async(
            new RelayListener() {
                @Override
                public void sessionClosed(RelayEvent.SessionClosed event) {
                    write(event.sessionId(), event.end());
                }
            },
            10_000);
    // end

    @SuppressWarnings("NullAway.Init") // the extension starts it
    private SmtpRelay relay;

    @RegisterExtension
    final RelayExtension stand = RelayExtension.with(env -> {
                env.accounts().user("ann@example.org", "secret");
                relay = SmtpRelay.builder()
                        .listen("127.0.0.1", 0)
                        .tls(TlsSettings.of(env.serverTls()))
                        .auth(AuthSettings.passwords(env.accounts()))
                        .upstream(Upstream.smtp("127.0.0.1", env.upstream().port()))
                        .listener(RelayListener.all(env.events(), audit))
                        .clock(env.clock())
                        .start();
                return RelayUnderTest.of(relay, relay.port());
            })
            .withLogin("ann@example.org", "secret");

    private void write(String session, RelayEvent.End end) {
        assertThat(session).isNotEmpty();
        ends.add(end);
    }

    // DOC sessions
    /** Ends the sessions that have held a connection for an hour and sent nothing. */
    void endTheIdle(Instant now) {
        for (SessionInfo session : relay.sessions()) {
            if (session.messages() == 0 && session.since().isBefore(now.minus(Duration.ofHours(1)))) {
                relay.disconnect(session.id());
            }
        }
    }
    // end

    // DOC revoke
    /** To be called when the directory refuses the user's password already. */
    void leaves(String user) {
        RevokeResult result = relay.revoke(user);
        if (!result.everywhere()) {
            throw new IllegalStateException("other relays may still serve " + user + ": try again");
        }
    }
    // end

    // DOC update
    void tighten() {
        relay.update(
                SessionLimits.defaults().withPerUser(2), MessageRules.defaults().withMaxRecipients(10));
    }
    // end

    // DOC drain
    /** For a load balancer's check: 503 sends new connections to another node. */
    int probe() {
        RelayHealth.Status status = relay.health().status();
        return status == RelayHealth.Status.UP || status == RelayHealth.Status.DEGRADED ? 200 : 503;
    }
    // end

    // DOC stop
    /** At the application's end: first the relay, then what its plug-ins need. */
    void end(AutoCloseable users) throws Exception {
        relay.stop(Duration.ofSeconds(8));
        users.close();
    }
    // end

    @Test
    void theRelayEndsBeforeWhatItNeeds() throws Exception {
        SmtpProbe client = stand.authenticated();
        end(() -> assertThat(relay.state()).isEqualTo(RelayState.CLOSED));
        assertThat(client.readReply()).isStandardReply(StandardReply.SHUTTING_DOWN);
    }

    @Test
    void sessionsAreEnded() throws InterruptedException {
        SmtpProbe client = stand.authenticated();
        Instant since = relay.sessions().get(0).since();
        endTheIdle(since.plus(Duration.ofMinutes(59)));
        assertThat(client.send("NOOP").code()).isEqualTo(250);
        endTheIdle(since.plus(Duration.ofMinutes(61)));
        assertThat(client.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
        assertThat(ends.poll(30, TimeUnit.SECONDS)).isEqualTo(RelayEvent.End.FAREWELL);
    }

    @Test
    void aUserIsRevoked() {
        SmtpProbe client = stand.authenticated();
        leaves("Ann@Example.org");
        assertThat(client.readReply()).isStandardReply(StandardReply.SESSION_ENDED);
    }

    @Test
    void limitsAreReplacedAndConnectionsPaused() {
        tighten();
        assertThat(probe()).isEqualTo(200);
        relay.pause("kernel update");
        assertThat(probe()).isEqualTo(503);
        relay.resume();
        assertThat(probe()).isEqualTo(200);
        SmtpProbe client = stand.authenticated();
        assertThat(client.send("NOOP").code()).isEqualTo(250);
    }
}
