package dev.postern;

import dev.postern.spi.RelayFigures;
import java.util.ArrayList;
import java.util.List;

/** A relay's status, and the reasons when it is not {@link Status#UP}. Immutable. */
public final class RelayHealth {

    /** How well a relay works. */
    public enum Status {
        /** Accepts connections and messages. */
        UP,
        /** Accepts connections and messages, but something is wrong. */
        DEGRADED,
        /** Accepts no new connections because it was paused; existing ones go on. */
        PAUSED,
        /** Accepts no connections. */
        DOWN
    }

    /** Why a relay is not {@link Status#UP}. */
    public enum Cause {
        /** The relay is stopping or has stopped. */
        STOPPED,
        /** A socket that should be listening is not. */
        NOT_LISTENING,
        /** The relay was paused; the detail is the reason given. */
        PAUSED,
        /** A shared store does not answer; the detail is the name of its interface. */
        STORE_LOST,
        /** An upstream's circuit is open; the detail is the upstream's name. */
        CIRCUIT_OPEN,
        /**
         * The delivery accepts no messages, for instance because a spool's database is unreachable; the detail says
         * why.
         */
        DELIVERY_FAILS,
        /** Content uses more than 90 % of its memory limit. */
        CONTENT_MEMORY,
        /** Connections are above 90 % of their limit. */
        CONNECTIONS
    }

    /**
     * A reason why a relay is not {@link Status#UP}.
     *
     * @param cause the kind of problem
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

    /** Returns the shortages that the figures show. */
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

    /** Whether value is over 90 % of limit, without overflow. */
    private static boolean isNearly(long value, long limit) {
        return value > limit / 10 * 9 + limit % 10 * 9 / 10;
    }

    /** {@return the status, determined by the worst of the reasons} */
    public Status status() {
        return status;
    }

    /** {@return the reasons; empty when the status is {@link Status#UP}} */
    public List<Reason> reasons() {
        return reasons;
    }

    /** Returns status and reasons, for a log line. */
    @Override
    public String toString() {
        return status + (reasons.isEmpty() ? "" : " " + reasons);
    }
}
