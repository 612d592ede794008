package dev.postern.console;

import com.google.gson.stream.JsonWriter;
import dev.postern.spi.StandardReply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The rows of the catalogue with what is said of them, and from the documentation's page what an operator needs to know. */
final class Catalogue {

    private Catalogue() {}

    static String rows() {
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
        String page = page(row);
        json.name("id").value(row.name());
        json.name("reply").value(row.wireText());
        json.name("meaning").value(row.meaning());
        json.name("advice").value(row.advice());
        json.name("retryable").value(row.retryable());
        json.name("closes").value(row.closes());
        json.name("refusal").value(row.code() >= 400);
        json.name("cause").value(section(page, "Cause"));
        json.name("operator").value(section(page, "What the operator should do"));
    }

    /** The page of a row; empty for one that has none. */
    private static String page(StandardReply row) throws IOException {
        try (InputStream in = Catalogue.class.getResourceAsStream("errors/" + row.name() + ".md")) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
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
