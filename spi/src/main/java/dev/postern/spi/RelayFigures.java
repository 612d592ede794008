package dev.postern.spi;

import java.time.Duration;
import java.util.List;

/**
 * What a relay holds at one moment, and what it has counted since it began: for meters, a console or a host's own check.
 * There may be more to read later. Immutable.
 */
public sealed interface RelayFigures permits Records.RelayFigures {

    /** {@return how many connections there are, authenticated or not} */
    int connections();

    /** {@return how many of the connections are authenticated} */
    int authenticated();

    /** {@return how many connections there may be; {@link Integer#MAX_VALUE} without limit} */
    int connectionLimit();

    /** {@return how many octets of content are held in memory} */
    long contentMemory();

    /** {@return how many octets of content may be held in memory} */
    long contentMemoryLimit();

    /** {@return how many messages are held in files} */
    int contentFiles();

    /** {@return each upstream, in the order in which they were connected; none for a delivery of the host's own} */
    List<Upstream> upstreams();

    /** {@return each plug-in of the host's that is called under a time-out} */
    List<PlugIn> plugIns();

    /** {@return what came of the wishes to reserve quota} */
    Reservations reservations();

    /**
     * {@return a copy with what is known of connections}
     *
     * @param all how many there are, 0 or more
     * @param authenticated how many of them are authenticated
     * @param limit how many there may be
     */
    RelayFigures withConnections(int all, int authenticated, int limit);

    /**
     * {@return a copy with what is known of content}
     *
     * @param memory octets that are held in memory
     * @param memoryLimit octets that may be held in memory
     * @param files messages that are held in files
     */
    RelayFigures withContent(long memory, long memoryLimit, int files);

    /**
     * {@return a copy with what is known of upstreams}
     *
     * @param newUpstreams each of them
     */
    RelayFigures withUpstreams(List<Upstream> newUpstreams);

    /**
     * {@return a copy with what was counted of plug-ins}
     *
     * @param newPlugIns each of them
     */
    RelayFigures withPlugIns(List<PlugIn> newPlugIns);

    /**
     * {@return a copy with what came of the wishes to reserve quota}
     *
     * @param newReservations the counts
     */
    RelayFigures withReservations(Reservations newReservations);

    /** {@return figures that are all 0} */
    static RelayFigures none() {
        return Records.RelayFigures.NONE;
    }

    /**
     * An upstream.
     *
     * @param name as {@link DeliveryResult#upstream()} names it
     * @param busy how many connections carry a message, or are being made
     * @param idle how many rest
     * @param waiting how many messages wait for a connection
     * @param circuitOpen whether no message is given to it before a pause is over
     */
    record Upstream(String name, int busy, int idle, int waiting, boolean circuitOpen) {}

    /**
     * A plug-in.
     *
     * @param name the interface that it implements, for instance {@code Authenticator}
     * @param answered how many calls were answered
     * @param answeredTook how long these took together
     * @param failed how many calls had no answer: it threw, answered null or was too slow, or was not called for one of
     *     these
     * @param failedTook how long these took together
     */
    record PlugIn(String name, long answered, Duration answeredTook, long failed, Duration failedTook) {}

    /**
     * Wishes to reserve quota.
     *
     * @param granted how many were granted
     * @param exceeded how many were over the limit
     * @param failed how many the store did not answer
     */
    record Reservations(long granted, long exceeded, long failed) {}
}
