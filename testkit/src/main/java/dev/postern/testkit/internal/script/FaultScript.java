package dev.postern.testkit.internal.script;

import dev.postern.testkit.fault.Fault;
import dev.postern.testkit.fault.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Which fault comes next. Safe for use by several threads. */
public final class FaultScript {

    /** How often a fault comes that comes every time. */
    public static final int ALWAYS = -1;

    /**
     * Where a session stands.
     *
     * @param stage what is to be answered
     * @param user who has logged in or is about to; empty for nobody
     * @param addresses the mailboxes that the command names; those of the whole envelope at the content
     */
    public record Moment(Stage stage, String user, Collection<String> addresses) {}

    /**
     * When a fault comes.
     *
     * @param stage where
     * @param user for whom; empty for everybody
     * @param address for which mailbox; empty for all
     */
    public record When(Stage stage, String user, String address) {

        private boolean holds(Moment moment) {
            return stage == moment.stage
                    && (user.isEmpty() || user.equalsIgnoreCase(moment.user))
                    && (address.isEmpty() || moment.addresses.stream().anyMatch(address::equalsIgnoreCase));
        }

        private boolean forSomebody() {
            return !user.isEmpty() || !address.isEmpty();
        }

        /** Returns the stage and for whom, for failure texts. */
        @Override
        public String toString() {
            return stage + (user.isEmpty() ? "" : " for user " + user) + (address.isEmpty() ? "" : " for " + address);
        }
    }

    private static final class Rule {
        private final When when;
        private final Fault fault;
        private int remaining;

        private Rule(When when, Fault fault, int times) {
            this.when = when;
            this.fault = fault;
            this.remaining = times;
        }
    }

    private final List<Rule> rules = new ArrayList<>();

    /** A fault that comes every time takes the place of an earlier one for the same. */
    public synchronized void add(When when, Fault fault, int times) {
        if (when.stage == Stage.CONNECT && fault.saysSomething()) {
            throw new IllegalArgumentException("nothing can be said at CONNECT; use GREETING");
        }
        if (times != ALWAYS && times < 1) {
            throw new IllegalArgumentException("times must be 1 or more, not " + times);
        }
        if (times == ALWAYS) {
            rules.removeIf(rule -> rule.remaining == ALWAYS && rule.when.equals(when));
        }
        rules.add(new Rule(when, fault, times));
    }

    public synchronized void clear() {
        rules.clear();
    }

    /** The fault that is next, which is used up by this; those for somebody go before those for all. */
    public synchronized Optional<Fault> next(Moment moment) {
        return next(moment, true, false)
                .or(() -> next(moment, true, true))
                .or(() -> next(moment, false, false))
                .or(() -> next(moment, false, true));
    }

    private Optional<Fault> next(Moment moment, boolean forSomebody, boolean always) {
        for (Iterator<Rule> all = rules.iterator(); all.hasNext(); ) {
            Rule rule = all.next();
            boolean kind = rule.when.forSomebody() == forSomebody && (rule.remaining == ALWAYS) == always;
            if (kind && rule.when.holds(moment)) {
                if (rule.remaining != ALWAYS && --rule.remaining == 0) {
                    all.remove();
                    notifyAll();
                }
                return Optional.of(rule.fault);
            }
        }
        return Optional.empty();
    }

    /**
     * What was to happen some times, and has not happened that often, when a session that is just coming has had this
     * time.
     */
    public synchronized List<String> unused(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        try {
            for (long left = 1; left > 0 && rules.stream().anyMatch(FaultScript::isOwed); ) {
                left = end - System.nanoTime();
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return rules.stream()
                .filter(FaultScript::isOwed)
                .map(rule ->
                        rule.fault + " at " + rule.when + (rule.remaining == 1 ? "" : ", " + rule.remaining + " times"))
                .toList();
    }

    private static boolean isOwed(Rule rule) {
        return rule.remaining != ALWAYS;
    }

    public static Moment moment(Stage stage) {
        return new Moment(stage, "", List.of());
    }
}
