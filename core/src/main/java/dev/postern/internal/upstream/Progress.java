package dev.postern.internal.upstream;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.Extensions;
import dev.postern.spi.UpstreamHealth.Step;
import org.jspecify.annotations.Nullable;

/** How far the opening of a connection came. Used by one thread. */
final class Progress {

    private final long end;
    private Step step = Step.ADDRESS;
    private Extensions extensions = Extensions.NONE;
    private @Nullable Connection connection;

    /** Begins. The end is when the connection must be ready, and its message delivered. */
    Progress(long end) {
        this.end = end;
    }

    long end() {
        return end;
    }

    void at(Step newStep) {
        step = newStep;
    }

    /** Begins with an address. What was found at the one before no longer counts. */
    void connecting() {
        step = Step.CONNECT;
        extensions = Extensions.NONE;
        connection = null;
    }

    void connected(Connection newConnection) {
        connection = newConnection;
    }

    void offered(Extensions newExtensions) {
        extensions = newExtensions;
    }

    Step step() {
        return step;
    }

    Extensions extensions() {
        return extensions;
    }

    @Nullable
    Connection connection() {
        return connection;
    }
}
