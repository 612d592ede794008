package dev.postern.internal.content;

import static dev.postern.internal.content.Fixture.inDirectory;
import static dev.postern.internal.content.Fixture.inDirectoryThatGoes;
import static dev.postern.internal.content.Fixture.octets;
import static dev.postern.internal.content.Fixture.open;
import static dev.postern.internal.content.Fixture.origin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.internal.content.ContentGate.Receiver;
import dev.postern.internal.content.store.Spool;
import dev.postern.internal.reply.Judged;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.spi.MessageContent;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("try") // closing early is what some of these tests are about
class StorageTest {

    private static final int BLOCK = Spool.BLOCK;
    private static final String SPACE = "452 4.3.1 Insufficient system storage";
    private static final String TOO_LARGE = "523 5.3.4 Message size exceeds fixed maximum message size";

    @TempDir
    Path directory;

    /** Lines of different lengths, so that a block in the wrong place shows. */
    private static byte[] content(int size) {
        StringBuilder text = new StringBuilder();
        for (int line = 0; text.length() < size; line++) {
            text.append("line ").append(line).append("x".repeat(line % 90)).append("\r\n");
        }
        text.setLength(size - 2);
        if (text.length() > 0 && text.charAt(text.length() - 1) == '\r') {
            text.setCharAt(text.length() - 1, 'z'); // a lone CR is for other tests
        }
        return octets(text + "\r\n");
    }

    private static void send(Receiver receiver, byte[] content, int block) {
        int count;
        for (int i = 0; i < content.length; i += count) {
            count = Math.min(block, content.length - i);
            receiver.chunk(content, i, count);
        }
    }

    private static MessageContent complete(Receiver receiver) {
        return receiver.finish(origin()).value().content();
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0,2",
        "0,40000",
        "1,16384",
        "1,16385",
        "2,16384",
        "2,32768",
        "2,32769",
        "2,100000",
        "16,262144",
        "16,262145",
        "16,1000000"
    })
    void givesBackWhatItGotFromMemoryAndFile(int blocks, int size) throws IOException {
        ContentStorage storage = inDirectory(directory).withMemoryPerMessage(blocks * BLOCK);
        byte[] content = content(size);
        for (int block : new int[] {size, 1, 777, BLOCK, BLOCK + 1, 5 * BLOCK}) {
            try (ContentGate gate = gate(storage);
                    Receiver receiver = open(gate)) {
                send(receiver, content, block);
                MessageContent held = complete(receiver);
                assertThat(Fixture.written(held)).isEqualTo(content);
                assertThat(Fixture.read(held)).isEqualTo(content);
                boolean inFile = size > blocks * BLOCK;
                assertThat(gate.memoryHeld()).isEqualTo(inFile ? 0 : (size + BLOCK - 1) / BLOCK * BLOCK);
                assertThat(gate.filesHeld()).isEqualTo(inFile ? 1 : 0);
                receiver.close();
                assertThat(gate.filesHeld()).isZero();
            }
        }
        assertThat(entries()).isEmpty();
    }

    @Test
    void holdsNothingWhenNothingIsInFlight() {
        try (ContentGate gate = gate(inDirectory(directory))) {
            Receiver abandoned = open(gate);
            send(abandoned, content(50_000), 1000);
            assertThat(gate.memoryHeld()).isEqualTo(4 * BLOCK);
            Receiver other = open(gate);
            assertThat(gate.memoryHeld()).isEqualTo(5 * BLOCK);
            abandoned.close();
            abandoned.close();
            assertThat(gate.memoryHeld()).isEqualTo(BLOCK);
            other.close();
            assertThat(gate.memoryHeld()).isZero();
        }
    }

    @Test
    void goesToTheFileWhenTheBudgetIsUsedUp() throws IOException {
        ContentStorage storage = inDirectory(directory).withMemory(3L * BLOCK);
        byte[] content = content(3 * BLOCK);
        try (ContentGate gate = gate(storage);
                Receiver first = open(gate);
                Receiver second = open(gate);
                Receiver third = open(gate)) {
            send(first, content, BLOCK);
            assertThat(gate.filesHeld())
                    .as("first is in a file, its memory is free for others")
                    .isEqualTo(1);
            send(second, content(2 * BLOCK), BLOCK);
            send(third, content, 100);
            assertThat(gate.memoryHeld()).isLessThanOrEqualTo(3L * BLOCK);
            assertThat(Fixture.read(complete(first))).isEqualTo(content);
            assertThat(Fixture.read(complete(second))).isEqualTo(content(2 * BLOCK));
            assertThat(Fixture.read(complete(third))).isEqualTo(content);
        }
    }

    @Test
    void keepsLargeMessageOutOfTheHeap() throws IOException {
        byte[] line = octets("x".repeat(1_022) + "\r\n");
        long lines = 20L << 10;
        ContentStorage storage = inDirectory(directory);
        try (ContentGate gate = gate(storage);
                Receiver receiver = open(gate)) {
            long most = 0;
            for (int i = 0; i < lines; i++) {
                receiver.chunk(line, 0, line.length);
                most = Math.max(most, gate.memoryHeld());
            }
            assertThat(most).isEqualTo(256 << 10);
            MessageContent held = complete(receiver);
            assertThat(gate.memoryHeld()).isZero();
            assertThat(held.size()).isEqualTo(20L << 20);
            try (InputStream in = held.open()) {
                for (int i = 0; i < lines; i++) {
                    assertThat(Arrays.equals(in.readNBytes(line.length), line)).isTrue();
                }
                assertThat(in.read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void refusesToFinishDataWithoutItsEnd() {
        try (ContentGate gate = gate(inDirectory(directory));
                Receiver receiver = open(gate)) {
            byte[] wire = octets("a\r\n.\r");
            assertThat(receiver.data(wire, 0, wire.length)).isEqualTo(wire.length);
            assertThatThrownBy(() -> receiver.finish(origin())).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void readingsDoNotDisturbEachOther() throws IOException {
        byte[] content = content(100_000);
        ContentStorage storage = inDirectory(directory).withMemoryPerMessage(BLOCK);
        try (ContentGate gate = gate(storage);
                Receiver receiver = open(gate)) {
            send(receiver, content, content.length);
            MessageContent held = complete(receiver);
            try (InputStream one = held.open();
                    InputStream two = held.open()) {
                assertThat(one.readNBytes(50_000)).isEqualTo(Arrays.copyOf(content, 50_000));
                assertThat(two.read()).isEqualTo('l');
                assertThat(one.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 50_000, content.length));
                assertThat(two.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 1, content.length));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 100_000})
    void failsReadingsAfterClose(int size) throws IOException {
        ContentStorage storage = inDirectory(directory).withMemoryPerMessage(BLOCK);
        try (ContentGate gate = gate(storage);
                Receiver receiver = open(gate)) {
            send(receiver, content(size), size);
            MessageContent held = complete(receiver);
            try (InputStream in = held.open()) {
                receiver.close();
                assertThatThrownBy(in::read).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void filesHaveNoName() throws IOException {
        ContentStorage storage = inDirectory(directory).withMemoryPerMessage(0);
        try (ContentGate gate = gate(storage);
                Receiver receiver = open(gate)) {
            send(receiver, content(100_000), 100_000);
            assertThat(gate.filesHeld()).isEqualTo(1);
            assertThat(entries())
                    .as("unlinked while open, so that a crash leaves nothing")
                    .isEmpty();
            assertThat(Fixture.read(complete(receiver))).hasSize(100_000);
        }
        assertThat(entries()).isEmpty();
    }

    /** Made, and not unlinked yet: all that can be left by a process that is killed. What has content is somebody else's. */
    @Test
    void removesWhatKilledProcessesHaveLeft() throws IOException {
        Path target = Files.createFile(directory.resolve("target"));
        Path used = Files.createDirectory(directory.resolve("postern-content-1"));
        Path usedFile = Files.writeString(used.resolve("content-1"), "in use");
        Path full = Files.writeString(directory.resolve("postern-content-2"), "somebody's");
        Path link = Files.createSymbolicLink(directory.resolve("postern-content-3"), target);
        Files.createFile(directory.resolve("postern-content-4"));
        Files.createDirectory(directory.resolve("postern-content-5"));
        try (ContentGate gate = gate(inDirectory(directory))) {
            gate.removeAbandoned();
        }
        assertThat(entries()).containsExactlyInAnyOrder(target, used, full, link);
        assertThat(usedFile).hasContent("in use");
    }

    @Test
    void makesNoFileOnceItIsClosed() {
        ContentGate gate = gate(inDirectory(directory).withMemoryPerMessage(0));
        gate.close();
        assertThat(refusal(gate.open(-1, Long.MAX_VALUE))).isEqualTo(SPACE);
    }

    @Test
    void refusesBeforehandWithoutMemoryAndDirectoryWith452() {
        ContentStorage storage = inDirectoryThatGoes(directory).withMemory(BLOCK);
        try (ContentGate gate = Fixture.gate(Fixture.PLAIN.with(Check.LINE_ENDINGS), storage);
                Receiver first = open(gate)) {
            assertThat(refusal(gate.open(-1, Long.MAX_VALUE))).isEqualTo(SPACE);
            assertThat(refusal(gate.open(10_000_000, Long.MAX_VALUE))).isEqualTo(SPACE);
            assertThat(gate.memoryHeld()).isEqualTo(BLOCK);
            first.close();
            gate.open(-1, Long.MAX_VALUE).value().close();
            assertThat(gate.memoryHeld()).isZero();
        }
    }

    @Test
    void refusesDeclaredSizeThatTheDiskCannotHoldWith452() {
        try (ContentGate gate = gate(inDirectory(directory))) {
            assertThat(refusal(gate.open(Long.MAX_VALUE, Long.MAX_VALUE))).isEqualTo(SPACE);
            assertThat(gate.memoryHeld()).isZero();
        }
    }

    private static String refusal(Judged<Receiver> opened) {
        return opened.refusal().orElseThrow().toString();
    }

    @Test
    void drainsAndRefusesWhenTheFileCannotBeMadeWith452() {
        ContentStorage storage = inDirectoryThatGoes(directory).withMemoryPerMessage(BLOCK);
        byte[] wire = octets("x".repeat(3 * BLOCK) + "\r\n.\r\nQUIT\r\n");
        try (ContentGate gate = gate(storage);
                Receiver receiver = open(gate)) {
            assertThat(receiver.data(wire, 0, wire.length)).isEqualTo(wire.length - "QUIT\r\n".length());
            assertThat(gate.memoryHeld()).as("freed as soon as it is lost").isZero();
            assertThat(Fixture.result(receiver.finish(origin())).reply()).hasToString(SPACE);
        }
    }

    @Test
    void takesMessageOfExactlyTheMaximumAndRefusesOneOctetMoreWith523() {
        ContentStorage storage = inDirectory(directory);
        for (int size = 998; size <= 1_002; size++) {
            String lines = "x".repeat(size - 2) + "\r\n";
            assertThat(outcome(gate(storage), lines + ".\r\n", 1_000))
                    .isEqualTo(size <= 1_000 ? StandardReply.NOOP_OK.reply().toString() : TOO_LARGE);
            assertThat(outcome(gate(storage), lines + ".\r\n", 999))
                    .isEqualTo(size <= 999 ? StandardReply.NOOP_OK.reply().toString() : TOO_LARGE);
            try (ContentGate gate = gate(storage);
                    Receiver receiver = open(gate, 1_000)) {
                receiver.chunk(octets("x".repeat(size)), 0, size);
                assertThat(Fixture.result(receiver.finish(origin())).passed())
                        .as("the CRLF that BDAT content may lack does not count")
                        .isEqualTo(size <= 1_000);
            }
        }
    }

    @Test
    void countsWithoutStuffingAndWithNormalizedLineEnds() {
        ContentStorage storage = inDirectory(directory);
        assertThat(outcome(gate(storage), "..\r\n...\r\n..\r\n.\r\n", 8)).isEqualTo(TOO_LARGE);
        assertThat(outcome(gate(storage), "..\r\n....\r\n.\r\n", 8))
                .isEqualTo(StandardReply.NOOP_OK.reply().toString());
        assertThat(outcome(gate(storage), "\n\n\n\n\r\n.\r\n", 8)).isEqualTo(TOO_LARGE);
    }

    @Test
    void repliesBySizeFirstThenByLineEndsThenByStructure() {
        MessageRules rules = MessageRules.defaults();
        String broken = "no header\r\n";
        String bare = "a\rb\r\n";
        String large = "x".repeat(200) + "\r\n";
        assertThat(outcome(Fixture.gate(rules), broken + bare + large + ".\r\n", 100))
                .isEqualTo(TOO_LARGE);
        assertThat(outcome(Fixture.gate(rules), large + bare + broken + ".\r\n", 100))
                .isEqualTo(TOO_LARGE);
        assertThat(outcome(Fixture.gate(rules), broken + bare + ".\r\n", 100))
                .isEqualTo(StandardReply.BARE_LINE_ENDINGS.reply().toString());
        assertThat(outcome(Fixture.gate(rules), broken + ".\r\n", 100))
                .isEqualTo(StandardReply.MIME_INVALID.reply().toString());
    }

    private static ContentGate gate(ContentStorage storage) {
        return Fixture.gate(Fixture.PLAIN, storage);
    }

    /** What comes of a message; closes the gate. */
    private static String outcome(ContentGate gate, String wire, long maxSize) {
        byte[] octets = octets(wire);
        try (gate;
                Receiver receiver = open(gate, maxSize)) {
            assertThat(receiver.data(octets, 0, octets.length)).isEqualTo(octets.length);
            assertThat(receiver.ended()).isTrue();
            String reply = Fixture.result(receiver.finish(origin())).reply().toString();
            if (!reply.equals(StandardReply.NOOP_OK.reply().toString())) {
                assertThat(gate.memoryHeld()).isZero();
            }
            return reply;
        }
    }
}
