package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Receiver;
import dev.postern.settings.Check;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.spi.SenderDomains;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What all content checks cost: a message of 1 MiB with three attachments, received and judged with them and without.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ChecksBenchmark {

    private static final int ATTACHMENT_OCTETS = 250 * 1024; // before base64: three are 1 MiB

    /** Whether structure, attachments and From: are checked. */
    @Param({"with", "without"})
    public String checks = "with";

    private byte[] content = {};
    private ContentGate gate = gate(true);

    /** Makes the content. */
    @Setup
    public void prepare() {
        gate.close();
        gate = gate(checks.equals("with"));
        StringBuilder text = new StringBuilder("From: Ann <ann@example.org>\r\nSubject: three attachments\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_next\"\r\n\r\n"
                + "--=_next\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n");
        attach(text, "report.pdf", "%PDF-1.7\n".getBytes(StandardCharsets.ISO_8859_1));
        attach(text, "photo.jpg", new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, (byte) 0xe0});
        attach(text, "table.zip", new byte[] {'P', 'K', 3, 4, 20, 0});
        content = text.append("--=_next--\r\n.\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void attach(StringBuilder text, String name, byte[] signature) {
        String body = Base64.getMimeEncoder().encodeToString(Arrays.copyOf(signature, ATTACHMENT_OCTETS));
        text.append("--=_next\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n")
                .append("Content-Disposition: attachment; filename=\"")
                .append(name)
                .append("\"\r\n\r\n")
                .append(body)
                .append("\r\n");
    }

    /** Removes what the gate made. */
    @TearDown
    public void close() {
        gate.close();
    }

    /** Receives, holds in memory, and judges. */
    @Benchmark
    public Object receive() {
        try (Receiver receiver = gate.open(-1, Long.MAX_VALUE).value()) {
            for (int i = 0; i < content.length; ) {
                i += receiver.data(content, i, Math.min(ContentBenchmark.BLOCK, content.length - i));
            }
            return receiver.finish(ContentBenchmark.origin()).value();
        }
    }

    private static ContentGate gate(boolean checked) {
        MessageRules rules = MessageRules.defaults();
        return new ContentGate(
                "relay.example",
                checked ? rules : rules.without(Check.values()),
                ContentStorage.defaults().withMemoryPerMessage(4 << 20), // so that no disk hides the difference
                SenderDomains.ofIdentityExcept(Set.of()));
    }
}
