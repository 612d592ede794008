package dev.postern.testkit.assertions;

import dev.postern.spi.StandardReply;
import dev.postern.testkit.RelaySession;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a session's dialogue. A failure shows the last line of both sides and the whole transcript. */
public final class TranscriptAssert extends AbstractAssert<TranscriptAssert, RelaySession> {

    TranscriptAssert(RelaySession actual) {
        super(actual, TranscriptAssert.class);
    }

    /**
     * Verifies that lines occur in this order, with anything between them.
     *
     * @param lines beginnings of lines, with the speaker first, for instance {@code "C: MAIL"}, {@code "S: 452"}
     * @return this assertion
     */
    public TranscriptAssert saysInOrder(String... lines) {
        isNotNull();
        int next = 0;
        for (String line : said()) {
            if (next < lines.length && line.startsWith(lines[next])) {
                next++;
            }
        }
        String missing = next < lines.length ? lines[next] : "";
        return check(
                next == lines.length, "in this order: " + Arrays.toString(lines), "without \"" + missing + "\" there");
    }

    /**
     * Verifies that the client sent a command.
     *
     * @param start the command line or its beginning; case is ignored
     * @return this assertion
     */
    public TranscriptAssert hasCommand(String start) {
        isNotNull();
        return check(commands(start) > 0, "command " + start, "commands " + actual.commands());
    }

    /**
     * Verifies how often the client sent a command.
     *
     * @param count how often
     * @param start the command line or its beginning; case is ignored
     * @return this assertion
     */
    public TranscriptAssert hasCommands(int count, String start) {
        isNotNull();
        return check(commands(start) == count, count + " commands " + start, "commands " + actual.commands());
    }

    /**
     * Verifies that a catalogue reply was given, with any parameters.
     *
     * @param row the row
     * @return this assertion
     */
    public TranscriptAssert hasReply(StandardReply row) {
        isNotNull();
        boolean given = said().stream()
                .filter(line -> line.startsWith("S: " + row.code() + " "))
                .anyMatch(line -> row.matches(row.code(), line.substring("S: 000 ".length())));
        return check(
                given,
                row + " \"" + row.wireText() + "\"",
                "replies "
                        + said().stream()
                                .filter(line -> line.startsWith("S: "))
                                .map(line -> line.substring(3))
                                .toList());
    }

    /**
     * Verifies the user who logged in.
     *
     * @param user the user name
     * @return this assertion
     */
    public TranscriptAssert isAuthenticatedAs(String user) {
        isNotNull();
        String was = actual.user().orElse("nobody");
        return check(was.equals(user), "login " + user, was);
    }

    /**
     * Verifies that the session has ended.
     *
     * @return this assertion
     */
    public TranscriptAssert hasEnded() {
        isNotNull();
        return check(!actual.isOpen(), "an end", "still open");
    }

    private List<String> said() {
        return actual.transcript().lines().toList();
    }

    private long commands(String start) {
        String wanted = start.toUpperCase(Locale.ROOT);
        return actual.commands().stream()
                .filter(command -> command.toUpperCase(Locale.ROOT).startsWith(wanted))
                .count();
    }

    private String last(String speaker) {
        List<String> lines =
                said().stream().filter(line -> line.startsWith(speaker)).toList();
        return lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1).substring(speaker.length());
    }

    private TranscriptAssert check(boolean holds, String expected, String was) {
        if (!holds) {
            failWithMessage(
                    "%s",
                    "Expected session with:\n  " + expected + "\nbut was:\n  " + was + "\nLast command:\n  "
                            + last("C: ") + "\nLast reply:\n  " + last("S: ") + "\nTranscript:\n"
                            + actual.transcript().indent(2).stripTrailing());
        }
        return this;
    }
}
