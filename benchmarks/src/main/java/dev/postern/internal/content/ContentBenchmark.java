package dev.postern.internal.content;

import dev.postern.internal.content.ContentGate.Origin;
import dev.postern.internal.content.ContentGate.Receiver;
import dev.postern.internal.content.mime.LineSplitter;
import dev.postern.internal.content.mime.StructureLimits;
import dev.postern.internal.content.wire.LineFramer;
import dev.postern.settings.ContentStorage;
import dev.postern.settings.MessageRules;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.Recipient;
import dev.postern.spi.ReversePath;
import dev.postern.spi.SenderDomains;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
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

/** Content on its way in: 256 KiB of it, in blocks as they come from a socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ContentBenchmark {

    private static final int OCTETS = 256 * 1024;
    static final int BLOCK = 16 * 1024;
    private static final String HEADER =
            "Received: from a.example by b.example; Mon, 23 Nov 2026 12:00:00 +0000\r\n".repeat(3)
                    + "From: Ann <ann@example.org>\r\nTo: Bob <bob@example.net>\r\nSubject: a benchmark of headers\r\n"
                    + "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
                    + "X-Mailer: a program with a name\r\nList-Unsubscribe: <https://example.org/unsubscribe?of=1>\r\n";
    private static final String TEXT =
            "Lines of text, some of them with a dot at the beginning, as they are in mail.\r\n"
                    + "..like this one\r\n\r\n";
    private static final String BASE64 =
            "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgb3V0IGFnYWlu\r\n";

    /** What the content is: plain text, or an attachment. */
    @Param({"text", "attachment"})
    public String kind = "text";

    private final ContentGate gate = new ContentGate(
            "relay.example",
            MessageRules.defaults(),
            ContentStorage.defaults(),
            SenderDomains.ofIdentityExcept(Set.of()));
    private final byte[] header = (HEADER + "\r\n").getBytes(StandardCharsets.US_ASCII);
    private byte[] content = {};
    private Origin origin = origin();

    /** Makes the content. */
    @Setup
    public void prepare() {
        StringBuilder text = new StringBuilder(HEADER);
        String line = kind.equals("text") ? TEXT : BASE64;
        text.append(
                kind.equals("text")
                        ? "\r\n"
                        : "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                                + "Content-Disposition: attachment; filename=\"data.bin\"\r\n\r\n");
        while (text.length() < OCTETS) {
            text.append(line);
        }
        content = text.append(".\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Removes what the gate made. */
    @TearDown
    public void close() {
        gate.close();
    }

    /** Finds lines, dots and the end. */
    @Benchmark
    public long frame() {
        Counter counter = new Counter();
        LineFramer framer = new LineFramer(counter, false);
        for (int i = 0; i < content.length; i += BLOCK) {
            counter.octets += framer.data(content, i, Math.min(BLOCK, content.length - i)) & 1;
        }
        if (!framer.ended()) {
            throw new IllegalStateException("the end of data was not seen");
        }
        return counter.octets;
    }

    /** Reads one header section. */
    @Benchmark
    public Object header() {
        LineSplitter lines = new LineSplitter(MessageRules.defaults(), StructureLimits.DEFAULTS);
        lines.accept(header, 0, header.length);
        lines.end();
        return lines.header();
    }

    /** All of it: frames, holds, inspects, judges and fixes up. */
    @Benchmark
    public Object receive() {
        try (Receiver receiver = gate.open(-1, Long.MAX_VALUE).value()) {
            for (int i = 0; i < content.length; ) {
                i += receiver.data(content, i, Math.min(BLOCK, content.length - i));
            }
            return receiver.finish(origin).value();
        }
    }

    static Origin origin() {
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
        Envelope envelope = new Envelope(
                ReversePath.of(MailAddress.parse("ann@example.org")),
                EsmtpParameters.none(),
                List.of(Recipient.of("bob@example.net")));
        return new Origin(
                "m1",
                ClientInfo.of("s1", here, here).withHelo("client.example"),
                Identity.of("ann@example.org").withDomains("example.org"),
                true,
                true,
                envelope,
                Instant.EPOCH);
    }

    /** Takes everything. */
    private static final class Counter implements LineFramer.Sink {
        private long octets;

        @Override
        public void accept(byte[] buffer, int offset, int length) {
            octets += length;
        }

        @Override
        public void defect(String what) {
            throw new IllegalStateException(what);
        }
    }
}
