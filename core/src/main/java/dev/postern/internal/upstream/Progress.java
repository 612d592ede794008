package dev.postern.internal.upstream;

import dev.postern.internal.upstream.client.Connection;
import dev.postern.internal.upstream.client.Extensions;
import dev.postern.spi.UpstreamHealth.Step;
import org.jspecify.annotations.Nullable;

/** How far the opening of a connection came. Used by one thread. */
final class Progress {

    final long end; // when the connection must be ready, and its message delivered
    Step step = Step.ADDRESS;
    Extensions extensions = Extensions.NONE;

    @Nullable
    Connection connection;

    Progress(long end) {
        this.end = end;
    }

    /** Begins with an address. What was found at the one before no longer counts. */
    void connecting() {
        step = Step.CONNECT;
        extensions = Extensions.NONE;
        connection = null;
    }
}
