package dev.postern.examples.clients;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThatSending;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.examples.clients.Client.Outcome;
import dev.postern.examples.clients.Observation.Delivered;
import dev.postern.examples.clients.Observation.Next;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.fault.Provocation;
import dev.postern.testkit.fault.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each client meets each row of the contract. */
@Tag("tools")
class ClientsTest {

    /** Rows that a client never meets in the end: the session was over before, and it takes another one. */
    private static final Map<Kind, Set<StandardReply>> SENT = Map.of(
            Kind.JAKARTA, Set.of(StandardReply.INACTIVITY, StandardReply.SESSION_LIFETIME),
            Kind.VERTX, Set.of(StandardReply.INACTIVITY, StandardReply.SESSION_LIFETIME),
            Kind.SMTPLIB, Set.of(StandardReply.INACTIVITY, StandardReply.SESSION_LIFETIME),
            Kind.NODEMAILER,
                    Set.of(StandardReply.INACTIVITY, StandardReply.SESSION_LIFETIME, StandardReply.TOO_MANY_MESSAGES));

    /** Failures that do not tell the reply: it refuses by itself what EHLO says is too large, and pipelines behind MAIL. */
    private static final Map<Kind, Set<StandardReply>> HIDDEN =
            Map.of(Kind.VERTX, Set.of(StandardReply.MESSAGE_TOO_LARGE, StandardReply.TOO_MANY_MESSAGES));

    /** Of two recipients, the one that was accepted gets the message; all others send to both or to none. */
    private static final Set<Kind> SEND_IN_PART = Set.of(Kind.NODEMAILER, Kind.SMTPLIB, Kind.SWAKS);

    static List<StandardReply> contract() {
        return Arrays.stream(StandardReply.values())
                .filter(row -> row.part() == StandardReply.Part.CONTRACT)
                .toList();
    }

    static Stream<Arguments> all() {
        return Arrays.stream(Kind.values()).flatMap(kind -> contract().stream().map(row -> Arguments.of(kind, row)));
    }

    static Stream<Arguments> ofThisJvm() {
        return all().filter(arguments -> ((Kind) arguments.get()[0]).ofThisJvm());
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("ofThisJvm")
    void whatIsThrownTellsTheReply(Kind kind, StandardReply row) throws Exception {
        Observation seen = Observation.of(kind, row);
        if (isIn(SENT, kind, row)) {
            assertThat(seen.result().failure()).isEmpty();
            assertThatSending(() -> rethrow(seen)).succeeds();
            return;
        }
        assertThat(seen.result().failure()).isPresent();
        if (isIn(HIDDEN, kind, row)) {
            assertThat(seen.shows()).isEqualTo("nothing");
            return;
        }
        // by the example, and by the testkit, which knows no library
        assertThat(seen.result().shown()).isEqualTo(seen.reply().toString());
        assertThatSending(() -> rethrow(seen))
                .isRefusedWith(row)
                .hasEnhancedStatus(
                        row.enhancedStatus().map(EnhancedStatus::toString).orElseThrow());
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("all")
    void whatIsRefusedIsNotSent(Kind kind, StandardReply row) throws Exception {
        kind.assumeInstalled();
        Observation seen = Observation.of(kind, row);
        if (isIn(SENT, kind, row)) {
            assertThat(seen.result().outcome()).isEqualTo(Outcome.SENT);
            assertThat(seen.delivered()).isEqualTo(Delivered.YES);
        } else if (row == StandardReply.TOO_MANY_RECIPIENTS && SEND_IN_PART.contains(kind)) {
            assertThat(seen.delivered()).isEqualTo(Delivered.IN_PART);
            assertThat(seen.shows()).isEqualTo("all");
        } else {
            assertThat(seen.result().outcome()).isEqualTo(Outcome.REFUSED);
            assertThat(seen.delivered()).isEqualTo(Delivered.NO);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("all")
    void theNextMessageTakesAConnectionThatIsOpen(Kind kind, StandardReply row) throws Exception {
        kind.assumeInstalled();
        Observation seen = Observation.of(kind, row);
        boolean reusable = kind.keepsConnection() && kind != Kind.VERTX && leavesConnectionOpen(row);
        if (!isIn(SENT, kind, row)) {
            assertThat(seen.next()).isEqualTo(reusable ? Next.SAME_CONNECTION : Next.NEW_CONNECTION);
        }
    }

    /** A client gives up a connection without a login, whether the relay closes it or not. */
    private static boolean leavesConnectionOpen(StandardReply row) {
        return !row.closes() && Provocation.stageOf(row).compareTo(Stage.AUTH) > 0;
    }

    private static boolean isIn(Map<Kind, Set<StandardReply>> rows, Kind kind, StandardReply row) {
        return rows.getOrDefault(kind, Set.of()).contains(row);
    }

    private static void rethrow(Observation seen) throws Throwable {
        if (seen.result().failure().isPresent()) {
            throw seen.result().failure().get();
        }
    }
}
