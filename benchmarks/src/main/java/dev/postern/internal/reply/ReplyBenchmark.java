package dev.postern.internal.reply;

import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Replies, from their making to the octets on the wire. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplyBenchmark {

    private final ByteArrayOutputStream wire = new ByteArrayOutputStream(1024);
    private List<String> upstreamLines = List.of("2.0.0 Ok: queued as 4Q2w1N0kXbz9");
    private List<String> keywords =
            List.of("PIPELINING", "SIZE 20971520", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN");

    /** A reply of the catalogue, as it stands. */
    @Benchmark
    public Object standard() throws IOException {
        return written(StandardReply.RECIPIENT_OK.reply());
    }

    /** The upstream's words in our reply. */
    @Benchmark
    public Object accepted() throws IOException {
        Reply upstream = Reply.fromUpstream(250, upstreamLines);
        return written(Replies.of(DeliveryResult.accepted("smtp.example.net:587", upstream), 1));
    }

    /** The reply to EHLO. */
    @Benchmark
    public Object capabilities() throws IOException {
        return written(Replies.capabilities("relay.example", keywords));
    }

    private Object written(Reply reply) throws IOException {
        wire.reset();
        reply.writeTo(wire);
        return wire;
    }
}
