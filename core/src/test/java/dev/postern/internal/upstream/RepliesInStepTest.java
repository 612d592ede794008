package dev.postern.internal.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.Turn;
import dev.postern.tools.OnAnyJdk;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A reply belongs to its command: one too many, one too few or the wrong one, at each place. */
@OnAnyJdk
class RepliesInStepTest extends PoolFixture {

    private static final String REFUSED = "552 5.3.4 too large\r\n";
    private static final Fault LOSES_WHAT_IS_BEHIND = Fault.loseInput(Duration.ofMillis(300));
    private static final List<Stage> STAGES =
            List.of(Stage.GREETING, Stage.EHLO, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END_OF_DATA, Stage.RSET);

    static Stream<Arguments> oneTooMany() {
        return STAGES.stream()
                .flatMap(stage -> Stream.of("250 2.0.0 made up\r\n", "354 go on\r\n", "550 5.7.1 no\r\n")
                        .flatMap(extra -> Stream.of("PIPELINING", "8BITMIME")
                                .flatMap(offer ->
                                        Stream.of(true, false).map(before -> arguments(stage, extra, offer, before)))));
    }

    /** On a kept connection; its next content is refused, and whoever is told 250 is told wrong. */
    @ParameterizedTest(name = "{0}: {1} {2} before={3}")
    @MethodSource
    void oneTooMany(Stage stage, String extra, String offer, boolean before) {
        upstream.withOnlyExtensions(offer, "CHUNKING");
        boolean opening = stage == Stage.GREETING || stage == Stage.EHLO;
        if (!opening) {
            assertThat(deliver("first@example.org")).isInstanceOf(Accepted.class);
        }
        upstream.answering(turn -> {
            String usual = usual(turn);
            boolean here = turn.stage() == stage && turn.connection() == 0;
            return here ? Optional.of(instead(usual, before ? extra + usual : usual + extra)) : refusesContent(turn);
        });
        assertThat(deliver("a@example.org", "b@example.org")).isNotInstanceOf(Accepted.class);
        assertServesAgain();
    }

    static Stream<Arguments> oneTooFew() {
        return STAGES.stream()
                .flatMap(stage -> Stream.of("PIPELINING", "8BITMIME").map(offer -> arguments(stage, offer)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource
    void oneTooFew(Stage stage, String offer) {
        upstream.withOnlyExtensions(offer, "CHUNKING")
                .answering(
                        turn -> turn.stage() == stage ? Optional.of(instead(turn.usual(), "")) : refusesContent(turn));
        DeliveryResult result =
                clock.advanceUntil(Duration.ofSeconds(5), () -> deliver("a@example.org", "b@example.org"));
        assertThat(result).isNotInstanceOf(Accepted.class);
        assertServesAgain();
    }

    /** What answers another command, or nothing of ours, is no answer to this one. */
    @ParameterizedTest
    @CsvSource({
        "EHLO,220,UNREACHABLE",
        "EHLO,354,UNREACHABLE",
        "MAIL,220,TURNED_AWAY",
        "MAIL,221,TURNED_AWAY",
        "MAIL,235,TURNED_AWAY",
        "MAIL,354,TURNED_AWAY",
        "RCPT,220,FAILED",
        "RCPT,221,FAILED",
        "RCPT,235,FAILED",
        "RCPT,354,FAILED",
        "DATA,220,FAILED",
        "DATA,221,FAILED",
        "DATA,235,FAILED",
        "DATA,250,FAILED",
        "DATA,334,FAILED",
        "END_OF_DATA,220,AMBIGUOUS",
        "END_OF_DATA,221,AMBIGUOUS",
        "END_OF_DATA,235,AMBIGUOUS",
        "END_OF_DATA,354,AMBIGUOUS",
        "RSET,220,AMBIGUOUS",
        "RSET,354,AMBIGUOUS",
        "RSET,450,AMBIGUOUS",
        "RSET,550,AMBIGUOUS",
        "RSET,421,AMBIGUOUS"
    })
    void aReplyOfAnotherKind(Stage stage, String code, Reason reason) {
        upstream.script(stage, code.equals("421") ? Fault.replyThenClose(code + " what") : Fault.reply(code + " what"));
        assertThat(deliver("a@example.org"))
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.reason())
                                .as(deferred.detail())
                                .isEqualTo(reason));
        upstream.clearScripts();
        assertThat(deliver("b@example.org")).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).as("it is not used again").isEqualTo(2);
    }

    /** The refusal may have been the answer to something else. */
    @ParameterizedTest
    @ValueSource(strings = {"550 5.1.1 no a", "450 4.2.1 a later"})
    void aRefusalIsNotBelievedWhenAReplyBehindItIsOutOfPlace(String refusal) {
        upstream.scriptRecipient("a@example.org", Fault.reply(refusal))
                .scriptRecipient("b@example.org", Fault.reply("354 what"));
        DeliveryResult result = deliver("a@example.org", "b@example.org");
        assertThat(result)
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.detail()).contains("unexpected reply: 354"));
        assertServesAgain();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @Test
    void aSlippedConnectionAtMailIsReplaced() {
        upstream.withOnlyExtensions("8BITMIME");
        assertThat(deliver("first@example.org")).isInstanceOf(Accepted.class);
        onConnection(0, Stage.MAIL, Fault.reply("235 2.7.0 welcome"));
        assertThat(deliver("second@example.org")).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).isEqualTo(2);
        assertThat(upstream.messages()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "8BITMIME"})
    void anUpstreamThatHangsUpBehindItsYesHasTheMessage(String offer) {
        upstream.withOnlyExtensions(offer).script(Stage.RSET, Fault.close());
        assertThat(deliver("a@example.org")).isInstanceOf(Accepted.class);
        assertServesAgain();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"55", "550 5.7.1 n"})
    void butNotWhenItHadBegunToSayMore(String begun) {
        upstream.script(Stage.RSET, Fault.octets(begun).then(Fault.close()));
        assertThat(deliver("a@example.org"))
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.reason()).isEqualTo(Reason.AMBIGUOUS));
    }

    /** In the moment in which no look can find it. */
    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "8BITMIME"})
    void twoRepliesToOneContentCountOnlyWhenBothAreYes(String offer) {
        upstream.withOnlyExtensions(offer).script(Stage.END_OF_DATA, Fault.octets("250 2.0.0 early\r\n" + REFUSED));
        assertThat(deliver("a@example.org"))
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.reason() + " " + deferred.detail())
                                .startsWith("AMBIGUOUS END: two replies: 250 2.0.0 early, and then 552 5.3.4"));
        upstream.script(Stage.END_OF_DATA, Fault.reply("250 2.0.0 early\n250 2.0.0 queued"));
        assertThat(deliver("b@example.org")).isInstanceOf(Accepted.class);
        assertServesAgain();
        assertThat(upstream.connections()).isEqualTo(3);
    }

    /** It costs one message; from then on RSET waits for the reply to the end. */
    @Test
    void anUpstreamThatLosesWhatIsRightBehindTheEndIsAskedApart() {
        upstream.script(Stage.END_OF_DATA, LOSES_WHAT_IS_BEHIND);
        DeliveryResult first = clock.advanceUntil(Duration.ofSeconds(1), () -> deliver("a@example.org"));
        assertThat(first)
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.reason()).isEqualTo(Reason.AMBIGUOUS));
        assertThat(deliver("b@example.org")).isInstanceOf(Accepted.class);
        assertThat(deliver("c@example.org")).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).isEqualTo(2);
    }

    /** Haraka: what came before the reply to the end is not run. */
    @Test
    void anUpstreamThatRefusesWhatIsRightBehindTheEndIsAskedApart() {
        upstream.answering(turn -> turn.stage() == Stage.RSET && turn.connection() == 0
                ? Optional.of(Fault.reply("503 Bad sequence of commands - pipelined after end of DATA"))
                : Optional.empty());
        assertThat(deliver("a@example.org")).isInstanceOf(Accepted.class);
        assertThat(upstream.commands()).endsWith("RSET", "QUIT");
        assertServesAgain();
        upstream.script(Stage.END_OF_DATA, LOSES_WHAT_IS_BEHIND);
        assertThat(deliver("b@example.org")).isInstanceOf(Accepted.class);
    }

    /** A reply to RSET is still due behind it, so 503 was the content's. */
    @Test
    void badSequenceForTheContentIsNoYes() {
        upstream.script(Stage.END_OF_DATA, Fault.octets("250 2.0.0 early\r\n503 5.5.1 no\r\n"));
        assertThat(deliver("a@example.org"))
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.reason()).isEqualTo(Reason.AMBIGUOUS));
    }

    /** Courier: known by what it alone offers, so that it costs none. */
    @Test
    void anUpstreamThatIsKnownToLoseWhatIsRightBehindTheEndIsAskedApart() {
        upstream.withOnlyExtensions("PIPELINING", "XEXDATA").script(Stage.END_OF_DATA, LOSES_WHAT_IS_BEHIND);
        assertThat(deliver("a@example.org")).isInstanceOf(Accepted.class);
        assertThat(deliver("b@example.org")).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @Test
    void aRefusalBeforeTheEndEndsTheConnection() {
        upstream.script(Stage.DATA, Fault.reply("354 go on\n552 5.3.4 too much"));
        assertThat(deliver("a@example.org")).isInstanceOf(Rejected.class);
        assertServesAgain();
        assertThat(upstream.connections()).isEqualTo(2);
    }

    private static String usual(Turn turn) {
        return turn.stage() == Stage.END_OF_DATA ? REFUSED : turn.usual();
    }

    private static Optional<Fault> refusesContent(Turn turn) {
        return turn.stage() == Stage.END_OF_DATA ? Optional.of(Fault.octets(REFUSED)) : Optional.empty();
    }

    /** The upstream goes on as if it had given its reply. */
    private static Fault instead(String reply, String said) {
        return Fault.octets(reply).butDoes(Fault.octets(said));
    }

    /** What the replies of the connection before were about is not told of the next message, nor of the one behind it. */
    private void assertServesAgain() {
        upstream.clearScripts();
        for (String recipient : List.of("again@example.org", "and@example.org")) {
            DeliveryResult result = deliver(recipient);
            boolean there = upstream.messages().stream()
                    .anyMatch(message -> message.recipientAddresses().contains(recipient));
            assertThat(there).as("%s", result).isEqualTo(result instanceof Accepted);
            assertThat(result).isNotInstanceOf(Rejected.class);
        }
    }
}
