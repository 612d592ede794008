package dev.postern.internal.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.DeliveryResult.Deferred;
import dev.postern.spi.DeliveryResult.Reason;
import dev.postern.spi.DeliveryResult.Rejected;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Submission;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnAnyJdk
class UpstreamTransactionTest extends PoolFixture {

    private static final Recipient ALICE = Recipient.of("alice@example.org");

    @Test
    void deliversToAllRecipientsInOneTransaction() {
        DeliveryResult result =
                pool.deliver(Mail.submission(Mail.content(Mail.TEXT), "alice@example.org", "carol@example.net"));
        assertThat(result).isInstanceOf(Accepted.class);
        assertThat(((Accepted) result).reply()).hasToString("250 2.0.0 Ok: queued as 1");
        assertThat(result.upstream()).isEqualTo("localhost:" + upstream.port());
        assertThat(upstream.commands())
                .containsExactly(
                        "EHLO relay.example.com",
                        "MAIL FROM:<bob@example.com> SIZE=" + Mail.TEXT.length(),
                        "RCPT TO:<alice@example.org>",
                        "RCPT TO:<carol@example.net>",
                        "DATA",
                        "RSET");
        assertThat(upstream.messages()).extracting(ReceivedMessage::contentText).containsExactly(Mail.TEXT);
    }

    @Test
    void passesParametersOnThatTheUpstreamOffers() {
        upstream.withOnlyExtensions("size", "8bitmime", "smtputf8", "dsn", "auth plain");
        assertThat(((Accepted) pool.deliver(demanding())).dsn()).isTrue();
        assertThat(envelope())
                .containsExactly(
                        "MAIL FROM:<bob@example.com> SIZE=" + Mail.TEXT.length()
                                + " BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ+2B1",
                        "RCPT TO:<alice@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a@example.org");
    }

    @Test
    void leavesOutParametersThatItDoesNot() {
        upstream.withOnlyExtensions();
        assertThat(((Accepted) pool.deliver(demanding())).dsn()).isFalse();
        assertThat(envelope()).containsExactly("MAIL FROM:<bob@example.com>", "RCPT TO:<alice@example.org>");
    }

    @Test
    void sendsHeloToAServerThatKnowsNoEhlo() {
        upstream.scriptOnce(Stage.EHLO, Fault.reply("502 5.5.1 what?"));
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        assertThat(upstream.commands()).contains("HELO relay.example.com", "MAIL FROM:<bob@example.com>");
    }

    @Test
    void declaresEightBitContent() {
        assertThat(pool.deliver(eightBit())).isInstanceOf(Accepted.class);
        assertThat(envelope().get(0)).endsWith(" BODY=8BITMIME");
        assertThat(upstream.messages().get(0).contentText()).isEqualTo("Subject: x\r\n\r\ngr\u00fc\u00dfe\r\n");
    }

    @Test
    void refusesEightBitContentThatTheUpstreamCannotTakeWith554() {
        upstream.withOnlyExtensions("SIZE");
        assertRejectedBeforeMail(eightBit(), StandardReply.ENCODING_UNSUPPORTED);
    }

    @Test
    void declaresInternationalizedAddresses() {
        assertThat(pool.deliver(international("j\u00fcrgen@example.org"))).isInstanceOf(Accepted.class);
        assertThat(envelope())
                .containsExactly(
                        "MAIL FROM:<bob@example.com> SIZE=" + Mail.TEXT.length() + " SMTPUTF8",
                        "RCPT TO:<j\u00fcrgen@example.org>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"j\u00fcrgen@example.org", "a@b\u00fccher.example"})
    void refusesInternationalizedAddressesThatTheUpstreamCannotTakeWith550(String address) {
        upstream.withOnlyExtensions("8BITMIME", "DSN");
        assertRejectedBeforeMail(international(address), StandardReply.ADDRESS_UNSUPPORTED);
        assertRejectedBeforeMail(
                Mail.submission(Mail.content(Mail.TEXT), address, EsmtpParameters.none(), ALICE),
                StandardReply.ADDRESS_UNSUPPORTED);
        Recipient original = new Recipient(ALICE.address(), new EsmtpParameters(Map.of("ORCPT", "utf-8;" + address)));
        assertRejectedBeforeMail(
                Mail.submission(Mail.content(Mail.TEXT), EsmtpParameters.none(), original),
                StandardReply.ADDRESS_UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({"'', RSET, 1", "PIPELINING, DATA, 2" // 354 came, and the content that it waits for must not
    })
    void namesEachRefusedRecipientAndDeliversToNone(String extensions, String last, int connections) {
        upstream.withOnlyExtensions(extensions.isEmpty() ? new String[0] : new String[] {extensions})
                .scriptRecipient("b@example.org", Fault.reply("550 5.1.1 no b"))
                .scriptRecipient("c@example.org", Fault.reply("450 4.2.1 c later"))
                .scriptRecipient("d@example.org", Fault.reply("553 5.1.3 no d"));
        DeliveryResult result = pool.deliver(Mail.submission(
                Mail.content(Mail.TEXT),
                "a@example.org",
                "b@example.org",
                "c@example.org",
                "d@example.org",
                "e@example.org"));
        assertThat(result).isInstanceOf(Rejected.class);
        Rejected rejected = (Rejected) result;
        assertThat(rejected.reply()).hasToString("550 5.1.1 no b");
        assertThat(rejected.recipients())
                .extracting(r -> r.address() + ": " + r.reply())
                .containsExactly("b@example.org: 550 5.1.1 no b", "d@example.org: 553 5.1.3 no d");
        assertThat(upstream.commands()).endsWith("RCPT TO:<e@example.org>", last);
        assertThat(upstream.messages()).isEmpty();
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).isEqualTo(connections);
    }

    /** RFC 2920 section 3.1: 354 came although nobody is there to get the content, which a lone dot ends. */
    static Stream<Arguments> afterADotForNobody() {
        return Stream.of(
                arguments(Fault.reply("554 5.5.1 no valid recipients"), 1),
                arguments(Fault.reply("250 2.0.0 queued for nobody"), 2), // who knows what it has
                arguments(Fault.replyThenClose("421 4.3.2 bye"), 2),
                arguments(Fault.close(), 2));
    }

    @ParameterizedTest
    @MethodSource("afterADotForNobody")
    void aRefusedRecipientCostsNoConnection(Fault afterTheDot, int connections) {
        upstream.withOnlyExtensions("PIPELINING")
                .scriptOnce(Stage.RCPT, Fault.reply("550 5.1.1 nobody"))
                .scriptOnce(Stage.DATA, Fault.reply("354 go on"))
                .scriptOnce(Stage.END_OF_DATA, afterTheDot);
        assertThat(pool.deliver(Mail.simple())).isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.recipients()).hasSize(1);
            assertThat(rejected.reply()).hasToString("550 5.1.1 nobody");
        });
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).isEqualTo(connections);
        assertThat(upstream.messages())
                .as("not empty ones")
                .last()
                .satisfies(message -> assertThat(message.content()).isNotEmpty());
    }

    /** The upstream gets each group in one write, and answers it only then. */
    @ParameterizedTest
    @CsvSource({"1, 1", "98, 1", "99, 2", "250, 3"})
    void commandsGoInGroups(int recipients, int groups) {
        AtomicInteger waited = new AtomicInteger();
        upstream.answering(turn -> {
            if (turn.stage() == Stage.MAIL || turn.stage() == Stage.RCPT || turn.stage() == Stage.DATA) {
                waited.addAndGet(turn.moreToRead() ? 0 : 1);
            }
            return Optional.empty();
        });
        String[] all = IntStream.range(0, recipients)
                .mapToObj(i -> "r" + i + "@example.org")
                .toArray(String[]::new);
        assertThat(pool.deliver(Mail.submission(Mail.content(Mail.TEXT), all))).isInstanceOf(Accepted.class);
        assertThat(waited.get()).isEqualTo(groups);
        assertThat(envelope()).hasSize(1 + recipients);
    }

    static Stream<Fault> endsOfConnections() {
        return Stream.of(Fault.close(), Fault.replyThenClose("421 4.3.2 bye"));
    }

    @ParameterizedTest
    @MethodSource("endsOfConnections")
    void aRefusedRecipientStandsWhenTheConnectionIsLostBehindIt(Fault fault) {
        upstream.scriptRecipient("a@example.org", Fault.reply("550 5.1.1 no a"))
                .scriptRecipient("b@example.org", fault);
        DeliveryResult result =
                pool.deliver(Mail.submission(Mail.content(Mail.TEXT), "a@example.org", "b@example.org"));
        assertThat(result).isInstanceOf(Rejected.class);
        assertThat(((Rejected) result).recipients())
                .extracting(r -> r.address().toString())
                .containsExactly("a@example.org");
        assertThat(upstream.messages()).isEmpty();
    }

    @Test
    void deliversToNoneWhenOneRecipientHasToWait() {
        upstream.scriptRecipient("a@example.org", Fault.reply("450 4.2.1 later"));
        DeliveryResult result =
                pool.deliver(Mail.submission(Mail.content(Mail.TEXT), "a@example.org", "b@example.org"));
        assertThat(result).isInstanceOf(Deferred.class);
        assertThat(((Deferred) result).reason()).isEqualTo(Reason.FAILED);
        assertThat(((Deferred) result).detail()).isEqualTo("RCPT: 450 4.2.1 later");
        assertThat(((Deferred) result).recipients())
                .extracting(r -> r.address() + ": " + r.reply())
                .containsExactly("a@example.org: 450 4.2.1 later");
        assertThat(upstream.commands()).endsWith("RCPT TO:<b@example.org>", "DATA");
        assertThat(upstream.messages()).isEmpty();
    }

    /** Postfix' postscreen refuses a client for now, as long as it stays, to see whether it comes back. */
    @Test
    void aConnectionThatTakesNobodyForNowIsNotUsedAgain() {
        upstream.answering(turn -> turn.connection() == 0 && turn.stage() == Stage.RCPT
                ? Optional.of(Fault.reply("450 4.3.2 Service currently unavailable"))
                : Optional.empty());
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Deferred.class);
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
    }

    @Test
    void aConnectionThatHasTakenSomebodyStaysWhenItDefersAll() {
        upstream.scriptRecipient("later@example.org", Fault.reply("450 4.2.0 Greylisted"));
        pool.deliver(Mail.simple());
        assertThat(pool.deliver(Mail.submission(Mail.content(Mail.TEXT), "later@example.org")))
                .isInstanceOf(Deferred.class);
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        assertThat(upstream.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "7", "1000"})
    void stuffsDotsWhereverABlockEnds(int blockSize) {
        String text = ".\r\n..\r\n...x\r\na.\r\n.b\r\n\r\n.\r\n.\r\nx.y\r\n..\r\n";
        MessageContent content = new Mail.Blocks(text.getBytes(US_ASCII), blockSize);
        assertThat(pool.deliver(Mail.submission(content, "alice@example.org"))).isInstanceOf(Accepted.class);
        assertThat(wire()).isEqualTo("..\r\n...\r\n....x\r\na.\r\n..b\r\n\r\n..\r\n..\r\nx.y\r\n...\r\n");
    }

    /** A dot is found wherever it stands among the octets that are looked at together. */
    @Test
    void stuffsADotBehindARunOfAnyLength() {
        String text = IntStream.range(0, 150)
                .mapToObj(length -> "x".repeat(length) + "\r\n.y\r\n")
                .collect(Collectors.joining());
        MessageContent content = new Mail.Blocks(text.getBytes(US_ASCII), text.length());
        assertThat(pool.deliver(Mail.submission(content, "alice@example.org"))).isInstanceOf(Accepted.class);
        assertThat(wire()).isEqualTo(text.replace("\r\n.", "\r\n.."));
    }

    /** Dots and line ends on both sides of the boundaries of our buffer, and blocks beyond its size. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 8192, 16 * 1024, 32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 100_000, 1_000_000})
    void passesLargeContentOctetForOctet(int blockSize) {
        StringBuilder text = new StringBuilder();
        while (text.length() < 300_000) {
            text.append(".".repeat(text.length() % 5))
                    .append("line ")
                    .append(text.length())
                    .append("\r\n");
        }
        MessageContent content = new Mail.Blocks(text.toString().getBytes(US_ASCII), blockSize);
        assertThat(pool.deliver(Mail.submission(content, "alice@example.org"))).isInstanceOf(Accepted.class);
        assertThat(wire().equals(text.toString().replaceAll("(?m)^\\.", "..")))
                .as("content as sent, stuffed")
                .isTrue();
    }

    /** Replies to chunks could not be told from those to RCPT (RFC 3030), and nothing that we send needs them. */
    @Test
    void chunksAreNotUsed() {
        upstream.withOnlyExtensions("PIPELINING", "CHUNKING", "BINARYMIME");
        MessageContent content = Mail.content(".x\r\n.\r\n".repeat(30_000));
        assertThat(pool.deliver(Mail.submission(content, "a@example.org", "b@example.org")))
                .isInstanceOf(Accepted.class);
        assertThat(upstream.commands()).endsWith("DATA", "RSET");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void contentOfAnotherSizeThanAnnouncedIsNoMessage(int difference) {
        byte[] octets = "x".repeat(100_000).getBytes(US_ASCII);
        MessageContent lying = new Mail.Lying(new Mail.Blocks(octets, 1_000), octets.length - difference);
        DeliveryResult result = pool.deliver(Mail.submission(lying, "alice@example.org"));
        assertThat(result)
                .isInstanceOfSatisfying(
                        Deferred.class,
                        deferred -> assertThat(deferred.detail()).contains("octets in place of"));
        assertThat(pool.deliver(Mail.simple())).isInstanceOf(Accepted.class);
        assertThat(upstream.messages()).hasSize(1);
        assertThat(upstream.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"'',''", "x,'x\r\n'"})
    void endsContentThatHasNoLastLineEnd(String text, String expected) {
        assertThat(pool.deliver(Mail.submission(Mail.content(text), "alice@example.org")))
                .isInstanceOf(Accepted.class);
        assertThat(upstream.messages().get(0).contentText()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RCPT TO:<a>\r\nDATA", "RCPT TO:<a\nb>", "RCPT TO:<a\0b>", "RCPT TO:<a\u007fb>", "x\ty"})
    void noCommandHasAControlCharacter(String line) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
                Connection connection = new Connection(socket, clock, watchdog)) {
            assertThatThrownBy(() -> connection.command(line)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aHanCharacterWhoseLowOctetsAreALineEndStaysOneCharacter() {
        assertThat(pool.deliver(international("a\u760d\u760ab@example.org"))).isInstanceOf(Accepted.class);
        assertThat(upstream.commands()).contains("RCPT TO:<a\u760d\u760ab@example.org>");
    }

    private void assertRejectedBeforeMail(Submission submission, StandardReply reply) {
        DeliveryResult result = pool.deliver(submission);
        assertThat(result)
                .isEqualTo(DeliveryResult.rejected(result.upstream(), reply.reply(), List.of())
                        .withTook(result.took())
                        .andAnotherMayTry());
        assertThat(upstream.commands()).containsExactly("EHLO relay.example.com");
    }

    private static Submission demanding() {
        Map<String, String> mail = new LinkedHashMap<>();
        mail.put("AUTH", "<>");
        mail.put("ENVID", "QQ+2B1");
        mail.put("RET", "HDRS");
        mail.put("SMTPUTF8", "");
        mail.put("BODY", "8BITMIME");
        mail.put("SIZE", "99");
        Map<String, String> rcpt = new LinkedHashMap<>();
        rcpt.put("ORCPT", "rfc822;a@example.org");
        rcpt.put("NOTIFY", "FAILURE,DELAY");
        return Mail.submission(
                Mail.content(Mail.TEXT),
                new EsmtpParameters(mail),
                new Recipient(ALICE.address(), new EsmtpParameters(rcpt)));
    }

    private static Submission eightBit() {
        return Mail.submission(Mail.content("Subject: x\r\n\r\ngr\u00fc\u00dfe\r\n"), "alice@example.org");
    }

    private static Submission international(String address) {
        return Mail.submission(
                Mail.content(Mail.TEXT),
                EsmtpParameters.none(),
                new Recipient(MailAddress.parse(address), EsmtpParameters.none()));
    }

    /** MAIL and RCPT of all messages. */
    private List<String> envelope() {
        return upstream.commands().stream()
                .filter(line -> line.startsWith("MAIL") || line.startsWith("RCPT"))
                .toList();
    }

    /** The first message's content as it came, dots stuffed, without the dot that ends it. */
    private String wire() {
        String wire = new String(upstream.messages().get(0).wire(), ISO_8859_1);
        assertThat(wire).endsWith(".\r\n");
        return wire.substring(0, wire.length() - 3);
    }
}
