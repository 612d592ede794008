package dev.postern.examples.servers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.EnhancedStatus;
import dev.postern.testkit.probe.ProbeReply;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the relay has promised to its client by 250, and what it has refused. What comes out behind the server must be the
 * same: one copy for each recipient, and nothing else. For any thread.
 */
final class Ledger {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final FakeUpstream behind;
    private final int before;
    private final Set<String> promised = new TreeSet<>();
    private final Map<String, Integer> refusals = new LinkedHashMap<>();

    Ledger(FakeUpstream behind) {
        this.behind = behind;
        this.before = behind.messages().size();
    }

    synchronized void promise(String subject, Collection<String> recipients) {
        recipients.forEach(recipient -> promised.add(entry(subject, recipient)));
    }

    synchronized void refuse(ProbeReply reply) {
        String status = reply.enhancedStatus().map(EnhancedStatus::toString).orElse("");
        refusals.merge((reply.code() + " " + status).strip(), 1, Integer::sum);
    }

    synchronized int promises() {
        return promised.size();
    }

    /** Each reply that refused something, and how often; empty when nothing was. */
    synchronized String refusals() {
        return refusals.entrySet().stream()
                .map(refusal ->
                        refusal.getKey() + (refusal.getValue() == 1 ? "" : " (" + refusal.getValue() + " times)"))
                .collect(Collectors.joining(", "));
    }

    /** Waits for what was promised to arrive behind the server, and holds the relay to it. */
    void mustBeKept() {
        Patience.until(PATIENCE, () -> arrived().keySet().containsAll(copy()));
        Map<String, Integer> expected = new TreeMap<>();
        copy().forEach(entry -> expected.put(entry, 1));
        assertThat(arrived())
                .as("copies behind the server, and 250 from the relay")
                .isEqualTo(expected);
    }

    private synchronized Set<String> copy() {
        return new TreeSet<>(promised);
    }

    private Map<String, Integer> arrived() {
        List<ReceivedMessage> all = behind.messages();
        return copies(all.subList(before, all.size()));
    }

    /** How many copies there are, by message and recipient. */
    static Map<String, Integer> copies(List<ReceivedMessage> messages) {
        Map<String, Integer> copies = new TreeMap<>();
        for (ReceivedMessage message : messages) {
            for (String recipient : message.recipientAddresses()) {
                copies.merge(entry(Letter.subject(message), recipient), 1, Integer::sum);
            }
        }
        return copies;
    }

    private static String entry(String subject, String recipient) {
        return subject + " to " + recipient;
    }
}
