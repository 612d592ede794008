package dev.postern.dns;

import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A domain that mail cannot be signed for, though it has to be: a matter of the relay's operator. */
record NoKey() implements Check {

    @Override
    public CompletableFuture<Result> of(String domain, Txt txt) {
        return CompletableFuture.completedFuture(new Result(unknown(domain), Duration.ZERO));
    }

    @Override
    public Finding unknown(String domain) {
        return new Finding(
                Requirement.DKIM,
                State.MISSING,
                "_domainkey." + domain,
                List.of(),
                "the relay has no DKIM key for this domain; ask its operator",
                "");
    }
}
