package dev.postern.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.postern.spi.QuotaPlan.Period;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaPlanTest {

    @ParameterizedTest
    @CsvSource({
        // plain days, weeks (from Monday) and months
        "DAY, UTC, 2026-01-15T12:00:00Z, 2026-01-15T00:00:00Z, 2026-01-16T00:00:00Z",
        "WEEK, UTC, 2026-01-15T12:00:00Z, 2026-01-12T00:00:00Z, 2026-01-19T00:00:00Z",
        "MONTH, UTC, 2026-01-15T12:00:00Z, 2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z",
        // the first moment belongs to the new period, the one before it to the old one
        "WEEK, UTC, 2026-01-19T00:00:00Z, 2026-01-19T00:00:00Z, 2026-01-26T00:00:00Z",
        "WEEK, UTC, 2026-01-18T23:59:59.999999999Z, 2026-01-12T00:00:00Z, 2026-01-19T00:00:00Z",
        "MONTH, UTC, 2026-02-01T00:00:00Z, 2026-02-01T00:00:00Z, 2026-03-01T00:00:00Z",
        "MONTH, UTC, 2026-01-31T23:59:59.999999999Z, 2026-01-01T00:00:00Z, 2026-02-01T00:00:00Z",
        // weeks over the turn of the year, leap day
        "WEEK, UTC, 2026-01-01T00:00:00Z, 2025-12-29T00:00:00Z, 2026-01-05T00:00:00Z",
        "MONTH, UTC, 2024-02-29T12:00:00Z, 2024-02-01T00:00:00Z, 2024-03-01T00:00:00Z",
        "DAY, UTC, 2024-02-29T12:00:00Z, 2024-02-29T00:00:00Z, 2024-03-01T00:00:00Z",
        // the account's zone decides
        "DAY, America/New_York, 2026-01-15T03:00:00Z, 2026-01-14T05:00:00Z, 2026-01-15T05:00:00Z",
        "MONTH, Pacific/Kiritimati, 2026-01-31T11:00:00Z, 2026-01-31T10:00:00Z, 2026-02-28T10:00:00Z",
        "MONTH, America/New_York, 2026-02-01T04:59:59Z, 2026-01-01T05:00:00Z, 2026-02-01T05:00:00Z",
        // days of 23 and 25 hours
        "DAY, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "DAY, Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "WEEK, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-22T23:00:00Z, 2026-03-29T22:00:00Z",
        "MONTH, Europe/Berlin, 2026-03-15T12:00:00Z, 2026-02-28T23:00:00Z, 2026-03-31T22:00:00Z",
        // a midnight that does not exist, one that comes twice, a day that was left out
        "DAY, America/Sao_Paulo, 2018-11-04T12:00:00Z, 2018-11-04T03:00:00Z, 2018-11-05T02:00:00Z",
        "DAY, America/Havana, 2025-11-02T12:00:00Z, 2025-11-02T04:00:00Z, 2025-11-03T05:00:00Z",
        "DAY, Pacific/Apia, 2011-12-30T09:59:59Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
        "DAY, Pacific/Apia, 2011-12-30T10:00:00Z, 2011-12-30T10:00:00Z, 2011-12-31T10:00:00Z",
    })
    void periodOfAMoment(Period period, String zone, Instant moment, Instant start, Instant end) {
        QuotaPlan plan = new QuotaPlan(1, period, ZoneId.of(zone));
        assertThat(plan.periodStart(moment)).isEqualTo(start);
        assertThat(plan.periodEnd(moment)).isEqualTo(end);
    }

    /** Periods lie end to end: no moment is in two, none in between. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "UTC",
                "Europe/Berlin",
                "America/Sao_Paulo",
                "America/Havana",
                "Pacific/Apia",
                "Asia/Kathmandu",
                "Australia/Lord_Howe",
                "Africa/Casablanca"
            })
    void periodsLieEndToEnd(String zone) {
        Random random = new Random(12);
        for (Period period : Period.values()) {
            QuotaPlan plan = new QuotaPlan(1, period, ZoneId.of(zone));
            for (int i = 0; i < 500; i++) {
                Instant moment = Instant.ofEpochSecond(random.nextInt(2_000_000_000));
                Instant start = plan.periodStart(moment);
                Instant end = plan.periodEnd(moment);
                assertThat(moment).isAfterOrEqualTo(start).isBefore(end);
                assertThat(plan.periodStart(start)).isEqualTo(start);
                assertThat(plan.periodStart(end)).isEqualTo(end);
                assertThat(plan.periodEnd(start.minusNanos(1))).isEqualTo(start);
            }
        }
    }

    @Test
    void unlimitedHasNoLimit() {
        assertThat(QuotaPlan.unlimited().isUnlimited()).isTrue();
        assertThat(QuotaPlan.perMonth(Long.MAX_VALUE - 1).isUnlimited()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void refusesALimitUnderOne(long limit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QuotaPlan.perDay(limit))
                .withMessageContaining("limit must be 1 or more, not " + limit);
    }

    @Test
    @SuppressWarnings("NullAway") // as a caller may who does not check
    void refusesAZoneThatIsNoneAtTheCall() {
        assertThatNullPointerException()
                .isThrownBy(() -> QuotaPlan.perDay(5).in(null))
                .withMessage("zone");
    }

    @Test
    void factoriesNameThePeriod() {
        assertThat(QuotaPlan.perDay(5)).isEqualTo(new QuotaPlan(5, Period.DAY, ZoneId.of("UTC")));
        assertThat(QuotaPlan.perWeek(5)).isEqualTo(new QuotaPlan(5, Period.WEEK, ZoneId.of("UTC")));
        assertThat(QuotaPlan.perMonth(5).in(ZoneId.of("Asia/Tokyo")))
                .isEqualTo(new QuotaPlan(5, Period.MONTH, ZoneId.of("Asia/Tokyo")));
    }
}
