package dev.postern.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.examples.clients.Observation.Delivered;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Holds docs/clients.md to what the clients do. A program that is missing, or of which the machine has another version than
 * the page tells of, leaves its part of the page as it is. To write it anew: {@code mvn test -pl spi,testkit,core,examples/clients
 * -Dtest=ClientsPageTest -Dpostern.docs=write -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@Tag("tools")
class ClientsPageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "clients.md");
    private static final String END = "<!-- end -->\n";
    private static final Pattern EXAMPLE =
            Pattern.compile("(<!-- example: (\\S+) (\\w+) -->\n```\\w+\n).*?```\n", Pattern.DOTALL);
    private static final boolean WRITE = "write".equals(System.getProperty("postern.docs"));

    /** All of what the other tests look at, where it is the first to run. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void theTablesAreWhatIsSeen() throws Exception {
        String page = Files.readString(PAGE);
        String expected = page;
        expected = withGenerated(expected, "overview", overview(page));
        expected = withGenerated(expected, "again", again(page));
        for (Kind kind : Kind.values()) {
            if (seenHere(kind, page)) {
                expected = withGenerated(expected, kind.name(), details(kind));
            }
        }
        hold(expected);
    }

    /** An example names the file that it comes from, and the marker there. */
    @Test
    void theExamplesAreCodeThatIsRun() throws IOException {
        String page = Files.readString(PAGE);
        hold(EXAMPLE.matcher(page)
                .replaceAll(example -> Matcher.quoteReplacement(
                        example.group(1) + snippet(example.group(2), example.group(3)) + "```\n")));
        assertThat(page.split("<!-- example: ", -1))
                .as("an example for each client")
                .hasSize(Kind.values().length + 1);
        assertThat(page.split("\n```\\w", -1)).as("every example is marked").hasSize(Kind.values().length + 1);
    }

    private static boolean seenHere(Kind kind, String page) {
        Optional<String> version = kind.version();
        return version.isPresent()
                && (WRITE || kind.pinned() || generated(page, kind.name()).startsWith(seenWith(version.get())));
    }

    private static String seenWith(String version) {
        return "Seen with version " + version + ".\n";
    }

    // the tables

    private static String overview(String page) throws Exception {
        String before = generated(page, "overview");
        StringBuilder table = new StringBuilder("| row |");
        for (Kind kind : Kind.values()) {
            table.append(' ').append(kind.title()).append(" |");
        }
        table.append("\n|---|").append("---|".repeat(Kind.values().length)).append('\n');
        for (StandardReply row : ClientsTest.contract()) {
            String link = "[" + row + "](errors/" + row + ".md)";
            table.append("| ").append(link).append(" |");
            for (Kind kind : Kind.values()) {
                String cell = seenHere(kind, page) ? cell(Observation.of(kind, row)) : cell(before, link, kind.title());
                table.append(' ').append(cell).append(" |");
            }
            table.append('\n');
        }
        return table.toString();
    }

    /** What a table has in a row and a column already; empty when it has no such cell. */
    private static String cell(String table, String row, String column) {
        List<String> head = List.of(line(table, "row").split(" \\| |\\| | \\|"));
        String[] cells = line(table, row).split(" \\| |\\| | \\|");
        int at = head.indexOf(column);
        return at >= 0 && at < cells.length ? cells[at] : "";
    }

    private static String cell(Observation seen) {
        return switch (seen.delivered()) {
            case YES -> "sent";
            case IN_PART -> seen.shows() + ", sent in part";
            case NO -> seen.shows();
        };
    }

    private static String again(String page) throws Exception {
        StringBuilder table =
                new StringBuilder("| client | says again, by itself | its session ended while it was silent |"
                        + " one message too many for the session | the next message, after a refusal | after a 421 |\n"
                        + "|---|---|---|---|---|---|\n");
        for (Kind kind : Kind.values()) {
            table.append(seenHere(kind, page) ? again(kind) : line(generated(page, "again"), kind.title()) + "\n");
        }
        return table.toString();
    }

    private static String again(Kind kind) throws Exception {
        Map<String, Long> again = new LinkedHashMap<>();
        for (StandardReply row : ClientsTest.contract()) {
            String said = Observation.of(kind, row).again();
            if (!said.isEmpty()) {
                again.merge(said, 1L, Long::sum);
            }
        }
        String times = again.entrySet().stream()
                .map(said -> said.getKey() + " (" + said.getValue() + (said.getValue() == 1 ? " row)" : " rows)"))
                .collect(Collectors.joining("; "));
        return Stream.of(
                        kind.title(),
                        times.isEmpty() ? "nothing" : times,
                        end(kind, StandardReply.INACTIVITY),
                        end(kind, StandardReply.TOO_MANY_MESSAGES),
                        Observation.of(kind, StandardReply.QUOTA_EXCEEDED)
                                .next()
                                .toString(),
                        Observation.of(kind, StandardReply.UPSTREAM_RELAY_FAILED)
                                .next()
                                .toString())
                .collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String end(Kind kind, StandardReply row) throws Exception {
        if (!kind.keepsConnection()) {
            return "a connection has one message";
        }
        Observation seen = Observation.of(kind, row);
        return seen.delivered() == Delivered.YES
                ? "sent on a new connection"
                : "refused: " + told(seen.result().what()) + ", shows " + seen.shows();
    }

    /** Names as code, words as words. */
    private static String told(String what) {
        return what.isEmpty() ? "nothing" : Character.isUpperCase(what.charAt(0)) ? "`" + what + "`" : what;
    }

    /** Rows of which the same was seen are one line. */
    private static String details(Kind kind) throws Exception {
        Map<String, String> rows = new LinkedHashMap<>();
        for (StandardReply row : ClientsTest.contract()) {
            Observation seen = Observation.of(kind, row);
            String what = seen.result().what();
            String rest = Stream.of(
                            told(what),
                            what.isEmpty() ? "" : seen.shows(),
                            seen.delivered().toString(),
                            seen.again(),
                            seen.next().toString())
                    .collect(Collectors.joining(" | "));
            rows.merge(rest, row.toString(), (before, another) -> before + ", " + another);
        }
        return seenWith(kind.version().orElseThrow())
                + "\n| rows | what comes of it | shows | delivered | says again | the next message |\n|---|---|---|---|---|---|\n"
                + rows.entrySet().stream()
                        .map(group -> "| " + group.getValue() + " | " + group.getKey() + " |\n")
                        .collect(Collectors.joining());
    }

    // the page

    private static String generated(String page, String name) {
        String begin = begin(name);
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(END, from);
        assertThat(page).contains(begin);
        assertThat(to).as("the end of what is generated for " + name).isPositive();
        return page.substring(from, to);
    }

    private static String begin(String name) {
        return "<!-- generated: " + name + " -->\n";
    }

    private static String withGenerated(String page, String name, String text) {
        return page.replace(begin(name) + generated(page, name) + END, begin(name) + text + END);
    }

    /** The line of a table that begins with a cell; empty when there is none yet. */
    private static String line(String table, String first) {
        return table.lines()
                .filter(line -> line.startsWith("| " + first + " |"))
                .findFirst()
                .orElse("");
    }

    private static void hold(String expected) throws IOException {
        if (WRITE) {
            Files.writeString(PAGE, expected);
        } else {
            assertThat(Files.readString(PAGE)).as(PAGE.toString()).isEqualTo(expected);
        }
    }

    private static String snippet(String file, String name) {
        List<String> lines = read(Path.of(file)).lines().toList();
        int begin = lines.stream().map(String::strip).toList().indexOf(marker(file) + "DOC " + name);
        assertThat(begin).as("the marker of " + name + " in " + file).isNotNegative();
        return lines.subList(begin + 1, lines.size()).stream()
                        .takeWhile(line -> !line.strip().equals(marker(file) + "end"))
                        .collect(Collectors.joining("\n"))
                        .stripTrailing()
                        .stripIndent()
                + "\n";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String marker(String file) {
        return file.endsWith(".java") || file.endsWith(".mjs") ? "// " : "# ";
    }
}
