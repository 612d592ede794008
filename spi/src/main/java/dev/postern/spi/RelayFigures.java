package dev.postern.spi;

import java.time.Duration;
import java.util.List;

/**
 * What a relay holds at one moment and has counted since it started, for metrics, a console or a host's own check.
 * Later versions may add accessors. Immutable.
 */
public sealed interface RelayFigures permits Records.RelayFigures {

    /** {@return the number of connections, authenticated or not} */
    int connections();

    /** {@return the number of authenticated connections} */
    int authenticated();

    /** {@return the connection limit; {@link Integer#MAX_VALUE} when unlimited} */
    int connectionLimit();

    /** {@return how many octets of content are held in memory} */
    long contentMemory();

    /** {@return how many octets of content may be held in memory} */
    long contentMemoryLimit();

    /** {@return how many messages are held in files} */
    int contentFiles();

    /** {@return the upstreams, in the order in which they were connected; none for a host's own delivery} */
    List<Upstream> upstreams();

    /** {@return the host's plug-ins that are called under a time-out} */
    List<PlugIn> plugIns();

    /** {@return the outcomes of quota reservations} */
    Reservations reservations();

    /**
     * {@return a copy with these connection figures}
     *
     * @param all all connections, 0 or more
     * @param authenticated the authenticated ones
     * @param limit the connection limit
     */
    RelayFigures withConnections(int all, int authenticated, int limit);

    /**
     * {@return a copy with these content figures}
     *
     * @param memory octets held in memory
     * @param memoryLimit octets that may be held in memory
     * @param files messages held in files
     */
    RelayFigures withContent(long memory, long memoryLimit, int files);

    /**
     * {@return a copy with these upstreams}
     *
     * @param newUpstreams each of them
     */
    RelayFigures withUpstreams(List<Upstream> newUpstreams);

    /**
     * {@return a copy with these plug-ins}
     *
     * @param newPlugIns each of them
     */
    RelayFigures withPlugIns(List<PlugIn> newPlugIns);

    /**
     * {@return a copy with the outcomes of quota reservations}
     *
     * @param newReservations the counts
     */
    RelayFigures withReservations(Reservations newReservations);

    /** {@return figures that are all zero} */
    static RelayFigures none() {
        return Records.RelayFigures.NONE;
    }

    /**
     * An upstream's connections.
     *
     * @param name as {@link DeliveryResult#upstream()} names it
     * @param busy connections that carry a message or are being opened
     * @param idle connections that are idle
     * @param waiting messages that wait for a connection
     * @param circuitOpen whether it gets no messages until a pause is over
     */
    record Upstream(String name, int busy, int idle, int waiting, boolean circuitOpen) {}

    /**
     * A plug-in's calls.
     *
     * @param name the interface that it implements, for instance {@code Authenticator}
     * @param answered calls that were answered
     * @param answeredTook their total time
     * @param failed calls without an answer: the plug-in threw, returned null, was too slow, or was not called because
     *     of these
     * @param failedTook their total time
     */
    record PlugIn(String name, long answered, Duration answeredTook, long failed, Duration failedTook) {}

    /**
     * Quota reservations.
     *
     * @param granted how many were granted
     * @param exceeded how many were over the limit
     * @param failed how many the store did not answer
     */
    record Reservations(long granted, long exceeded, long failed) {}
}
