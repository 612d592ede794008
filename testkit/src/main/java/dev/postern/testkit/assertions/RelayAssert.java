package dev.postern.testkit.assertions;

import dev.postern.spi.CanonicalName;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayEvent.Refused;
import dev.postern.spi.RelayEvent.Relayed;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelayEnvironment;
import dev.postern.testkit.RelayFixture;
import dev.postern.testkit.RelaySession;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on the relay under test. Those about messages, quota and events require a relay whose listener is {@link
 * RelayEnvironment#events()}. A failure shows the events and the sessions.
 */
public final class RelayAssert extends AbstractAssert<RelayAssert, RelayFixture> {

    RelayAssert(RelayFixture actual) {
        super(actual, RelayAssert.class);
    }

    /**
     * Verifies how many sessions clients have begun.
     *
     * @param count how many, open or not, including the probes'
     * @return this assertion
     */
    public RelayAssert hasSessions(int count) {
        isNotNull();
        return check(
                actual.sessions().size() == count,
                count + " sessions",
                String.valueOf(actual.sessions().size()));
    }

    /**
     * Verifies how many sessions are open.
     *
     * @param count how many, including the probes'
     * @return this assertion
     */
    public RelayAssert hasOpenSessions(int count) {
        isNotNull();
        long open = actual.sessions().stream().filter(RelaySession::isOpen).count();
        return check(open == count, count + " open sessions", String.valueOf(open));
    }

    /**
     * Verifies how many messages an upstream has accepted from the relay.
     *
     * @param count how many
     * @return this assertion
     */
    public RelayAssert hasRelayed(int count) {
        isNotNull();
        List<Relayed> relayed = actual.events().of(Relayed.class);
        return check(relayed.size() == count, count + " messages relayed", String.valueOf(relayed.size()));
    }

    /**
     * Verifies an account's used quota: the recipients that the upstream has accepted since the test began.
     *
     * @param account the account's name
     * @param recipients how many
     * @return this assertion
     */
    public RelayAssert hasUsedQuota(String account, long recipients) {
        isNotNull();
        long used = actual.events().of(Relayed.class).stream()
                .filter(relayed -> relayed.submission().identity().account().equals(CanonicalName.ofAccount(account)))
                .mapToLong(
                        relayed -> relayed.submission().envelope().recipients().size())
                .sum();
        return check(used == recipients, recipients + " recipients used by account " + account, String.valueOf(used));
    }

    /**
     * Verifies that the relay itself has refused something with a catalogue reply; replies provoked by {@link
     * RelayFixture#nextAnswers} do not count.
     *
     * @param row the row
     * @return this assertion
     */
    public RelayAssert hasRefusedWith(StandardReply row) {
        isNotNull();
        boolean refused = actual.events().of(Refused.class).stream()
                .anyMatch(event -> event.reply().standard().filter(row::equals).isPresent());
        return check(refused, "refusal " + row, "none such");
    }

    /**
     * Verifies that there was an event of a kind.
     *
     * @param kind the kind, for instance {@code RelayEvent.NotRelayed.class}
     * @return this assertion
     */
    public RelayAssert hasEvent(Class<? extends RelayEvent> kind) {
        isNotNull();
        return check(!actual.events().of(kind).isEmpty(), "event " + kind.getSimpleName(), "none such");
    }

    private RelayAssert check(boolean holds, String expected, String was) {
        if (!holds) {
            StringBuilder text = new StringBuilder("Expected relay with:\n  " + expected + "\nbut was:\n  " + was);
            text.append("\nEvents:\n");
            List<RelayEvent> events = actual.events().all();
            events.forEach(event -> text.append("  ").append(name(event)).append('\n'));
            if (events.isEmpty()) {
                text.append("  none; they come only where the relay has RelayEnvironment.events() as its listener\n");
            }
            text.append("Sessions:");
            for (RelaySession session : actual.sessions()) {
                text.append("\n  session ").append(session.index()).append('\n');
                text.append(session.transcript().indent(4).stripTrailing());
            }
            failWithMessage("%s", text.toString());
        }
        return this;
    }

    private static String name(RelayEvent event) {
        String kind = event.getClass().getSimpleName();
        return event instanceof Refused refused ? kind + " " + refused.reply() : kind;
    }
}
