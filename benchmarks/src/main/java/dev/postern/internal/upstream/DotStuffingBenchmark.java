package dev.postern.internal.upstream;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.DotStuffing;

import dev.postern.internal.time.Watchdog;
import dev.postern.spi.RelayClock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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

/** Content on its way out: 256 KiB of it, in blocks as they are held. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DotStuffingBenchmark {

    private static final int OCTETS = 256 * 1024;
    private static final int BLOCK = 16 * 1024;
    private static final Duration LIMIT = Duration.ofHours(1);

    /** What the content is: plain text, or an attachment. */
    @Param({"text", "attachment"})
    public String kind = "text";

    private final Watchdog watchdog = new Watchdog(RelayClock.system());
    private final Connection connection = connection(watchdog);
    private byte[] content = {};

    /** Makes the content. */
    @Setup
    public void prepare() {
        String line = kind.equals("text")
                ? "Lines of text, with dots. They end sentences. Some begin a line.\r\n.like this one\r\n"
                : "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyBhbmQgb3V0IGFnYWlu\r\n";
        content = line.repeat(OCTETS / line.length()).getBytes(StandardCharsets.US_ASCII);
        connection.endBy(RelayClock.system().nanoTime() + LIMIT.toNanos());
        connection.limit(LIMIT);
    }

    /** Ends the watch. */
    @TearDown
    public void close() {
        connection.close();
        watchdog.close();
    }

    /** Doubles dots. */
    @Benchmark
    public Object stuff() throws IOException {
        DotStuffing out = new DotStuffing(connection);
        for (int i = 0; i < content.length; i += BLOCK) {
            out.write(content, i, Math.min(BLOCK, content.length - i));
        }
        out.end();
        connection.flush();
        return out;
    }

    private static Connection connection(Watchdog watchdog) {
        try {
            return new Connection(new Nowhere(), RelayClock.system(), watchdog);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A socket without a peer. */
    private static final class Nowhere extends Socket {
        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return InputStream.nullInputStream();
        }
    }
}
