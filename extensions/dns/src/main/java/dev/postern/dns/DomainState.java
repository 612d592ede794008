package dev.postern.dns;

import dev.postern.spi.RelayClock;
import dev.postern.spi.Reply;
import dev.postern.spi.SenderDomains.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is known of one domain, and the one refresh of it that may run. Safe for use by several threads. */
final class DomainState {

    private static final Logger LOG = LoggerFactory.getLogger(DomainState.class);

    /** Of a whole refresh, whatever it leads to. */
    private static final Duration REFRESH_LIMIT = Duration.ofSeconds(15);

    /** After trouble, DNS is left alone for so long. */
    static final Duration RETRY = Duration.ofSeconds(30);

    /** The same for all domains. */
    record Rules(
            List<Function<String, List<Check>>> checks,
            Txt txt,
            RelayClock clock,
            Duration minTtl,
            Duration maxTtl,
            Duration maxStale,
            Duration patience) {}

    private final String domain;
    private final Rules rules;
    private @Nullable Known known;
    private @Nullable CompletableFuture<DomainReport> running;
    private boolean inTrouble;
    private long retryAt; // while in trouble, by the monotonic clock

    /** A report and when it was begun, by the monotonic clock: a wall clock that is put right makes none older or younger. */
    private record Known(DomainReport report, long since) {

        private boolean isYounger(Duration age, long now) {
            return Duration.ofNanos(now - since).compareTo(age) < 0;
        }

        private Duration time() {
            return Duration.between(report.checked(), report.validUntil());
        }
    }

    DomainState(String domain, Rules rules) {
        this.domain = domain;
        this.rules = rules;
    }

    synchronized Optional<DomainReport> known() {
        return Optional.ofNullable(known).map(Known::report);
    }

    Status status() {
        long now = rules.clock().nanoTime();
        CompletableFuture<DomainReport> pending;
        synchronized (this) {
            Known last = known;
            if (last != null && last.isYounger(last.time(), now)) {
                if (isOld(last, now) && mayAsk(now)) {
                    CompletableFuture<DomainReport> unused = refresh(); // in the background
                }
                return statusOf(last.report);
            }
            // while DNS is in trouble, not every message is to wait for it
            pending = running != null ? running : mayAsk(now) ? refresh() : null;
        }
        return await(pending)
                .filter(DomainReport::conclusive)
                .map(DomainState::statusOf)
                .orElseGet(() -> stale(now));
    }

    private static Status statusOf(DomainReport report) {
        return report.validated() ? Status.VALIDATED : Status.UNVALIDATED;
    }

    private boolean mayAsk(long now) {
        return !inTrouble || now - retryAt >= 0;
    }

    /** In the last quarter of its time. */
    private static boolean isOld(Known known, long now) {
        return !known.isYounger(known.time().minus(known.time().dividedBy(4)).plusNanos(1), now);
    }

    private synchronized Status stale(long now) {
        Known last = known;
        boolean holds = last != null
                && last.report.validated()
                && last.isYounger(last.time().plus(rules.maxStale()), now);
        return holds ? Status.VALIDATED : Status.UNKNOWN;
    }

    private Optional<DomainReport> await(@Nullable CompletableFuture<DomainReport> pending) {
        if (pending == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(pending.get(rules.patience().toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException e) {
            throw new IllegalStateException("checking " + domain, e.getCause()); // a host's function
        }
    }

    /** Starts a refresh, or joins the one that runs. */
    synchronized CompletableFuture<DomainReport> refresh() {
        CompletableFuture<DomainReport> before = running;
        if (before != null) {
            return before;
        }
        Instant now = rules.clock().now();
        long since = rules.clock().nanoTime();
        List<CompletableFuture<Check.Result>> results = new ArrayList<>();
        for (Function<String, List<Check>> each : rules.checks()) {
            for (Check check : each.apply(domain)) {
                results.add(run(check));
            }
        }
        CompletableFuture<DomainReport> report = CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenApply(done -> report(now, results));
        running = report;
        CompletableFuture<DomainReport> unused = report.whenComplete((result, failure) -> finish(result, since));
        return report;
    }

    private CompletableFuture<Check.Result> run(Check check) {
        return check.of(domain, rules.txt())
                .orTimeout(REFRESH_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(trouble -> {
                    Finding unknown = check.unknown(domain);
                    LOG.warn(
                            "{} of {} could not be looked up: {}",
                            unknown.requirement(),
                            domain,
                            Reply.printable(trouble.toString(), 400)); // a DNS server may have worded it
                    return new Check.Result(unknown, Duration.ZERO);
                });
    }

    private DomainReport report(Instant now, List<CompletableFuture<Check.Result>> results) {
        Duration ttl = rules.maxTtl();
        List<Finding> findings = new ArrayList<>();
        for (CompletableFuture<Check.Result> each : results) {
            Check.Result result = each.join();
            findings.add(result.finding());
            ttl = result.ttl().compareTo(ttl) < 0 ? result.ttl() : ttl;
        }
        ttl = ttl.compareTo(rules.minTtl()) < 0 ? rules.minTtl() : ttl;
        DomainReport report = new DomainReport(domain, now, now.plus(ttl), findings);
        // what is not there yet is soon looked for again: its owner is at work
        return report.validated() ? report : new DomainReport(domain, now, now.plus(rules.minTtl()), findings);
    }

    private synchronized void finish(@Nullable DomainReport report, long since) {
        running = null;
        if (report != null && report.conclusive()) {
            inTrouble = false;
            known = new Known(report, since);
        } else {
            inTrouble = true;
            retryAt = rules.clock().nanoTime() + RETRY.toNanos();
        }
    }
}
