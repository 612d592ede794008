package dev.postern.dns;

import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A DMARC record of the domain, or of the nearest one above it: RFC 7489 section 6.6.3 asks the organizational domain, and
 * this goes up label by label, so that no list of public suffixes is needed.
 */
record DmarcCheck() implements Check {

    private static final int MAX_LEVELS = 8;
    private static final String PUBLISH = "v=DMARC1; p=none";
    private static final Set<String> POLICIES = Set.of("none", "quarantine", "reject");

    @Override
    public CompletableFuture<Result> of(String domain, Txt txt) {
        return at(domain, domain, MAX_LEVELS, txt);
    }

    private static CompletableFuture<Result> at(String domain, String level, int left, Txt txt) {
        return txt.at(name(level)).thenCompose(answer -> {
            List<String> records = answer.beginningWith("v=DMARC1");
            String above = level.substring(level.indexOf('.') + 1);
            if (records.isEmpty() && left > 1 && above.indexOf('.') > 0) {
                return at(domain, above, left - 1, txt);
            }
            return CompletableFuture.completedFuture(result(domain, level, answer, records));
        });
    }

    private static Result result(String domain, String level, Txt.Answer answer, List<String> records) {
        if (records.isEmpty()) {
            return Result.of(
                    Requirement.DMARC, State.MISSING, name(domain), answer, "there is no DMARC record", PUBLISH);
        }
        if (records.size() > 1) {
            return wrong(level, answer, "there is more than one DMARC record, so that none counts");
        }
        if (Tags.isAnyTwice(records.get(0))) {
            return wrong(level, answer, "a tag stands twice in the DMARC record, so that none counts");
        }
        Map<String, String> tags = Tags.parse(records.get(0));
        String policy =
                tags.getOrDefault("p", tags.containsKey("rua") ? "none" : "").toLowerCase(Locale.ROOT);
        return POLICIES.contains(policy)
                ? Result.met(Requirement.DMARC, name(level), answer, PUBLISH)
                : wrong(level, answer, "the DMARC record has no policy p=none, p=quarantine or p=reject");
    }

    private static Result wrong(String level, Txt.Answer answer, String problem) {
        return Result.of(Requirement.DMARC, State.WRONG, name(level), answer, problem, PUBLISH);
    }

    @Override
    public Finding unknown(String domain) {
        return Check.unknown(Requirement.DMARC, name(domain), PUBLISH);
    }

    private static String name(String domain) {
        return "_dmarc." + domain;
    }
}
