package dev.postern;

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
                case STORE_LOST, CIRCUIT_OPEN, CONTENT_MEMORY, CONNECTIONS -> Status.DEGRADED;
            };
            worst = status.compareTo(worst) > 0 ? status : worst;
        }
        return new RelayHealth(worst, List.copyOf(reasons));
    }

    /**
     * Tells how well the relay does its work.
     *
     * @return the status that follows from the worst of the reasons
     */
    public Status status() {
        return status;
    }

    /**
     * Tells what stands in the relay's way.
     *
     * @return each reason; none when the relay is {@link Status#UP}
     */
    public List<Reason> reasons() {
        return reasons;
    }

    /** Returns status and reasons, for a log line. */
    @Override
    public String toString() {
        return status + (reasons.isEmpty() ? "" : " " + reasons);
    }
}
