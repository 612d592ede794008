package dev.postern.internal.upstream;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.Extensions;
import dev.postern.internal.upstream.client.UpstreamException;
import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.TlsInfo;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamHealth.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out whether an upstream would take messages from us, on a connection of its own, without giving it one. */
final class Verification {

    private Verification() {}

    static UpstreamHealth run(String upstream, Connector connector, long end, RelayClock clock) {
        long begun = clock.nanoTime();
        Progress progress = new Progress(end);
        Optional<Failure> failure = Optional.empty();
        try {
            Connection connection = connector.open(progress).connection();
            connection.quit();
            connection.awaitGoodbye();
            connection.close();
        } catch (UpstreamException e) {
            failure = Optional.of(new Failure(progress.step, String.valueOf(e.getMessage())));
        }
        Optional<TlsInfo> tls = Optional.ofNullable(progress.connection).flatMap(Connection::tlsInfo);
        Duration took = Duration.ofNanos(Math.max(0, clock.nanoTime() - begun));
        return new UpstreamHealth(upstream, failure, tls, lines(progress.extensions), took);
    }

    private static List<String> lines(Extensions extensions) {
        return extensions.parameters().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(offer -> Reply.printable((offer.getKey() + " " + offer.getValue()).strip(), Reply.MAX_LINE_OCTETS))
                .toList();
    }
}
