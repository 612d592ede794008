package dev.postern.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Accepted;
import dev.postern.spi.Envelope;
import dev.postern.spi.EsmtpParameters;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.MessageContent;
import dev.postern.spi.Recipient;
import dev.postern.spi.Reply;
import dev.postern.spi.ReversePath;
import dev.postern.spi.Submission;
import dev.postern.spool.Spool;
import dev.postern.spool.SpoolFilter;
import dev.postern.spool.SpoolSettings;
import dev.postern.spool.SpoolStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The spool, in front of an upstream that takes what it has read. */
final class SpoolQueue implements QueueCommand.Queue {

    private static final ClientInfo CLIENT = ClientInfo.of(
            "bench",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 587));
    private static final Envelope ENVELOPE = new Envelope(
            ReversePath.of(MailAddress.parse("ann@example.org")),
            EsmtpParameters.none(),
            List.of(Recipient.of("bob@example.net")));
    private static final long MANY = 10_000_000;

    private final Spool spool;
    private final @Nullable HikariDataSource pool;

    private SpoolQueue(Spool spool, @Nullable HikariDataSource pool) {
        this.spool = spool;
        this.pool = pool;
    }

    static SpoolQueue open(String place, int threads) {
        HikariDataSource pool = place.startsWith("jdbc:") ? Pools.open(place, threads + 20) : null;
        SpoolStore store = pool == null ? SpoolStore.directory(Path.of(place)) : SpoolStore.migratedDatabase(pool);
        Spool spool = Spool.builder(store)
                .settings(SpoolSettings.defaults()
                        .withAttempts(threads)
                        .withCapacity(MANY, Long.MAX_VALUE)
                        .withCapacityPerAccount(MANY, Long.MAX_VALUE))
                .start(SpoolQueue::take);
        return new SpoolQueue(spool, pool);
    }

    private static DeliveryResult take(Submission message) {
        try (InputStream content = message.content().open()) {
            content.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return DeliveryResult.accepted("bench", Reply.fromUpstream(250, List.of("2.0.0 taken")));
    }

    /** A job as content. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Job(byte[] octets) implements MessageContent {
        @Override
        public long size() {
            return octets.length;
        }

        @Override
        public boolean eightBit() {
            return false;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(octets);
        }
    }

    @Override
    public void put(String id, byte[] job) {
        DeliveryResult result = spool.deliver(
                Submission.of(id, CLIENT, Identity.of("ann@example.org"), ENVELOPE, new Job(job), Instant.now()));
        if (!(result instanceof Accepted)) {
            throw new IllegalStateException("not spooled: " + result);
        }
    }

    /** What is relayed is done only when its row is gone. */
    @Override
    public long done() {
        long relayed = spool.figures().relayed();
        return relayed == 0 || spool.list(SpoolFilter.all(), 1).isEmpty() ? relayed : relayed - 1;
    }

    @Override
    public void close() {
        spool.close();
        if (pool != null) {
            pool.close();
        }
    }
}
