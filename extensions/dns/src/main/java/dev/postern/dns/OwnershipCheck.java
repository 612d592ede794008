package dev.postern.dns;

import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A TXT record with a value that only the domain's owner was told. */
record OwnershipCheck(String label, Function<String, String> values) implements Check {

    @Override
    public CompletableFuture<Result> of(String domain, Txt txt) {
        String expected = values.apply(domain);
        return txt.at(name(domain)).thenApply(answer -> {
            if (answer.texts().stream().anyMatch(text -> text.strip().equals(expected))) {
                return Result.met(Requirement.OWNERSHIP, name(domain), answer, expected);
            }
            return Result.of(
                    Requirement.OWNERSHIP,
                    answer.texts().isEmpty() ? State.MISSING : State.WRONG,
                    name(domain),
                    answer,
                    "no TXT record there has the value that shows who owns the domain",
                    expected);
        });
    }

    @Override
    public Finding unknown(String domain) {
        return Check.unknown(Requirement.OWNERSHIP, name(domain), values.apply(domain));
    }

    private String name(String domain) {
        return label + "." + domain;
    }
}
