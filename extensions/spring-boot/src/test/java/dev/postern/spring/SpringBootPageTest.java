package dev.postern.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.HeldPage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.json.JsonParserFactory;

/**
 * Holds docs/spring-boot.md to the properties' metadata and to examples/spring-boot. To write it anew: {@code
 * -Dtest=SpringBootPageTest -Dpostern.docs=write}.
 */
@OnAnyJdk
class SpringBootPageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "spring-boot.md");
    private static final Path EXAMPLE = Path.of("..", "..", "examples", "spring-boot");
    private static final String BEGIN = "<!-- generated from the metadata -->\n";
    private static final Pattern FILE = Pattern.compile("<!-- file: (\\S+) -->\n```(\\w+)\n(.*?)```\n", Pattern.DOTALL);

    @Test
    void theTableHasEveryPropertyAndTheExamplesAreTheFiles() throws IOException {
        String page = Files.readString(PAGE);
        String held = HeldPage.withGenerated(page, BEGIN, table());
        held = FILE.matcher(held).replaceAll(block -> Matcher.quoteReplacement(block(block.group(1), block.group(2))));
        HeldPage.hold(PAGE, held);
    }

    @Test
    void theApplicationHasFifteenLinesAtMost() throws IOException {
        assertThat(Files.readAllLines(EXAMPLE.resolve("src/main/java/com/example/gate/GateApplication.java")))
                .hasSizeLessThanOrEqualTo(15);
    }

    private static String block(String file, String language) {
        try {
            return "<!-- file: " + file + " -->\n```" + language + "\n" + Files.readString(EXAMPLE.resolve(file))
                    + "```\n";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String table() throws IOException {
        return "| property | default | says |\n|---|---|---|\n"
                + properties().sorted().collect(Collectors.joining());
    }

    @SuppressWarnings("unchecked")
    private static Stream<String> properties() throws IOException {
        try (InputStream metadata = Objects.requireNonNull(
                PosternProperties.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
            Map<String, Object> all = JsonParserFactory.getJsonParser()
                    .parseMap(new String(metadata.readAllBytes(), StandardCharsets.UTF_8));
            return ((List<Map<String, Object>>) Objects.requireNonNull(all.get("properties")))
                    .stream()
                            .filter(property ->
                                    String.valueOf(property.get("name")).startsWith("postern."))
                            .map(SpringBootPageTest::row);
        }
    }

    private static String row(Map<String, Object> property) {
        Object value = property.get("defaultValue");
        String usual = value == null
                ? ""
                : value instanceof List<?> several
                        ? several.stream().map(String::valueOf).collect(Collectors.joining(", "))
                        : value.toString();
        assertThat(property.get("description")).as("description of " + property).isNotNull();
        return "| `" + property.get("name") + "` | " + (usual.isEmpty() ? "" : "`" + usual + "`") + " | "
                + property.get("description") + " |\n";
    }
}
