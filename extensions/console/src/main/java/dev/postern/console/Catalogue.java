package dev.postern.console;

import com.google.gson.stream.JsonWriter;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/** The rows of the catalogue with what is said of them, and from the documentation's page what an operator needs to know. */
final class Catalogue {

    /** Made when the first browser asks. */
    private static final class Rows {
        private static final String ALL = written();
    }

    private Catalogue() {}

    static String rows() {
        return Rows.ALL;
    }

    private static String written() {
        return Json.object(json -> {
            json.name("rows").beginArray();
            for (StandardReply row : StandardReply.values()) {
                json.beginObject();
                row(json, row);
                json.endObject();
            }
            json.endArray();
        });
    }

    private static void row(JsonWriter json, StandardReply row) throws IOException {
        String page = page(row.name()).orElse("");
        json.name("id").value(row.name());
        json.name("reply").value(row.wireText());
        json.name("meaning").value(row.meaning());
        json.name("advice").value(row.advice());
        json.name("retryable").value(row.retryable());
        json.name("closes").value(row.closes());
        json.name("refusal").value(row.code() >= 400);
        json.name("page").value(!page.isEmpty());
        json.name("cause").value(section(page, "Cause"));
        json.name("operator").value(section(page, "What the operator should do"));
    }

    /** The documentation's page of a row, in Markdown; empty where there is none. */
    static Optional<String> page(String row) {
        if (Stream.of(StandardReply.values()).noneMatch(each -> each.name().equals(row))) {
            return Optional.empty();
        }
        try (InputStream in = Catalogue.class.getResourceAsStream("errors/" + row + ".md")) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands below a heading, as plain text. */
    private static String section(String page, String heading) {
        int begin = page.indexOf("\n## " + heading + "\n");
        if (begin < 0) {
            return "";
        }
        String rest = page.substring(page.indexOf('\n', begin + 1));
        int end = rest.indexOf("\n## ");
        return (end < 0 ? rest : rest.substring(0, end))
                .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .replace("`", "")
                .strip();
    }
}
