package dev.postern.examples.clients;

import dev.postern.examples.clients.Client.Outcome;
import dev.postern.examples.clients.Client.Result;
import dev.postern.spi.EnhancedStatus;
import dev.postern.spi.Reply;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.TestRelay;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a client has shown and done when it met a row.
 *
 * @param result what came of sending
 * @param reply the relay's reply
 * @param shows which parts of the reply the result shows
 * @param again what the client has said more than once, by itself; empty for nothing
 * @param delivered who has got the message all the same
 * @param next how the next message went, which met no refusal
 */
record Observation(Result result, Reply reply, String shows, String again, Delivered delivered, Next next) {

    enum Delivered {
        NO,
        IN_PART,
        YES;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    enum Next {
        SAME_CONNECTION,
        NEW_CONNECTION;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final Map<Kind, Map<StandardReply, Observation>> MADE = new EnumMap<>(Kind.class);

    /** Made once in this JVM, for the tests and for the page. */
    static synchronized Observation of(Kind kind, StandardReply row) throws Exception {
        Map<StandardReply, Observation> ofKind = MADE.computeIfAbsent(kind, k -> new EnumMap<>(StandardReply.class));
        Observation made = ofKind.get(row);
        if (made == null) {
            made = make(kind, row);
            ofKind.put(row, made);
        }
        return made;
    }

    private static Observation make(Kind kind, StandardReply row) throws Exception {
        try (Condition condition = new Condition(row);
                Client client = kind.start(condition.relay().port())) {
            if (Condition.betweenMessages(row, kind)) {
                mustSend(client, condition.relay());
            }
            Count before = Count.of(condition.relay());
            Mail mail = condition.begin(kind, client);
            Result result = client.send(mail);
            Count after = Count.of(condition.relay());
            condition.end();
            mustSend(client, condition.relay());
            return new Observation(
                    result,
                    condition.reply(),
                    shows(result.shown(), condition.reply()),
                    after.again(before),
                    delivered(mail, after.recipients() - before.recipients()),
                    Count.of(condition.relay()).sessions() > after.sessions()
                            ? Next.NEW_CONNECTION
                            : Next.SAME_CONNECTION);
        }
    }

    /** What the relay and its upstream have seen. */
    private record Count(int sessions, List<String> commands, int recipients) {

        static Count of(TestRelay relay) {
            return new Count(
                    relay.sessions().size(),
                    relay.sessions().stream()
                            .flatMap(session -> session.commands().stream())
                            .map(command -> command.split(" ", 2)[0].toUpperCase(Locale.ROOT))
                            .toList(),
                    relay.upstream().messages().stream()
                            .mapToInt(message -> message.recipients().size())
                            .sum());
        }

        String again(Count before) {
            List<String> again = new ArrayList<>();
            if (sessions - before.sessions > 1) {
                again.add((sessions - before.sessions) + " connections");
            }
            Stream.of("AUTH", "MAIL").forEach(verb -> {
                long times = times(verb) - before.times(verb);
                if (times > 1) {
                    again.add(verb + " " + times + " times");
                }
            });
            return String.join(", ", again);
        }

        private long times(String verb) {
            return commands.stream().filter(verb::equals).count();
        }
    }

    private static void mustSend(Client client, TestRelay relay) throws Exception {
        Result result = client.send(Condition.MAIL);
        if (result.outcome() != Outcome.SENT) {
            AssertionError error = new AssertionError("Expected a message that nothing refuses to be sent, but: "
                    + result + "\n" + relay.lastSession().transcript());
            result.failure().ifPresent(error::initCause);
            throw error;
        }
    }

    private static Delivered delivered(Mail mail, int recipients) {
        return recipients == 0 ? Delivered.NO : recipients == mail.to().size() ? Delivered.YES : Delivered.IN_PART;
    }

    private static String shows(String shown, Reply reply) {
        String status = reply.enhancedStatus().map(EnhancedStatus::toString).orElseThrow();
        List<String> parts = new ArrayList<>();
        if (hasWord(shown, String.valueOf(reply.code()))) {
            parts.add("code");
        }
        if (hasWord(shown, status)) {
            parts.add("enhanced status");
        }
        if (shown.contains(reply.lines().get(0))) {
            parts.add("text");
        }
        return parts.size() == 3 ? "all" : parts.isEmpty() ? "nothing" : String.join(", ", parts);
    }

    private static boolean hasWord(String text, String word) {
        return Pattern.compile("(?<![0-9.:])" + Pattern.quote(word) + "(?![0-9.])")
                .matcher(text)
                .find();
    }
}
