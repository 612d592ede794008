package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.HeldPage;
import dev.postern.tools.OnAnyJdk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Holds docs/program.md to the options. To write its table anew: {@code -Dtest=ProgramPageTest -Dpostern.docs=write}. */
@OnAnyJdk
class ProgramPageTest {

    private static final Path PAGE = Path.of("..", "..", "docs", "program.md");
    private static final String BEGIN = "<!-- generated from the options -->\n";
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n(.*?)```\n", Pattern.DOTALL);

    @Test
    void theTableHasEveryOption() throws IOException {
        String page = Files.readString(PAGE);
        String held = HeldPage.withGenerated(page, BEGIN, table());
        HeldPage.hold(PAGE, held);
    }

    @Test
    void theExampleIsAConfiguration() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(PAGE));
        assertThat(example.find()).isTrue();
        Layer file = new Layer("the page", new YamlOptions("the page").read(example.group(1)));
        Options options = new Options();
        Quickstart.withConverters(new CommandLine(options))
                .parseArgs(file.arguments().toArray(String[]::new));
        assertThat(options.limits).extracting(Limit::name).containsExactly("quota", "sessions-ip");
        assertThat(options.listen).hasSize(1);
    }

    private static String table() {
        return "| option | says |\n|---|---|\n"
                + new CommandLine(new Quickstart(System.out, Map.of()))
                        .getCommandSpec().options().stream()
                                .filter(option -> OptionNames.exists(OptionNames.nameOf(option)))
                                .map(ProgramPageTest::row)
                                .collect(Collectors.joining());
    }

    private static String row(OptionSpec option) {
        String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        String says = String.join(" ", option.description());
        return "| `" + option.longestName() + label.replace("|", "\\|") + "` | " + says.replace("|", "\\|") + " |\n";
    }
}
