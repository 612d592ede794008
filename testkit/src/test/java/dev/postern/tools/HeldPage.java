package dev.postern.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page that is held to what it tells of; with {@code -Dpostern.docs=write} it is written anew. */
public final class HeldPage {

    private static final String END = "<!-- end -->\n";

    private HeldPage() {}

    /** Fails unless the page is as expected, or makes it so. */
    public static void hold(Path page, String expected) throws IOException {
        if ("write".equals(System.getProperty("postern.docs"))) {
            Files.writeString(page, expected);
        }
        assertThat(Files.readString(page)).as(page.toString()).isEqualTo(expected);
    }

    /**
     * Holds a page's first Java example to the code of a test.
     *
     * @param source where it stands, between {@code // example} and {@code // end}
     */
    public static void holdExample(Path page, Path source) throws IOException {
        String code = Files.readString(source);
        String begin = "// example\n";
        String example = code.substring(code.indexOf(begin) + begin.length(), code.indexOf("    // end\n"));
        String text = Files.readString(page);
        String fence = "```java\n";
        int from = text.indexOf(fence) + fence.length();
        hold(
                page,
                text.substring(0, from) + example.stripTrailing().stripIndent() + "\n"
                        + text.substring(text.indexOf("```", from)));
    }

    /** Puts another generated part into a page's text: what stands between {@code begin} and the next end. */
    public static String withGenerated(String text, String begin, String generated) {
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(END, from);
        assertThat(to).as("the generated part's end").isPositive();
        return text.substring(0, from) + generated + text.substring(to);
    }
}
