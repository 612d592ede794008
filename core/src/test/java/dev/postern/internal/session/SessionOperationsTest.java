package dev.postern.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.AuthResult;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.SessionInfo.Phase;
import dev.postern.spi.SessionRegistry.Scope;
import dev.postern.spi.StandardReply;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What others see of a session, and how they end it. */
class SessionOperationsTest {

    private static final String ALICE = "alice@client.test";
    private static final String ENDED = "S: " + StandardReply.SESSION_ENDED.wireText() + "\n";

    @Test
    void tellsHowFarItHasCome() {
        try (Dialogue dialogue = Dialogue.connected()) {
            assertThat(dialogue.session.describe().identity()).isEmpty();
            assertThat(dialogue.session.describe().lastCommand()).isEmpty();
            assertThat(dialogue.session.phase()).isEqualTo(Phase.IDLE);
        }
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            assertThat(dialogue.session.describe().identity().map(Identity::user))
                    .contains(ALICE);
            assertThat(dialogue.session.describe().lastCommand()).isPresent();
            assertThat(dialogue.session.phase()).isEqualTo(Phase.ENVELOPE);
        }
    }

    @Test
    void anIdleSessionEndsWhenItIsAskedTo() {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            assertThat(dialogue.session.ending()).isFalse();
            assertThat(dialogue.session.requestEnd()).isTrue();
            assertThat(dialogue.session.ending()).isTrue();
            dialogue.timesOut();
            dialogue.plays(ENDED);
            assertThat(dialogue.over()).isTrue();
        }
    }

    @Test
    void contentThatHasBegunToComeIsAnsweredFirst() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: DATA\nS: 354 *\n");
            assertThat(dialogue.session.requestEnd()).isFalse();
            dialogue.plays(Dialogue.MESSAGE + "C: .\nS: 250 *\n" + ENDED);
            assertThat(dialogue.over()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "USER, alice@client.test, 0, true",
        "USER, alice@client.test, 1, true",
        "USER, alice@client.test, -1, false",
        "USER, client.test, 1, false",
        "ACCOUNT, client.test, 0, true",
        "ACCOUNT, alice@client.test, 1, false",
    })
    void aRevocationConcernsLoginsThatBeganBefore(Scope scope, String name, long later, boolean concerns) {
        try (Dialogue dialogue = Dialogue.loggedIn()) {
            Revocation revocation = new Revocation(scope, name, dialogue.clock.nanoTime() + later);
            assertThat(dialogue.session.revoke(revocation)).isEqualTo(concerns);
        }
        try (Dialogue nobody = Dialogue.greeted()) {
            assertThat(nobody.session.revoke(new Revocation(scope, name, nobody.clock.nanoTime() + later)))
                    .isFalse();
        }
    }

    @Test
    void aLoginThatIsRevokedWhileItIsJudgedIsRefused() {
        assertThat(loginWhileRevoked(ALICE)).isEqualTo(ENDED);
        assertThat(loginWhileRevoked("bob@client.test")).isEqualTo("S: 235 2.7.0 Authentication succeeded\n");
    }

    /** Returns the reply that was given. */
    private static String loginWhileRevoked(String user) {
        CompletableFuture<Dialogue> running = new CompletableFuture<>();
        try (Dialogue dialogue = Dialogue.with(parts -> parts.users = (credentials, client) -> {
            Dialogue here = running.join();
            here.session.revoke(new Revocation(Scope.USER, user, here.clock.nanoTime()));
            return AuthResult.authenticated(Identity.of(credentials.username()));
        })) {
            running.complete(dialogue);
            String expected = user.equals(ALICE) ? ENDED : "S: 235 2.7.0 Authentication succeeded\n";
            dialogue.plays("C: EHLO client.test\nS: 220 *\nS: ...\nS: 250 HELP\nC: " + Dialogue.AUTH + "\n" + expected);
            assertThat(dialogue.sessions.authenticated()).isEqualTo(user.equals(ALICE) ? 0 : 1);
            return expected;
        }
    }

    @Test
    void eventsTellHowLongItTook() {
        CompletableFuture<Dialogue> running = new CompletableFuture<>();
        try (Dialogue dialogue = Dialogue.with(parts -> {
            parts.users = (credentials, client) -> {
                running.join().clock.advance(Duration.ofSeconds(1));
                return AuthResult.authenticated(Identity.of(credentials.username()));
            };
            parts.upstream = submission -> {
                running.join().clock.advance(Duration.ofSeconds(3));
                return DeliveryResult.deferred("memory", DeliveryResult.Reason.AMBIGUOUS, "lost");
            };
        })) {
            running.complete(dialogue);
            dialogue.plays("C: EHLO client.test\nS: 220 *\nS: ...\nS: 250 HELP\nC: " + Dialogue.AUTH + "\nS: 235 *\n"
                    + "C: MAIL FROM:<" + ALICE
                    + ">\nC: RCPT TO:<bob@dest.test>\nC: DATA\nS: 250 *\nS: 250 *\nS: 354 *\n"
                    + Dialogue.MESSAGE + "C: .\nS: 421 *\n");
            RelayEvent.LoginJudged login = only(dialogue, RelayEvent.LoginJudged.class);
            assertThat(login.took()).isEqualTo(Duration.ofSeconds(1));
            assertThat(login.mechanism()).isEqualTo(Optional.of("PLAIN"));
            RelayEvent.MessageAnswered answered = only(dialogue, RelayEvent.MessageAnswered.class);
            assertThat(answered.took()).isEqualTo(Duration.ofSeconds(3));
            assertThat(answered.outcome()).isEqualTo(RelayEvent.Outcome.AMBIGUOUS);
        }
    }

    @Test
    void anEventTellsWhatBecameOfAMessage() {
        try (Dialogue dialogue = Dialogue.atRcpt()) {
            dialogue.plays("C: DATA\nS: 354 *\n" + Dialogue.MESSAGE + "C: .\nS: 250 *\n");
            assertThat(only(dialogue, RelayEvent.MessageAnswered.class).outcome())
                    .isEqualTo(RelayEvent.Outcome.ACCEPTED);
        }
    }

    private static <T extends RelayEvent> T only(Dialogue dialogue, Class<T> type) {
        return dialogue.events.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .reduce((one, other) -> {
                    throw new AssertionError("more than one: " + one + ", " + other);
                })
                .orElseThrow();
    }
}
