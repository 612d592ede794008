package dev.postern.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Who has which message, when all is over. The relay's promise: what a client was answered 250 for has arrived exactly
 * once; what it was not, has not arrived, unless the relay said of that message that it does not know (RFC 1047).
 *
 * @param scenario what went wrong
 * @param counts how many messages
 * @param ambiguous those that arrived and were refused, and that the relay named as ambiguous
 * @param lost answered with 250, not arrived
 * @param duplicated arrived more than once
 * @param unexpected refused, and not named as ambiguous, but arrived
 * @param unanswered the client was left without a reply
 */
record FaultReport(
        Scenario scenario,
        Counts counts,
        List<String> ambiguous,
        List<String> lost,
        List<String> duplicated,
        List<String> unexpected,
        List<String> unanswered) {

    /**
     * How many messages there were.
     *
     * @param sent messages sent
     * @param accepted those answered with 250
     * @param refused those answered otherwise
     * @param arrived those that arrived
     */
    record Counts(int sent, int accepted, int refused, int arrived) {
        /** Whether each message was answered, and what was accepted has arrived, beside so many more. */
        private boolean agree(int more) {
            return accepted + refused == sent && accepted > 0 && arrived == accepted + more;
        }
    }

    static FaultReport of(
            Scenario scenario,
            Map<String, Answer> answers,
            int sent,
            Map<String, Integer> arrivals,
            Set<String> doubtful) {
        List<String> names = IntStream.range(0, sent).mapToObj(Load::name).toList();
        Predicate<String> answered = answers::containsKey;
        Predicate<String> accepted =
                answered.and(name -> answers.getOrDefault(name, NO_ANSWER).accepted());
        Predicate<String> arrived = arrivals::containsKey;
        return new FaultReport(
                scenario,
                new Counts(
                        sent,
                        those(names, accepted).size(),
                        those(names, answered.and(accepted.negate())).size(),
                        arrivals.size()),
                those(names, accepted.negate().and(arrived).and(doubtful::contains)),
                those(names, accepted.and(arrived.negate())),
                those(names, name -> arrivals.getOrDefault(name, 0) > 1),
                those(names, accepted.negate().and(arrived).and(name -> !doubtful.contains(name))),
                those(names, answered.negate()));
    }

    private static final Answer NO_ANSWER = new Answer(0, "");

    /** Whether the promise was kept, under faults that were really there. */
    boolean holds() {
        return lost.isEmpty()
                && duplicated.isEmpty()
                && unexpected.isEmpty()
                && unanswered.isEmpty()
                && counts.agree(ambiguous.size())
                && (counts.refused > 0 || scenario == Scenario.HALF_OF_THE_UPSTREAMS_DOWN);
    }

    @Override
    public String toString() {
        return scenario + ": " + counts.sent + " sent, " + counts.accepted + " answered 250, " + counts.refused
                + " refused, " + counts.arrived + " arrived, ambiguous " + ambiguous
                + (holds()
                        ? ": the promise holds"
                        : ": BROKEN: lost " + lost + ", duplicated " + duplicated + ", unexpected " + unexpected
                                + ", unanswered " + unanswered);
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"scenario\": \"%s\", \"sent\": %d, \"accepted\": %d, \"refused\": %d, \"arrived\": %d,"
                        + " \"ambiguous\": %d, \"lost\": %d, \"duplicated\": %d, \"unexpected\": %d, \"unanswered\": %d,"
                        + " \"holds\": %b}",
                scenario,
                counts.sent,
                counts.accepted,
                counts.refused,
                counts.arrived,
                ambiguous.size(),
                lost.size(),
                duplicated.size(),
                unexpected.size(),
                unanswered.size(),
                holds());
    }

    private static List<String> those(List<String> names, Predicate<String> condition) {
        return names.stream().filter(condition).toList();
    }
}
