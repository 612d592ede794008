package dev.postern.examples.servers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Holds docs/servers.md to what the servers do. A server that cannot run here, or of which the machine has another version
 * than the page tells of, leaves its row as it is. To write it anew: {@code mvn test -pl spi,testkit,core,examples/servers
 * -Dtest=ServersPageTest -Dpostern.docs=write -Dsurefire.failIfNoSpecifiedTests=false}.
 */
class ServersPageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "servers.md");
    private static final Pattern EXAMPLE =
            Pattern.compile("(<!-- example: (\\S+) (\\w+) -->\n```\n).*?```\n", Pattern.DOTALL);
    private static final boolean WRITE = "write".equals(System.getProperty("postern.docs"));

    /** What a table says of a server. */
    @FunctionalInterface
    private interface Cells {
        List<String> of(Server server) throws Exception;
    }

    @Test
    @Needs(Tool.MAIL_SERVERS)
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void theTablesAreWhatIsSeen() throws Exception {
        String page = withTable(
                Files.readString(PAGE), "upstreams", Server.upstreams(), titles(UpstreamScenario.values()), server -> {
                    List<String> cells = new ArrayList<>();
                    for (UpstreamScenario scenario : UpstreamScenario.values()) {
                        cells.add(Observations.ofUpstream(server, scenario));
                    }
                    return cells;
                });
        hold(withTable(page, "senders", Server.senders(), titles(SenderScenario.values()), server -> {
            List<String> cells = new ArrayList<>();
            for (SenderScenario scenario : SenderScenario.values()) {
                cells.add(Observations.ofSender(server, scenario));
            }
            return cells;
        }));
    }

    /** A setting is told as the server's script has it, between the markers there. */
    @Test
    void theSettingsAreThoseOfTheTests() throws IOException {
        String page = Files.readString(PAGE);
        hold(EXAMPLE.matcher(page)
                .replaceAll(example -> Matcher.quoteReplacement(
                        example.group(1) + settings(example.group(2), example.group(3)) + "```\n")));
        assertThat(page.split("\n```\n<!--|-->\n```\n", -1))
                .as("every setting is marked")
                .hasSize(examples() + 1);
    }

    private static int examples() {
        return Server.upstreams().size() + Server.senders().size();
    }

    private static List<String> titles(Object[] scenarios) {
        return Arrays.stream(scenarios)
                .map(what ->
                        what instanceof UpstreamScenario upstream ? upstream.title() : ((SenderScenario) what).title())
                .toList();
    }

    private static String withTable(String page, String name, List<Server> servers, List<String> head, Cells cells)
            throws Exception {
        String begin = "<!-- generated: " + name + " -->\n";
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf("<!-- end -->\n", from);
        assertThat(page).contains(begin);
        assertThat(to).as("the end of what is generated for " + name).isPositive();
        String before = page.substring(from, to);
        StringBuilder table = new StringBuilder(row(head, "server", "version"));
        table.append("|---".repeat(head.size() + 2)).append("|\n");
        for (Server server : servers) {
            Optional<String> version = server.version();
            String told = before.lines()
                    .filter(line -> line.startsWith("| " + server.title() + " |"))
                    .findFirst()
                    .map(line -> line + "\n")
                    .orElse("");
            boolean seen = version.isPresent()
                    && (WRITE || told.startsWith("| " + server.title() + " | " + version.get() + " |"));
            table.append(seen ? row(cells.of(server), server.title(), version.orElseThrow()) : told);
        }
        return page.substring(0, from) + table + page.substring(to);
    }

    private static String row(List<String> cells, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(cells);
        return all.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static void hold(String expected) throws IOException {
        if (WRITE) {
            Files.writeString(PAGE, expected);
        } else {
            assertThat(Files.readString(PAGE)).as(PAGE.toString()).isEqualTo(expected);
        }
    }

    private static String settings(String server, String name) {
        List<String> lines = read(Path.of("servers", server)).lines().toList();
        List<String> blocks = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals("# DOC " + name)) {
                blocks.add(lines.subList(i + 1, lines.size()).stream()
                        .takeWhile(line -> !line.strip().equals("# end"))
                        .map(line -> line.replace("\\`", "`").replace("\\$", "$"))
                        .collect(Collectors.joining("\n"))
                        .stripIndent());
            }
        }
        assertThat(blocks).as("the marker of " + name + " in " + server).isNotEmpty();
        return String.join("\n\n", blocks) + "\n";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
