package dev.postern.spi;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;
import java.util.Objects;

/**
 * An account's sending quota.
 *
 * @param limit units that the upstream may accept in a period, 1 or more; {@link Long#MAX_VALUE} means unlimited
 * @param period the calendar period
 * @param zone the account's time zone, in which the periods begin
 * @param unit what is counted; an account has a separate count for each unit
 */
public record QuotaPlan(long limit, Period period, ZoneId zone, Unit unit) {

    private static final QuotaPlan UNLIMITED = new QuotaPlan(Long.MAX_VALUE, Period.MONTH, ZoneId.of("UTC"));

    /** What is counted for a message that the upstream has accepted. */
    public enum Unit {
        /** Each of its recipients. */
        RECIPIENTS,
        /** The message, however many recipients it has. */
        MESSAGES,
        /** Its octets as RFC 1870 section 3 counts them, once for all recipients. */
        OCTETS
    }

    /** A calendar period. */
    public enum Period {
        /** From midnight to midnight. */
        DAY,
        /** From Monday to Sunday (ISO 8601). */
        WEEK,
        /** From the first to the last of the month. */
        MONTH;

        private LocalDate startOf(LocalDate day) {
            return switch (this) {
                case DAY -> day;
                case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
                case MONTH -> day.withDayOfMonth(1);
            };
        }

        private LocalDate next(LocalDate start) {
            return switch (this) {
                case DAY -> start.plusDays(1);
                case WEEK -> start.plusWeeks(1);
                case MONTH -> start.plusMonths(1);
            };
        }
    }

    /**
     * Checks the limit.
     *
     * @param limit as {@link #limit()}
     * @param period as {@link #period()}
     * @param zone as {@link #zone()}
     * @param unit as {@link #unit()}
     * @throws IllegalArgumentException when the limit is under 1
     */
    public QuotaPlan {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be 1 or more, not " + limit);
        }
        Objects.requireNonNull(period, "period");
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(unit, "unit");
    }

    /**
     * Creates a plan that counts recipients.
     *
     * @param limit recipients, 1 or more
     * @param period the calendar period
     * @param zone the account's time zone
     * @throws IllegalArgumentException when the limit is under 1
     */
    public QuotaPlan(long limit, Period period, ZoneId zone) {
        this(limit, period, zone, Unit.RECIPIENTS);
    }

    /**
     * An unlimited plan, by calendar month in UTC.
     *
     * @return the plan
     */
    public static QuotaPlan unlimited() {
        return UNLIMITED;
    }

    /**
     * A plan by calendar day in UTC.
     *
     * @param limit recipients a day, 1 or more
     * @return the plan
     */
    public static QuotaPlan perDay(long limit) {
        return new QuotaPlan(limit, Period.DAY, ZoneId.of("UTC"));
    }

    /**
     * A plan by calendar week in UTC.
     *
     * @param limit recipients a week, 1 or more
     * @return the plan
     */
    public static QuotaPlan perWeek(long limit) {
        return new QuotaPlan(limit, Period.WEEK, ZoneId.of("UTC"));
    }

    /**
     * A plan by calendar month in UTC.
     *
     * @param limit recipients a month, 1 or more
     * @return the plan
     */
    public static QuotaPlan perMonth(long limit) {
        return new QuotaPlan(limit, Period.MONTH, ZoneId.of("UTC"));
    }

    /**
     * Moves the plan to another time zone.
     *
     * @param newZone the account's zone
     * @return a copy
     */
    public QuotaPlan in(ZoneId newZone) {
        return new QuotaPlan(limit, period, newZone, unit);
    }

    /**
     * Changes what the plan counts.
     *
     * @param newUnit what to count
     * @return a copy
     */
    public QuotaPlan counting(Unit newUnit) {
        return new QuotaPlan(limit, period, zone, newUnit);
    }

    /**
     * Changes the limit. The count of the current period goes on: used units stay used.
     *
     * @param newLimit units, 1 or more; {@link Long#MAX_VALUE} means unlimited
     * @return a copy
     * @throws IllegalArgumentException when the limit is under 1
     */
    public QuotaPlan withLimit(long newLimit) {
        return new QuotaPlan(newLimit, period, zone, unit);
    }

    /** {@return whether there is no limit} */
    public boolean isUnlimited() {
        return limit == Long.MAX_VALUE;
    }

    /**
     * Returns the start of the period that contains a moment.
     *
     * @param moment any moment
     * @return the first moment of the period
     */
    public Instant periodStart(Instant moment) {
        return period.startOf(moment.atZone(zone).toLocalDate())
                .atStartOfDay(zone)
                .toInstant();
    }

    /**
     * Returns the end of the period that contains a moment.
     *
     * @param moment any moment
     * @return the first moment of the next period
     */
    public Instant periodEnd(Instant moment) {
        return period.next(period.startOf(moment.atZone(zone).toLocalDate()))
                .atStartOfDay(zone)
                .toInstant();
    }
}
