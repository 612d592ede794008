package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.robustness.Client.Leaving;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.ContentStorage;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sessions made up by chance, sent blindly over real sockets in pieces, and left at any moment. Whatever a client sends:
 * the upstream sees well-formed transactions only, and has what was answered with 250. A long run: see {@link
 * DialogueFuzzTest}.
 */
@Timeout(value = Fuzz.MINUTES, unit = TimeUnit.MINUTES)
class SocketFuzzTest {

    private static final List<Pattern> UPSTREAM_COMMANDS = List.of(
            Pattern.compile("EHLO relay\\.test"),
            Pattern.compile("MAIL FROM:<[^\\p{Cntrl}]*> SIZE=[0-9]+( BODY=8BITMIME)?( SMTPUTF8)?"),
            Pattern.compile("RCPT TO:<[^\\p{Cntrl}]+@[^\\p{Cntrl}]+>"),
            Pattern.compile("DATA"),
            Pattern.compile("RSET"),
            Pattern.compile("QUIT"));

    /** The first letters of what is said upstream: whole transactions and RSET, with anything else only in between. */
    private static final Pattern TRANSACTIONS = Pattern.compile("(?:MR+DR|[EQ])*");

    @Test
    void theUpstreamGetsWellFormedTransactionsOnly(@TempDir Path directory) {
        TestClock clock = new TestClock();
        int[] messages = {0};
        int rounds;
        try (FakeUpstream upstream = FakeUpstream.start().withoutExtension("DSN");
                SmtpRelay relay = relay(upstream, clock, directory)) {
            rounds = Fuzz.run(160, random -> {
                int commands = upstream.commands().size();
                int before = upstream.messages().size();
                int told = session(relay, random);
                Await.until("the relay has let it go", () -> relay.connections() == 0);
                List<ReceivedMessage> all = upstream.messages();
                List<ReceivedMessage> received = all.subList(before, all.size());
                if (told >= 0) {
                    assertThat(received)
                            .as("messages that were answered with 250")
                            .hasSize(told);
                }
                assertTransactions(upstream.commands()
                        .subList(commands, upstream.commands().size()));
                assertThat(upstream.bareLineEndings()).isEmpty();
                received.forEach(SocketFuzzTest::assertWellFormed);
                assertThat(Leftovers.spoolFiles(directory)).isEmpty();
                messages[0] += received.size();
            });
            assertThat(upstream.contentsSeen()).isEqualTo(upstream.messages().size());
        }
        if (rounds >= 40) {
            assertThat(messages[0]).as("messages in %d sessions", rounds).isGreaterThanOrEqualTo(rounds / 6);
        }
    }

    /** Returns how many messages the client was told to have been taken; -1 when it did not stay to hear it. */
    private static int session(SmtpRelay relay, SplittableRandom random) {
        try (Client client = new Client(relay.addresses().get(0))) {
            client.expect(220); // else the relay may begin with it when the test has gone on to the next
            boolean stays = random.nextInt(3) > 0;
            String octets = octets(random);
            int end = stays ? octets.length() : random.nextInt(octets.length() + 1);
            try {
                for (int sent = 0; sent < end; ) {
                    int piece = Math.min(end - sent, random.nextInt(random.nextBoolean() ? 20 : 5000) + 1);
                    client.write(octets.substring(sent, sent + piece).getBytes(StandardCharsets.ISO_8859_1));
                    sent += piece;
                }
                client.leave(stays ? Leaving.HALF_CLOSE : random.nextBoolean() ? Leaving.RESET : Leaving.CLOSE);
            } catch (UncheckedIOException e) {
                return -1; // the relay has closed the connection, and what it said may be lost with it
            }
            if (!stays) {
                return -1;
            }
            String said = client.readToEnd();
            if (said.endsWith(Client.RESET)) {
                return -1; // it sent more than the relay reads after the last words
            }
            // a TLS alert may follow the reply to STARTTLS
            List<String> replies = ReplyForm.split(said.replaceAll("\\x15\\x03[^\\n]*$", ""), false);
            return (int) replies.stream()
                    .filter(reply -> reply.startsWith("250 2.0.0 Ok: relayed as "))
                    .count();
        }
    }

    /** All that a client sends that believes that everything goes well. */
    private static String octets(SplittableRandom random) {
        ClientScript script = new ClientScript(random);
        StringBuilder octets = new StringBuilder();
        for (int commands = random.nextInt(1, 40); commands > 0; commands--) {
            String command = script.command();
            octets.append(command);
            String line = command.lines().findFirst().orElse("");
            if (line.equals("DATA")) {
                octets.append(script.content());
                script.messageEnded();
            } else if (line.toUpperCase(Locale.ROOT).endsWith(" LAST")) {
                script.messageEnded();
            } else {
                script.heard(line, line.startsWith("AUTH") ? 235 : 250);
            }
        }
        return octets.toString();
    }

    private static SmtpRelay relay(FakeUpstream upstream, TestClock clock, Path directory) {
        return SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .hostName("relay.test")
                .auth(AuthSettings.passwords(Authenticator.inMemory()
                                .user(Identity.of(ClientScript.USER), ClientScript.PASSWORD)
                                .build())
                        .withPlaintext()
                        .withFailures(Integer.MAX_VALUE, Duration.ofMinutes(10), Duration.ofMinutes(5)))
                .clock(clock)
                .storage(ContentStorage.defaults()
                        .withMemoryPerMessage(16 * 1024)
                        .withMemory(16 * 1024)
                        .withDirectory(directory))
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .start();
    }

    private static void assertTransactions(List<String> commands) {
        assertThat(commands)
                .allSatisfy(command -> assertThat(UPSTREAM_COMMANDS)
                        .anyMatch(form -> form.matcher(command).matches()));
        String letters =
                commands.stream().map(command -> command.substring(0, 1)).collect(Collectors.joining());
        assertThat(letters).matches(TRANSACTIONS);
    }

    private static void assertWellFormed(ReceivedMessage message) {
        String wire = new String(message.wire(), StandardCharsets.ISO_8859_1);
        assertThat(wire).endsWith("\r\n.\r\n");
        assertThat(wire.indexOf("\r\n.\r\n")).as("one end of data, at the end").isEqualTo(wire.length() - 5);
        assertThat(ContentReference.isClean(new String(message.content(), StandardCharsets.ISO_8859_1)))
                .isTrue();
        assertThat(message.contentText()).startsWith("Received: from ");
    }
}
