package dev.postern.dns;

import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import dev.postern.spi.MailAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * An SPF record (RFC 7208) that includes the relay's, itself or by another record that it includes, within the ten
 * lookups that a receiver makes (section 4.6.4).
 */
record SpfCheck(String include) implements Check {

    private static final int MAX_LOOKUPS = 10;
    private static final String VERSION = "v=spf1";
    private static final Set<String> LOOKUPS = Set.of("include", "a", "mx", "ptr", "exists", "redirect");

    @Override
    public CompletableFuture<Result> of(String domain, Txt txt) {
        return txt.at(domain).thenCompose(answer -> {
            List<String> records = answer.beginningWith(VERSION);
            if (records.isEmpty()) {
                return done(domain, State.MISSING, answer, "there is no SPF record");
            }
            if (records.size() > 1) {
                return done(domain, State.WRONG, answer, "there is more than one SPF record, so that none counts");
            }
            return new Walk(domain, answer, txt).from(records.get(0), answer.ttl());
        });
    }

    private CompletableFuture<Result> done(String domain, State state, Txt.Answer answer, String problem) {
        List<String> records = answer.beginningWith(VERSION);
        String publish = VERSION + " include:" + include
                + (records.size() == 1 ? records.get(0).substring(VERSION.length()) : " ~all");
        Txt.Answer shown = new Txt.Answer(records, answer.ttl());
        return CompletableFuture.completedFuture(Result.of(
                Requirement.SPF, state, domain, shown, problem, state == State.MET ? records.get(0) : publish));
    }

    @Override
    public Finding unknown(String domain) {
        return Check.unknown(Requirement.SPF, domain, VERSION + " include:" + include + " ~all");
    }

    /** Goes through the records that one includes, in their order. Used by one thread at a time. */
    private final class Walk {

        private final String domain;
        private final Txt.Answer top;
        private final Txt txt;
        private final Deque<String> next = new ArrayDeque<>();
        private final Set<String> seen = new HashSet<>();
        private int lookups;

        Walk(String domain, Txt.Answer top, Txt txt) {
            this.domain = domain;
            this.top = top;
            this.txt = txt;
        }

        CompletableFuture<Result> from(String record, Duration ttl) {
            List<String> targets = targets(record);
            boolean found = targets.contains(include);
            Txt.Answer answer = new Txt.Answer(top.texts(), ttl);
            if (lookups > MAX_LOOKUPS) {
                return done(
                        domain,
                        State.WRONG,
                        answer,
                        "the SPF record needs more than " + MAX_LOOKUPS
                                + " DNS lookups, so that receivers give up; shorten it");
            }
            if (found) {
                return done(domain, State.MET, answer, "");
            }
            for (int i = targets.size() - 1; i >= 0; i--) {
                next.addFirst(targets.get(i));
            }
            while (!next.isEmpty()) {
                String name = next.removeFirst(); // with a macro (RFC 7208 section 7) it depends on the message
                if (name.indexOf('%') < 0 && seen.add(name)) {
                    return txt.at(name).thenCompose(nested -> {
                        List<String> records = nested.beginningWith(VERSION);
                        Duration least = nested.ttl().compareTo(ttl) < 0 ? nested.ttl() : ttl;
                        return from(records.size() == 1 ? records.get(0) : VERSION, least);
                    });
                }
            }
            return done(domain, State.WRONG, answer, "the SPF record does not include " + include);
        }

        /**
         * Where a record sends a receiver on: its passing includes up to "all", and its redirect where there is none.
         */
        private List<String> targets(String record) {
            List<String> targets = new ArrayList<>();
            List<String> redirects = new ArrayList<>();
            for (String each : record.substring(VERSION.length()).trim().split("\\s+")) {
                String term = each.toLowerCase(Locale.ROOT);
                boolean passes = term.isEmpty() || "-~?".indexOf(term.charAt(0)) < 0;
                String bare = !term.isEmpty() && "+-~?".indexOf(term.charAt(0)) >= 0 ? term.substring(1) : term;
                if (bare.equals("all")) {
                    return targets;
                }
                lookups += LOOKUPS.contains(bare.split("[:=/]", 2)[0]) ? 1 : 0;
                if (passes && bare.startsWith("include:")) {
                    targets.add(MailAddress.foldDomain(bare.substring("include:".length())));
                } else if (bare.startsWith("redirect=")) {
                    redirects.add(MailAddress.foldDomain(bare.substring("redirect=".length())));
                }
            }
            targets.addAll(redirects);
            return targets;
        }
    }
}
