package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import picocli.CommandLine;

/** The files that people copy to run the relay: as their tools want them, and with options that there are. */
class DeployTest {

    private static final Path DEPLOY = Path.of("deploy");
    private static final String CACHE = "/opt/postern/postern.aot";

    @TempDir
    private Path directory;

    private static String read(String name) throws IOException {
        return Files.readString(DEPLOY.resolve(name));
    }

    @Test
    @Needs(Tool.SYSTEMD_ANALYZE)
    void systemdTakesTheUnitAndFindsItHardened() throws Exception {
        // what it runs has to be there
        Path jar = Files.createFile(directory.resolve("postern-quickstart.jar"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path unit = Files.writeString(
                directory.resolve("postern.service"),
                read("postern.service")
                        .replace("ExecStart=/usr/bin/java", "ExecStart=" + java)
                        .replace("/usr/lib/postern/postern-quickstart.jar", jar.toString()));
        RelayProcess.Client verified =
                RelayProcess.run(List.of(Tool.SYSTEMD_ANALYZE.path(), "verify", unit.toString()));
        verified.assertSucceeded();
        assertThat(verified.output()).doesNotContain("postern.service");
        RelayProcess.run(List.of(
                        Tool.SYSTEMD_ANALYZE.path(), "security", "--offline=true", "--threshold=20", unit.toString()))
                .assertSucceeded();
    }

    @Test
    void theUnitsConfigurationHasOptionsThatThereAre() throws IOException {
        assertTaken(new YamlOptions("postern.yaml").read(read("postern.yaml")));
        assertThat(read("postern.service")).contains("--config /etc/postern/postern.yaml");
    }

    @Test
    void kubernetesTakesTheObjectsAndTheConfigurationHasOptionsThatThereAre() throws IOException {
        List<String> kinds = new ArrayList<>();
        Gson gson = new Gson();
        for (Object object : new Load(LoadSettings.builder().build()).loadAllFromString(read("kubernetes.yaml"))) {
            JsonElement json = gson.toJsonTree(object);
            String kind = json.getAsJsonObject().get("kind").getAsString();
            kinds.add(kind);
            switch (kind) {
                case "ConfigMap" -> {
                    V1ConfigMap.validateJsonElement(json);
                    String config = json.getAsJsonObject()
                            .getAsJsonObject("data")
                            .get("postern.yaml")
                            .getAsString();
                    assertTaken(new YamlOptions("postern.yaml").read(config));
                }
                case "Deployment" -> V1Deployment.validateJsonElement(json);
                default -> V1Service.validateJsonElement(json);
            }
        }
        assertThat(kinds).containsExactly("ConfigMap", "Deployment", "Service");
    }

    /** The image has variables of its own, and those override a file. */
    @Test
    void kubernetesProbesAreAnsweredWithTheImagesVariables() throws IOException {
        Gson gson = new Gson();
        Map<String, String> variables = new LinkedHashMap<>();
        Pattern.compile("(?m)^ENV (.*)$")
                .matcher(read("Dockerfile"))
                .results()
                .flatMap(line -> Arrays.stream(line.group(1).split(" ")))
                .forEach(pair -> variables.put(pair.split("=", 2)[0], pair.split("=", 2)[1]));
        assertThat(variables).containsKeys("POSTERN_LISTEN", "POSTERN_MANAGEMENT");
        Path file = directory.resolve("kubernetes-postern.yaml");
        for (Object object : new Load(LoadSettings.builder().build()).loadAllFromString(read("kubernetes.yaml"))) {
            JsonObject json = gson.toJsonTree(object).getAsJsonObject();
            if (json.has("data")) {
                Files.writeString(
                        file, json.getAsJsonObject("data").get("postern.yaml").getAsString());
            } else if (json.get("kind").getAsString().equals("Deployment")) {
                json.getAsJsonObject("spec")
                        .getAsJsonObject("template")
                        .getAsJsonObject("spec")
                        .getAsJsonArray("containers")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonArray("env")
                        .forEach(one -> variables.put(
                                one.getAsJsonObject().get("name").getAsString(),
                                one.getAsJsonObject().get("value").getAsString()));
            }
        }
        assertThat(variables.put("POSTERN_CONFIG", file.toString())).isEqualTo("/etc/postern/postern.yaml");
        Options options = Configuration.of(
                        Quickstart.commandLine(new Quickstart(System.out, variables))
                                .parseArgs(),
                        variables)
                .options();
        assertThat(options.management).isEqualTo(new ListenAddress("0.0.0.0", 9925));
        assertThat(options.listen).containsExactly(new ListenAddress("0.0.0.0", 2587));
    }

    @Test
    void composeTakesTheFileAndTheVariablesAreOptions() throws IOException {
        Object file = new Load(LoadSettings.builder().build()).loadFromString(read("compose.yaml"));
        assertThat(composeSchema().validate(new Gson().toJson(file), InputFormat.JSON))
                .isEmpty();
        Map<String, String> variables = new LinkedHashMap<>();
        new Gson()
                .toJsonTree(file)
                .getAsJsonObject()
                .getAsJsonObject("services")
                .getAsJsonObject("postern")
                .getAsJsonObject("environment")
                .asMap()
                .forEach((name, value) -> variables.put(name, value.getAsString()));
        parse(Layer.ofEnvironment(variables));
    }

    /** The schemas above let nothing pass that they do not know. */
    @Test
    void whatIsWrittenWrongIsSeen() throws IOException {
        Object file = new Load(LoadSettings.builder().build())
                .loadFromString(read("compose.yaml").replace("cap_drop", "cap_dorp"));
        assertThat(composeSchema().validate(new Gson().toJson(file), InputFormat.JSON))
                .isNotEmpty();
        Iterable<Object> objects = new Load(LoadSettings.builder().build())
                .loadAllFromString(read("kubernetes.yaml").replace("readinessProbe", "readynessProbe"));
        List<Object> all = new ArrayList<>();
        objects.forEach(all::add);
        assertThatThrownBy(() -> V1Deployment.validateJsonElement(new Gson().toJsonTree(all.get(1))))
                .hasMessageContaining("readynessProbe");
    }

    /** The image's command, in a JVM that has no other modules than the image's. */
    @Test
    @Needs(Tool.CURL)
    void theImageHasTheModulesThatTheRelayNeedsAndRunsAsNobody() throws Exception {
        String dockerfile = read("Dockerfile");
        List<String> jvmOptions = new ArrayList<>();
        jvmOptions.add("--limit-modules=" + group(dockerfile, "--add-modules (\\S+)"));
        List<String> entryPoint = Arrays.stream(
                        group(dockerfile, "\nENTRYPOINT \\[(.*)]\n").split(", "))
                .map(argument -> argument.substring(1, argument.length() - 1))
                .toList();
        assertThat(entryPoint).endsWith("-jar", "/opt/postern/postern-quickstart.jar");
        jvmOptions.addAll(entryPoint.subList(1, entryPoint.size() - 2));
        assertThat(dockerfile).contains("-XX:AOTCacheOutput=" + CACHE);
        assertThat(jvmOptions.remove("-XX:AOTCache=" + CACHE)).isTrue(); // which is made with the image
        assertThat(jvmOptions).contains("-XX:MaxRAMPercentage=60", "-XX:+ExitOnOutOfMemoryError");
        List<String> asEverywhere = jvmOptions.subList(1, jvmOptions.size());
        String cacheIsMade =
                group(dockerfile, "\nRUN (\\[\"/opt/java/bin/java\", [^\\]]*])"); // for those options alone
        assertThat(asEverywhere).isNotEmpty().allMatch(option -> cacheIsMade.contains('"' + option + '"'));
        assertThat(read("postern.service")).contains(" " + String.join(" ", asEverywhere) + " ");
        assertThat(dockerfile).contains("\nUSER 10001\n").contains("\nHEALTHCHECK ");
        parse(Layer.ofEnvironment(Map.of(
                "POSTERN_LISTEN",
                group(dockerfile, "POSTERN_LISTEN=(\\S+)"),
                "POSTERN_MANAGEMENT",
                group(dockerfile, "POSTERN_MANAGEMENT=(\\S+)"))));
        Path message = Files.writeString(
                directory.resolve("message"), "From: ann@example.org\r\nContent-Type: text/html\r\n\r\nhello\r\n");
        try (RelayProcess relay = RelayProcess.startWith(
                jvmOptions,
                "--listen",
                "127.0.0.1:0",
                "--tls-self-signed",
                "--user",
                "ann@example.org:secret",
                "--spool",
                directory.resolve("spool").toString(),
                "--management",
                "127.0.0.1:0",
                "--log-format",
                "json")) {
            String port = Integer.toString(relay.awaitListener("starttls").getPort());
            FlowTest.curl("smtp://127.0.0.1:" + port, message, "--ssl-reqd").assertSucceeded();
            List<String> lines = relay.linesUpTo("--- end of message");
            assertThat(lines)
                    .contains("hello", "postern: no --upstream: messages are printed here, and delivered to nobody");
            String management = lines.stream()
                    .filter(line -> line.startsWith("postern: management on "))
                    .map(line -> line.substring(line.indexOf("http")))
                    .findFirst()
                    .orElseThrow();
            // what the image's health check asks, and what Prometheus does
            String asked = group(dockerfile, "HEALTHCHECK [^\\[]*\\[.*\"http://127.0.0.1:9925(/\\w+)\"]");
            RelayProcess.run(List.of(Tool.CURL.path(), "-fsS", management + asked))
                    .assertSucceeded();
            assertThat(RelayProcess.run(List.of(Tool.CURL.path(), "-fsS", management + "/metrics"))
                            .output())
                    .contains("postern_messages_seconds_count{");
            // the console reads the mail, for nobody else gets it
            assertThat(RelayProcess.run(List.of(Tool.CURL.path(), "-fsS", management + "/console/mails?search=hello"))
                            .output())
                    .contains("\"found\":1");
        }
    }

    /** There is no linter for it in Debian or Maven: what matters is looked at here. */
    @Test
    void theImageHasWhatTheBuildMakesAndNoSecret() throws IOException {
        String dockerfile = read("Dockerfile");
        List<String> copied = Pattern.compile("(?m)^(?:COPY|ADD) (?!--from=)(\\S+) \\S+$")
                .matcher(dockerfile)
                .results()
                .map(copy -> copy.group(1))
                .toList();
        // of the repository, as compose.yaml's context is; nothing else gets into the image, no folder and no pattern
        assertThat(copied).containsExactly("examples/quickstart/target/postern-quickstart.jar");
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<finalName>postern-quickstart</finalName>");
        assertThat(DEPLOY.resolve(group(read("compose.yaml"), "context: (\\S+)"))
                        .resolve(group(read("compose.yaml"), "dockerfile: (\\S+)"))
                        .toRealPath())
                .isEqualTo(DEPLOY.resolve("Dockerfile").toRealPath());
        assertThat(dockerfile).doesNotContainPattern("(?im)^(ARG|ENV|RUN) .*(secret|password|token)");
        // the last user is the container's, and each image has a version
        assertThat(Pattern.compile("(?m)^USER (\\S+)$").matcher(dockerfile).results())
                .extracting(user -> user.group(1))
                .containsExactly("10001");
        assertThat(Pattern.compile("(?m)^FROM (\\S+)").matcher(dockerfile).results())
                .extracting(image -> image.group(1))
                .allMatch(image -> image.matches("[a-z-]+:\\d\\S*"));
        // Kubernetes runs it as the same user, and nobody writes secrets into the objects
        assertThat(read("kubernetes.yaml")).contains("runAsUser: 10001").doesNotContain("stringData", "kind: Secret");
    }

    /** The one of compose-spec.io, which is under the Apache licence 2.0. */
    private static Schema composeSchema() throws IOException {
        String schema = Files.readString(Path.of("src/test/resources/compose-spec.json"))
                // an $id has to be absolute for this validator
                .replace("\"compose_spec.json\"", "\"https://compose-spec.io/compose_spec.json\"");
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(schema, InputFormat.JSON);
    }

    private static String group(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static void assertTaken(Map<String, List<String>> values) {
        assertThat(values.keySet()).isSubsetOf(OptionNames.all());
        parse(new Layer("the file", values));
    }

    private static void parse(Layer layer) {
        Quickstart.withConverters(new CommandLine(new Options()))
                .parseArgs(layer.arguments().toArray(String[]::new));
    }
}
