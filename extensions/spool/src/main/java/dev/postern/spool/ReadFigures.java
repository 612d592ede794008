package dev.postern.spool;

import dev.postern.spool.SpoolEvent.Kind;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The figures as they were read. */
record ReadFigures(Loads.Totals totals, int sending, Map<Kind, Long> counts, long notStored) implements SpoolFigures {

    @Override
    public long waiting() {
        return totals.messages();
    }

    @Override
    public long waitingOctets() {
        return totals.octets();
    }

    @Override
    public Optional<Instant> oldest() {
        return totals.oldestMillis() == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(totals.oldestMillis()));
    }

    @Override
    public long unreachable() {
        return totals.unreachable();
    }

    @Override
    public long held() {
        return totals.held();
    }

    @Override
    public long spooled() {
        return count(Kind.SPOOLED);
    }

    @Override
    public long relayed() {
        return count(Kind.RELAYED);
    }

    @Override
    public long deferred() {
        return count(Kind.DEFERRED);
    }

    @Override
    public long failed() {
        return count(Kind.FAILED);
    }

    @Override
    public long bounced() {
        return count(Kind.BOUNCED);
    }

    @Override
    public long possiblyDoubled() {
        return count(Kind.POSSIBLY_DOUBLED);
    }

    private long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }
}
