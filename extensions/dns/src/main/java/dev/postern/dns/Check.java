package dev.postern.dns;

import dev.postern.dns.Finding.Requirement;
import dev.postern.dns.Finding.State;
import dev.postern.spi.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Looks at one requirement. Safe for use by several threads. */
interface Check {

    /** Starts to look; fails when DNS cannot say. */
    CompletableFuture<Result> of(String domain, Txt txt);

    /** What to say when it fails. */
    Finding unknown(String domain);

    /** A finding and how long it holds. */
    record Result(Finding finding, Duration ttl) {

        static Result met(Requirement requirement, String name, Txt.Answer answer, String publish) {
            return of(requirement, State.MET, name, answer, "", publish);
        }

        static Result of(
                Requirement requirement, State state, String name, Txt.Answer answer, String problem, String publish) {
            return new Result(
                    new Finding(requirement, state, name, printable(answer.texts()), problem, publish), answer.ttl());
        }

        private static List<String> printable(List<String> texts) {
            return texts.stream()
                    .limit(20)
                    .map(text -> Reply.printable(text, 500))
                    .toList();
        }
    }

    /** A finding of resolver trouble. */
    static Finding unknown(Requirement requirement, String name, String publish) {
        return new Finding(
                requirement,
                State.UNKNOWN,
                name,
                List.of(),
                "DNS could not be asked; this is tried again, nothing needs to be changed for it",
                publish);
    }
}
