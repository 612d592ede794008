package dev.postern;

import dev.postern.spi.RelayFigures;
import java.util.ArrayList;
import java.util.List;

/** Whether a relay does its work, and what stands in its way. Immutable. */
public final class RelayHealth {

    /** How well a relay does its work. */
    public enum Status {
        /** Takes connections and messages. */
        UP,
        /** Does so, but something is not as it should be. */
        DEGRADED,
        /** Takes no new connections because somebody has paused it; those that are there go on. */
        PAUSED,
        /** Takes no connections. */
        DOWN
    }

    /** What stands in a relay's way. */
    public enum Cause {
        /** The relay stops, or has stopped. */
        STOPPED,
        /** A socket that should listen does not. */
        NOT_LISTENING,
        /** Somebody has paused the relay; the detail is the reason that was given. */
        PAUSED,
        /** A shared store does not answer; the detail is its interface. */
        STORE_LOST,
        /** An upstream's circuit is open; the detail is the upstream's name. */
        CIRCUIT_OPEN,
        /** The delivery takes no messages, a spool whose database is away for instance; the detail says why. */
        DELIVERY_FAILS,
        /** Content takes more than 90 % of the memory that it may have. */
        CONTENT_MEMORY,
        /** There are more than 90 % of the connections that there may be. */
        CONNECTIONS
    }

    /**
     * One thing that stands in a relay's way.
     *
     * @param cause what it is
     * @param detail which one, or how much; printable
     */
    public record Reason(Cause cause, String detail) {

        /** Returns cause and detail, for a log line. */
        @Override
        public String toString() {
            return cause + (detail.isEmpty() ? "" : ": " + detail);
        }
    }

    private final Status status;
    private final List<Reason> reasons;

    private RelayHealth(Status status, List<Reason> reasons) {
        this.status = status;
        this.reasons = reasons;
    }

    static RelayHealth of(List<Reason> reasons) {
        Status worst = Status.UP;
        for (Reason reason : reasons) {
            Status status = switch (reason.cause) {
                case STOPPED, NOT_LISTENING -> Status.DOWN;
                case PAUSED -> Status.PAUSED;
                case STORE_LOST, CIRCUIT_OPEN, DELIVERY_FAILS, CONTENT_MEMORY, CONNECTIONS -> Status.DEGRADED;
            };
            worst = status.compareTo(worst) > 0 ? status : worst;
        }
        return new RelayHealth(worst, List.copyOf(reasons));
    }

    /** What figures show to be short. */
    static List<Reason> shortages(RelayFigures now) {
        List<Reason> reasons = new ArrayList<>();
        now.upstreams().stream()
                .filter(RelayFigures.Upstream::circuitOpen)
                .forEach(lost -> reasons.add(new Reason(Cause.CIRCUIT_OPEN, lost.name())));
        if (isNearly(now.contentMemory(), now.contentMemoryLimit())) {
            reasons.add(new Reason(
                    Cause.CONTENT_MEMORY, now.contentMemory() + " of " + now.contentMemoryLimit() + " octets"));
        }
        if (isNearly(now.connections(), now.connectionLimit())) {
            reasons.add(new Reason(Cause.CONNECTIONS, now.connections() + " of " + now.connectionLimit()));
        }
        return reasons;
    }

    /** Over 90 %, also of a limit that is near the largest number. */
    private static boolean isNearly(long value, long limit) {
        return value > limit / 10 * 9 + limit % 10 * 9 / 10;
    }

    /** {@return how well the relay does its work, by the worst of its reasons} */
    public Status status() {
        return status;
    }

    /** {@return what stands in the relay's way; nothing when it is {@link Status#UP}} */
    public List<Reason> reasons() {
        return reasons;
    }

    /** Returns status and reasons, for a log line. */
    @Override
    public String toString() {
        return status + (reasons.isEmpty() ? "" : " " + reasons);
    }
}
