package dev.postern.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.spi.StandardReply;
import dev.postern.tools.HeldPage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds README.md and docs/ to the code: what is generated is as it would be generated now, each example is one that is compiled and
 * run. To write it anew: {@code mvn test -pl spi,testkit,core -Dtest=DocsTest -Dpostern.docs=write
 * -Dsurefire.failIfNoSpecifiedTests=false}.
 */
@OnAnyJdk
class DocsTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final List<Path> SOURCES = List.of(
            Path.of("src/test/java/dev/postern/guide"),
            Path.of("src/test/java/dev/postern/readme"),
            Path.of("../extensions/passwords/src/test/java/dev/postern/passwords"));
    private static final String BEGIN = "<!-- generated from StandardReply -->\n";
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```\n", Pattern.DOTALL);
    private static final int MOST_LINES = 6;

    static List<StandardReply> contract() {
        return Arrays.stream(StandardReply.values())
                .filter(row -> row.part() == StandardReply.Part.CONTRACT)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("contract")
    void eachRowHasItsPage(StandardReply row) throws IOException {
        Path page = DOCS.resolve("errors").resolve(row + ".md");
        String text = HeldPage.withGenerated(Files.readString(page), BEGIN, facts(row));
        Matcher example = EXAMPLE.matcher(text);
        assertThat(example.find()).as("an example").isTrue();
        String snippet = snippet("ErrorExamplesTest", row.name());
        assertThat(snippet.lines().count()).as("lines of the example").isLessThanOrEqualTo(MOST_LINES);
        HeldPage.hold(page, text.substring(0, example.start(1)) + snippet + text.substring(example.end(1)));
        assertThat(text)
                .contains("## Cause\n", "## What the operator should do\n", "relay.nextAnswers(StandardReply." + row);
    }

    @Test
    void theIndexListsTheRows() throws IOException {
        Path index = DOCS.resolve("errors/README.md");
        String table = contract().stream()
                .map(row -> "| [" + row + "](" + row + ".md) | `" + row.wireText() + "` |\n")
                .collect(Collectors.joining("", "| id | reply |\n|---|---|\n", ""));
        HeldPage.hold(index, HeldPage.withGenerated(Files.readString(index), BEGIN, table));
        try (Stream<Path> pages = Files.list(DOCS.resolve("errors"))) {
            assertThat(pages.map(page -> page.getFileName().toString()))
                    .as("pages: one for each row, and the index")
                    .hasSize(contract().size() + 1);
        }
    }

    @Test
    void theReplyTableIsTheCatalogue() throws IOException {
        Path page = DOCS.resolve("replies.md");
        String tables = Arrays.stream(StandardReply.Part.values())
                .map(part -> (part == StandardReply.Part.CONTRACT
                                ? "**The contract**: exact, byte for byte.\n\n"
                                : "\n**Around it**, by the RFCs:\n\n")
                        + "| id | reply | given for | what to do | again? | closes |\n|---|---|---|---|---|---|\n"
                        + Arrays.stream(StandardReply.values())
                                .filter(row -> row.part() == part)
                                .map(DocsTest::row)
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
        HeldPage.hold(page, HeldPage.withGenerated(Files.readString(page), BEGIN, tables));
    }

    /** An example names the class and the marker that it comes from. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "../README.md",
                "testkit.md",
                "plug-ins.md",
                "upstream.md",
                "tls.md",
                "operating.md",
                "auth-scram.md",
                "auth-passwords.md"
            })
    void theExamplesAreCodeThatIsRun(String name) throws IOException {
        Path page = DOCS.resolve(name).normalize();
        String text = Files.readString(page);
        Matcher example = Pattern.compile("<!-- example: (\\w+) (\\w+) -->\n```java\n(.*?)```\n", Pattern.DOTALL)
                .matcher(text);
        StringBuilder held = new StringBuilder();
        int from = 0;
        while (example.find()) {
            held.append(text, from, example.start(3)).append(snippet(example.group(1), example.group(2)));
            from = example.end(3);
        }
        assertThat(from).as("end of the last example").isPositive();
        HeldPage.hold(page, held.append(text.substring(from)).toString());
        assertThat(text.split("```java", -1).length)
                .as("every example is marked")
                .isEqualTo(text.split("<!-- example: ", -1).length);
    }

    @Test
    void theExampleOfAnInterfaceIsCodeThatIsRun() throws IOException {
        Path source = Path.of("..", "spi", "src", "main", "java", "dev", "postern", "spi", "UpstreamDelivery.java");
        String text = Files.readString(source);
        String example = snippet("Examples", "ownDelivery")
                .lines()
                .map(line -> " * " + line + "\n")
                .collect(Collectors.joining());
        String begin = " * <pre>{@code\n";
        int from = text.indexOf(begin) + begin.length();
        HeldPage.hold(source, text.substring(0, from) + example + text.substring(text.indexOf(" * }</pre>", from)));
    }

    @Test
    void theReadmeHasAtMost200Lines() throws IOException {
        assertThat(Files.readString(DOCS.resolve("../README.md")).lines().count())
                .isLessThanOrEqualTo(200);
    }

    /** Every page is in the index, and every link leads to a file, and to a heading of it. */
    @Test
    void theLinksLeadSomewhere() throws IOException {
        List<Path> pages = new ArrayList<>();
        for (Path folder : List.of(DOCS.resolve(".."), DOCS, DOCS.resolve("errors"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .map(Path::normalize)
                        .forEach(pages::add);
            }
        }
        List<String> broken = new ArrayList<>();
        List<Path> ofTheIndex = new ArrayList<>();
        for (Path page : pages) {
            Matcher link = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)")
                    .matcher(Files.readString(page).replaceAll("(?s)```.*?```", ""));
            while (link.find()) {
                Path target = link.group(1).isEmpty()
                        ? page
                        : page.resolveSibling(link.group(1)).normalize();
                if (page.equals(DOCS.resolve("README.md"))) {
                    ofTheIndex.add(target);
                }
                if (!Files.exists(target)
                        || link.group(2) != null && !anchors(target).contains(link.group(2))) {
                    broken.add(page + ": " + link.group());
                }
            }
        }
        assertThat(broken).as("links that lead nowhere").isEmpty();
        try (Stream<Path> files = Files.list(DOCS)) {
            assertThat(ofTheIndex)
                    .as("the pages of the index")
                    .containsAll(files.filter(file -> file.toString().endsWith(".md") && !file.endsWith("README.md"))
                            .toList());
        }
    }

    private static List<String> anchors(Path page) throws IOException {
        return Files.readString(page)
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static String facts(StandardReply row) {
        return String.join(
                "\n",
                "| | |",
                "|---|---|",
                "| reply | `" + row.wireText() + "` |",
                "| given for | " + escaped(row.meaning()) + " |",
                "| what the sender should do | " + escaped(row.advice()) + " |",
                "| may be tried again unchanged | " + (row.retryable() ? "yes, later" : "no") + " |",
                "| the connection | " + (row.closes() ? "is closed after it" : "stays open") + " |",
                "");
    }

    private static String snippet(String source, String name) throws IOException {
        Path file = SOURCES.stream()
                .map(folder -> folder.resolve(source + ".java"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no class " + source));
        String code = Files.readString(file);
        int begin = code.indexOf("// DOC " + name + "\n");
        assertThat(begin).as("the marker of " + name).isNotNegative();
        String behind = code.substring(code.indexOf('\n', begin) + 1);
        int ownEnd = behind.indexOf("// end " + name + "\n"); // of one that has others within it
        return behind.substring(0, ownEnd < 0 ? behind.indexOf("// end\n") : ownEnd)
                        .lines()
                        .filter(line -> !line.matches(" *// (DOC|end) \\w+"))
                        .filter(line -> !line.contains("OnAnyJdk")) // the build's own: no user has it
                        .collect(Collectors.joining("\n"))
                        .stripTrailing()
                        .stripIndent()
                + "\n";
    }

    private static String row(StandardReply row) {
        return String.join(
                        " | ",
                        "| " + row,
                        "`" + row.wireText() + "`",
                        escaped(row.meaning()),
                        escaped(row.advice()),
                        row.retryable() ? "yes" : "",
                        row.closes() ? "yes" : "")
                + " |\n";
    }

    private static String escaped(String text) {
        return text.replace("<", "&lt;").replace(">", "&gt;").replace("*", "\\*");
    }
}
