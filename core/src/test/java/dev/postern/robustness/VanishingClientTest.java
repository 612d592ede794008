package dev.postern.robustness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.robustness.Client.Leaving;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import dev.postern.testkit.probe.SmtpProbe;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that is suddenly gone, at every stage of a session, leaves nothing behind. */
@Isolated("counts threads and descriptors of the process")
class VanishingClientTest {

    /** How far a client comes. */
    private enum Moment {
        CONNECTED(client -> {}),
        GREETED(client -> client.expect(220)),
        IN_A_COMMAND_LINE(client -> {
            client.expect(220);
            client.write("EHLO clie");
        }),
        BEHIND_EHLO(Stand::greet),
        IN_AN_AUTH_EXCHANGE(client -> {
            Stand.greet(client);
            client.say("AUTH LOGIN", 334);
        }),
        LOGGED_IN(Stand::logIn),
        BEHIND_MAIL(client -> {
            Stand.logIn(client);
            client.say("MAIL FROM:<alice@client.test>", 250);
        }),
        BEHIND_RCPT(Stand::envelope),
        BEHIND_DATA(VanishingClientTest::data),
        IN_CONTENT(client -> {
            data(client);
            client.write(Stand.MESSAGE);
        }),
        IN_CONTENT_THAT_FILLS_A_FILE(client -> {
            data(client);
            client.write(Stand.MESSAGE + "A line of content.\r\n".repeat(10_000));
        }),
        IN_THE_END_OF_DATA(client -> {
            data(client);
            client.write(Stand.MESSAGE + ".\r");
        }),
        BEHIND_THE_END_OF_DATA(client -> {
            data(client);
            client.write(Stand.MESSAGE + ".\r\n");
        }),
        IN_A_CHUNK(client -> {
            Stand.envelope(client);
            client.write("BDAT 1000 LAST\r\n" + Stand.MESSAGE);
        }),
        BETWEEN_CHUNKS(client -> {
            Stand.envelope(client);
            client.say("BDAT " + Stand.MESSAGE.length() + "\r\n" + Stand.MESSAGE.stripTrailing(), 250);
        }),
        BEHIND_A_REFUSED_CHUNK(client -> {
            Stand.logIn(client);
            client.write("BDAT 1000\r\n" + "x".repeat(500));
        }),
        BEHIND_STARTTLS(client -> {
            Stand.greet(client);
            client.say("STARTTLS", 220);
        }),
        IN_THE_HANDSHAKE_OF_STARTTLS(client -> {
            Stand.greet(client);
            client.say("STARTTLS", 220);
            client.write(halfOfAHandshake());
        });

        private final Consumer<Client> way;

        Moment(Consumer<Client> way) {
            this.way = way;
        }
    }

    /** All of them; only those of TLS where it is another one than the JDK's. */
    static Stream<Arguments> momentsAndLeavings() {
        boolean all = System.getProperty("postern.tls") == null;
        return Arrays.stream(Moment.values())
                .filter(moment -> all || moment.name().contains("STARTTLS"))
                .flatMap(moment -> Arrays.stream(Leaving.values()).map(leaving -> Arguments.of(moment, leaving)));
    }

    @ParameterizedTest
    @MethodSource("momentsAndLeavings")
    void leavesNothing(Moment moment, Leaving leaving, @TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (Client client = stand.connect()) {
                moment.way.accept(client);
                Await.until("it is let in", () -> stand.relay.connections() == 1);
                client.leave(leaving);
                if (leaving == Leaving.HALF_CLOSE) {
                    String replies = client.readToEnd();
                    if (!moment.name().contains("STARTTLS")) { // where a TLS alert is the last word
                        assertThat(ReplyForm.split(replies, false)).noneMatch(reply -> reply.startsWith("4"));
                    }
                }
            }
            stand.assertFree();
            assertThat(stand.upstream.contentsSeen())
                    .isLessThanOrEqualTo(moment == Moment.BEHIND_THE_END_OF_DATA ? 1 : 0);
            if (moment != Moment.IN_CONTENT_THAT_FILLS_A_FILE) {
                stand.assertServes();
            }
        }
        leftovers.awaitGone();
    }

    @ParameterizedTest
    @EnumSource(Leaving.class)
    void leavesNothingWhileTheUpstreamHoldsTheEndOfData(Leaving leaving, @TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            stand.upstream.scriptOnce(Stage.END_OF_DATA, Fault.hang());
            try (Client client = stand.connect()) {
                data(client);
                client.write(Stand.MESSAGE + ".\r\n");
                Await.until("the upstream has it all", () -> stand.upstream.contentsSeen() == 1);
                client.leave(leaving);
                stand.upstream.dropConnections();
                if (leaving == Leaving.HALF_CLOSE) {
                    assertThat(client.readToEnd())
                            .isEqualTo("421 4.4.2 Temporary local problem: unable to relay message\r\n");
                }
            }
            stand.assertFree();
            assertThat(stand.upstream.contentsSeen())
                    .as("sent once, whatever happened")
                    .isOne();
            stand.assertServes();
        }
        leftovers.awaitGone();
    }

    @ParameterizedTest
    @EnumSource(Leaving.class)
    void leavesNothingInTheHandshakeOfImplicitTls(Leaving leaving, @TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            for (byte[] octets : new byte[][] {{}, halfOfAHandshake(), "EHLO x\r\n".getBytes(US_ASCII)}) {
                try (Client client = stand.connectTls()) {
                    Await.until("it is let in", () -> stand.relay.connections() == 1);
                    client.write(octets);
                    client.leave(leaving);
                    if (leaving == Leaving.HALF_CLOSE) {
                        client.readToEnd();
                    }
                }
                stand.assertFree();
            }
            stand.assertServes();
        }
        leftovers.awaitGone();
    }

    /** Over TLS, the end of the connection without a close_notify is an exception and not an end of the stream. */
    @ParameterizedTest
    @EnumSource(names = {"CLOSE", "RESET"})
    void leavesNothingInContentOverTls(Leaving leaving, @TempDir Path directory) {
        Leftovers leftovers = new Leftovers();
        try (Stand stand = Stand.open(directory)) {
            try (SmtpProbe probe =
                    SmtpProbe.connectTls(stand.relay.addresses().get(1), TestCertificates.clientContext())) {
                assertThat(probe.readReply().code()).isEqualTo(220);
                assertThat(probe.ehlo().code()).isEqualTo(250);
                assertThat(probe.authPlain("alice@client.test", "alice").code()).isEqualTo(235);
                probe.mail("alice@client.test");
                probe.rcpt("bob@dest.test");
                assertThat(probe.send("DATA").code()).isEqualTo(354);
                probe.write(Stand.MESSAGE);
                if (leaving == Leaving.RESET) {
                    probe.reset();
                }
            }
            stand.assertFree();
            assertThat(stand.upstream.contentsSeen()).isZero();
            stand.assertServes();
        }
        leftovers.awaitGone();
    }

    private static void data(Client client) {
        Stand.envelope(client);
        client.say("DATA", 354);
    }

    /** The first half of what a TLS client says first. */
    private static byte[] halfOfAHandshake() {
        try {
            SSLEngine engine = TestCertificates.clientContext().createSSLEngine();
            engine.setUseClientMode(true);
            ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), hello);
            return Arrays.copyOf(hello.array(), hello.position() / 2);
        } catch (SSLException e) {
            throw new AssertionError(e);
        }
    }
}
