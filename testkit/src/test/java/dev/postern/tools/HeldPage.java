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

    /** Puts another generated part into a page's text: what stands between {@code begin} and the next end. */
    public static String withGenerated(String text, String begin, String generated) {
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf(END, from);
        assertThat(to).as("the generated part's end").isPositive();
        return text.substring(0, from) + generated + text.substring(to);
    }
}
