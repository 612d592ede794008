package dev.postern.management;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The file that describes the endpoints, and what it says of an answer. */
final class OpenApi {

    private static final JsonNode FILE = read();

    private OpenApi() {}

    static String text() {
        try (InputStream in = Objects.requireNonNull(Management.class.getResourceAsStream("openapi.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode read() {
        try {
            return new ObjectMapper(new YAMLFactory()).readTree(text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode paths() {
        return FILE.path("paths");
    }

    /** Fails unless the file says that this endpoint may answer so. */
    static void check(String method, String path, int status, String contentType, String body) {
        JsonNode response = paths().path(path).path(method).path("responses").path(Integer.toString(status));
        assertThat(response.isMissingNode())
                .as("%s %s answers %d: %s", method, path, status, body)
                .isFalse();
        if (response.has("$ref")) {
            response = FILE.at(response.get("$ref").asText().substring(1));
        }
        String type = contentType.replaceFirst(";.*", "");
        JsonNode content = response.path("content").path(type);
        assertThat(content.isMissingNode())
                .as("%s %s has %s", method, path, type)
                .isFalse();
        if (type.equals("application/json")) {
            ObjectNode schema = content.get("schema").deepCopy();
            schema.set("components", FILE.get("components"));
            try {
                assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                                .getSchema(schema)
                                .validate(new ObjectMapper().readTree(body)))
                        .as("%s %s: %s", method, path, body)
                        .isEmpty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
