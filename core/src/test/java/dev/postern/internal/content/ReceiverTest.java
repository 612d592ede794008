package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.inDirectory;
import static dev.postern.internal.content.Fixture.inDirectoryThatGoes;
import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.open;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.content.ContentGate.Receiver;
import dev.postern.internal.content.store.Spool;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.spi.MessageContent;
import dev.postern.spi.StandardReply;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known of a message while it comes, and what is held of it. */
class ReceiverTest {

    private static final MessageRules RULES = MessageRules.defaults();
    private static final String FROM = "From: alice@example.org\r\n";

    @TempDir
    Path directory;

    private static void send(Receiver receiver, String text) {
        byte[] octets = octets(text);
        receiver.chunk(octets, 0, octets.length);
    }

    private ContentGate inFiles() {
        return Fixture.gate(RULES, inDirectory(directory).withMemoryPerMessage(0));
    }

    @ParameterizedTest
    @CsvSource({
        "'no header\r\n',MIME_INVALID",
        "'X: a\rb\r\n',BARE_LINE_ENDINGS",
        "'X: 12345678901234\r\n',MESSAGE_TOO_LARGE"
    })
    void knowsThatAMessageIsLostBeforeItIsCompleteAndHoldsNothingOfIt(String lost, StandardReply reply) {
        try (ContentGate gate = Fixture.gate(RULES);
                Receiver receiver = open(gate, 40)) {
            send(receiver, FROM);
            assertThat(receiver.refusal()).isEmpty();
            assertThat(receiver.discarded()).isZero();
            assertThat(gate.memoryHeld()).isPositive();
            send(receiver, lost);
            assertThat(receiver.refusal()).hasValue(reply);
            assertThat(gate.memoryHeld()).isZero();
            long discarded = receiver.discarded();
            send(receiver, "r");
            send(receiver, "est");
            assertThat(receiver.discarded() - discarded).isEqualTo(4);
            assertThat(receiver.size()).isEqualTo(FROM.length() + lost.length() + 4);
            receiver.complete();
            assertThat(receiver.received()).isEmpty();
        }
    }

    @Test
    void whatWasReceivedIsAsItCame() {
        String message = FROM + "Bcc: bob@example.net\r\n\r\n\u00e4";
        try (ContentGate gate = Fixture.gate(RULES);
                Receiver receiver = open(gate)) {
            send(receiver, message);
            receiver.complete();
            MessageContent received = receiver.received().orElseThrow();
            assertThat(Fixture.text(Fixture.read(received))).isEqualTo(message + "\r\n");
            assertThat(received.eightBit()).isTrue();
            assertThat(receiver.size()).isEqualTo(message.length() + 2);
        }
    }

    @ParameterizedTest
    @CsvSource({"'a\rb\0c',lone CR", "'a\0b\rc',NUL"})
    void tellsTheFirstOfDefectsOfOneKind(String body, String detail) {
        assertThat(Fixture.send(RULES, FROM + "\r\n" + body).detail()).isEqualTo(detail);
    }

    @Test
    void holdsNothingOfWhatIsRefusedForItsAuthor() {
        String message = "From: eve@foreign.example\r\n\r\nbody\r\n";
        for (ContentGate each : new ContentGate[] {Fixture.gate(RULES), inFiles()}) {
            try (ContentGate gate = each;
                    Receiver receiver = open(gate)) {
                send(receiver, message);
                assertThat(gate.memoryHeld()).isPositive();
                assertThat(Fixture.result(receiver.finish(origin())).row())
                        .isEqualTo(StandardReply.FROM_DOMAIN_MISMATCH);
                assertThat(gate.memoryHeld()).isZero();
                assertThat(gate.filesHeld()).isZero();
            }
        }
    }

    /** To the JDK, an interrupt is a reason to close the file. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void asksToComeBackWhenTheFileCannotBeWrittenToItsEndOrRead(boolean written) {
        try (ContentGate gate = inFiles();
                Receiver receiver = open(gate)) {
            send(receiver, FROM + "Bcc: bob@example.net\r\n\r\n\u00e4\r\n");
            if (written) {
                receiver.complete();
            }
            Thread.currentThread().interrupt();
            try {
                receiver.complete();
                assertThat(receiver.refusal().isEmpty()).isEqualTo(written);
                assertThat(receiver.received().isPresent()).isEqualTo(written);
                assertThat(Fixture.result(receiver.finish(origin())).row()).isEqualTo(StandardReply.CONTENT_SPACE);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(gate.filesHeld()).isZero();
            assertThat(gate.memoryHeld()).isZero();
        }
    }

    @Test
    void aMessageThatMemoryCanHoldNeedsNoRoomOnTheDisk() {
        ContentStorage storage = inDirectoryThatGoes(directory).withMemoryPerMessage(Spool.BLOCK);
        try (ContentGate gate = Fixture.gate(RULES, storage)) {
            gate.open(Spool.BLOCK, Long.MAX_VALUE).value().close();
            assertThat(gate.open(Spool.BLOCK + 1, Long.MAX_VALUE).refusal())
                    .hasValueSatisfying(
                            reply -> assertThat(reply).hasToString(Fixture.reply(StandardReply.CONTENT_SPACE)));
        }
    }
}
