package dev.postern.examples.clients;

import dev.postern.SmtpRelay;
import dev.postern.SmtpRelayBuilder;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.MessageRules;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TimeLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Leak;
import dev.postern.testkit.RelayEnvironment;
import dev.postern.testkit.RelaySession;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.TestRelay;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Provocation;
import dev.postern.testkit.fault.Stage;
import java.time.Duration;
import java.util.List;

/**
 * Lets a relay give a row of the contract for as long as the condition holds: really, where the message, the user, the
 * upstream or the clock is the cause; else on demand at the row's stage. What ends a session between two messages is met
 * there by clients that keep their connection, and in reply to MAIL by the others.
 */
final class Condition implements AutoCloseable {

    static final String USER = "ann@example.org";
    static final String SECRET = "secret";

    /** A message that is taken while the condition does not hold. */
    static final Mail MAIL = new Mail(USER, List.of("bob@example.net"), "Your order", "Thank you.\n");

    private static final int MAX_SIZE = 64 * 1024;
    private static final MessageRules RULES = MessageRules.defaults().withMaxSize(MAX_SIZE);
    private static final Duration INACTIVITY = Duration.ofMinutes(2);
    private static final Duration LIFETIME = Duration.ofMinutes(1);
    private static final Duration STEP = Duration.ofMillis(5);
    private static final int STEPS_OF_WAITING = 400;
    private static final int MOST_ADVANCES = 10;

    private final StandardReply row;
    private final TestRelay relay;

    Condition(StandardReply row) throws Exception {
        this.row = row;
        // what a client leaves open is its own affair, and when it closes is not measured here
        this.relay = TestRelay.start(env -> start(row, env)).allowing(Leak.OPEN_SESSION);
    }

    private static RelayUnderTest start(StandardReply row, RelayEnvironment env) {
        env.accounts().user(USER, SECRET);
        SmtpRelayBuilder builder = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .tls(TlsSettings.of(env.serverTls()))
                .auth(AuthSettings.passwords(env.accounts()))
                .policies(Policies.defaults().withSenderDomains(env.accounts()))
                .upstream(Upstream.smtp("127.0.0.1", env.upstream().port()))
                .messages(RULES)
                .times(TimeLimits.defaults().withInactivity(INACTIVITY))
                .clock(env.clock());
        switch (row) {
            case TOO_MANY_RECIPIENTS -> builder.messages(RULES.withMaxRecipients(1));
            case SESSION_LIFETIME -> builder.sessions(SessionLimits.defaults().withLifetime(LIFETIME));
            case TOO_MANY_MESSAGES -> builder.sessions(SessionLimits.defaults().withMessages(1));
            default -> {}
        }
        SmtpRelay started = builder.start();
        return RelayUnderTest.of(started, started.port());
    }

    TestRelay relay() {
        return relay;
    }

    /** The row's reply as this relay gives it. */
    Reply reply() {
        return row == StandardReply.TOO_MANY_RECIPIENTS ? row.reply(1) : row.reply();
    }

    /** Whether the relay ends the session between two messages, of a client that sends several in one. */
    static boolean betweenMessages(StandardReply row, Kind kind) {
        return kind.keepsConnection()
                && switch (row) {
                    case INACTIVITY, SESSION_LIFETIME, TOO_MANY_MESSAGES -> true;
                    default -> false;
                };
    }

    /** Makes the condition hold, and returns the message that meets it. */
    Mail begin(Kind kind, Client client) throws InterruptedException {
        if (betweenMessages(row, kind)) {
            endSession(kind, client);
            return MAIL;
        }
        switch (row) {
            case AUTH_CREDENTIALS_INVALID -> relay.accounts().user(USER, "another");
            case TOO_MANY_RECIPIENTS -> {
                return new Mail(MAIL.from(), List.of("bob@example.net", "carl@example.net"), "Two orders", MAIL.text());
            }
            case MESSAGE_TOO_LARGE -> {
                return new Mail(
                        MAIL.from(), MAIL.to(), "A large order", MAIL.text().repeat(MAX_SIZE / 10));
            }
            case FROM_DOMAIN_MISMATCH -> {
                return new Mail("ann@example.com", MAIL.to(), MAIL.subject(), MAIL.text());
            }
            case UPSTREAM_RELAY_FAILED ->
                relay.upstream().at(Stage.END_OF_DATA).always(Fault.reply("451 4.3.0 Try again later"));
            case UPSTREAM_UNREACHABLE -> relay.upstream().refuseConnections();
            default -> relay.at(Provocation.stageOf(row)).always(Fault.reply(row));
        }
        return MAIL;
    }

    private void endSession(Kind kind, Client client) throws InterruptedException {
        if (row == StandardReply.TOO_MANY_MESSAGES) {
            return; // the next message is one too many
        }
        RelaySession session = relay.lastSession();
        for (int i = 0; i < MOST_ADVANCES && !ended(session, kind); i++) {
            // again, should the relay have begun to wait only after the first time
            relay.clock().advance(row == StandardReply.INACTIVITY ? INACTIVITY : LIFETIME);
            for (int j = 0; j < STEPS_OF_WAITING && !ended(session, kind); j++) {
                session.awaitEnd(STEP);
            }
        }
        if (!ended(session, kind)) {
            throw new AssertionError("The session has not ended:\n" + session.transcript());
        }
        client.takeNotice();
    }

    /** The client was told, and has closed its side if it listens. */
    private static boolean ended(RelaySession session, Kind kind) {
        return !session.isOpen()
                || !kind.listensAllTheTime() && session.transcript().contains("-- closed by the relay");
    }

    /** Makes the condition hold no more. */
    void end() {
        relay.clearFaults();
        relay.accounts().user(USER, SECRET);
        relay.upstream().clearScripts();
        relay.upstream().acceptConnections();
    }

    @Override
    public void close() {
        relay.close();
    }
}
