package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options of a file, of the environment and of the command line, as --check-config says them. */
@OnAnyJdk
class ConfigurationTest {

    @TempDir
    private Path directory;

    private record Said(int code, List<String> lines, String errors) {
        /** The lines of an option, without those of defaults. */
        List<String> of(String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(name + "\t") && !line.endsWith("\tdefault"))
                    .map(line -> line.substring(name.length() + 1))
                    .toList();
        }
    }

    private static Said check(Map<String, String> environment, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StringWriter errors = new StringWriter();
        var line =
                Quickstart.commandLine(new Quickstart(new PrintStream(out, true, StandardCharsets.UTF_8), environment));
        line.setErr(new PrintWriter(errors, true));
        int code = line.execute(
                Stream.concat(Stream.of("--check-config"), Stream.of(arguments)).toArray(String[]::new));
        return new Said(code, out.toString(StandardCharsets.UTF_8).lines().toList(), errors.toString());
    }

    private Said checkFile(String name, String content) throws IOException {
        return check(Map.of(), "--config", file(name, content));
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    @Test
    void anEmptyVariableDoesNotTakeThePlaceOfTheFilesUpstream() throws IOException {
        String file = file("postern.yaml", "upstream: smtps://smtp.example.net\n");
        Said said = check(Map.of("POSTERN_UPSTREAM", "", "POSTERN_LISTEN", " \n"), "--config", file);
        assertThat(said.of("upstream")).containsExactly("smtps://smtp.example.net\t" + file);
        assertThat(said.of("listen")).as("but the default").isEmpty();
    }

    @Test
    void aSpoolWithoutTimesOfItsOwnIsShownWithTheDefault() {
        String spool = directory.resolve("spool").toString();
        assertThat(check(Map.of(), "--spool", spool, "--spool-give-up", "1h").lines)
                .contains("spool-retry\t1m,5m,15m,30m,1h\tdefault", "spool-give-up\t1h\tthe command line");
        assertThat(check(Map.of(), "--spool", spool).lines).contains("spool-give-up\t48h\tdefault");
        assertThat(check(Map.of()).lines).noneMatch(line -> line.startsWith("spool-"));
    }

    @Test
    void theLaterTakesThePlaceOfTheEarlierOptionByOptionAndLimitByLimit() throws IOException {
        String file = file("postern.yaml", """
                listen: [127.0.0.1:1, "127.0.0.1:2"]
                user: ann@example.org:secret
                allow-plaintext-auth: true
                upstream-timeout: 5s
                log-level: warn
                limit:
                  recipients: 5
                  messages: 7
                  errors: 3
                """);
        Said said = check(
                Map.of(
                        "POSTERN_LISTEN",
                        "127.0.0.1:3\n127.0.0.1:4\n",
                        "POSTERN_LIMIT",
                        "messages=8\nrecipients=6",
                        "POSTERN_ALLOW_PLAINTEXT_AUTH",
                        "false",
                        "POSTERN_LOG_LEVEL",
                        "debug",
                        "PATH",
                        "/bin"),
                "--config",
                file,
                "--allow-plaintext-auth",
                "--limit",
                "recipients=9",
                "--upstream-timeout=6s");
        assertThat(said.errors).isEmpty();
        assertThat(said.code).isZero();
        assertThat(said.of("listen")).containsExactly("127.0.0.1:3\tthe environment", "127.0.0.1:4\tthe environment");
        assertThat(said.of("limit"))
                .containsExactly("errors=3\t" + file, "messages=8\tthe environment", "recipients=9\tthe command line");
        assertThat(said.of("allow-plaintext-auth")).containsExactly("true\tthe command line");
        assertThat(said.of("upstream-timeout")).containsExactly("6s\tthe command line");
        assertThat(said.of("log-level")).containsExactly("debug\tthe environment");
        assertThat(said.of("user")).containsExactly("ann@example.org:***\t" + file);
    }

    @Test
    void theEnvironmentCanNameTheFileAndTurnAFlagOff() throws IOException {
        String file = file("postern.yml", "tls-self-signed: true\n");
        assertThat(check(Map.of("POSTERN_CONFIG", file)).of("tls-self-signed")).containsExactly("true\t" + file);
        assertThat(check(Map.of("POSTERN_CONFIG", file, "POSTERN_TLS_SELF_SIGNED", "false"))
                        .of("tls-self-signed"))
                .containsExactly("false\tthe environment");
    }

    @Test
    void saysTheDefaultsToo() {
        Said said = check(Map.of());
        assertThat(said.code).isZero();
        assertThat(said.lines)
                .contains("listen\t127.0.0.1:2525\tdefault", "user\tdemo@example.org:demo\tdefault")
                .contains("log-format\ttext\tdefault", "log-level\tinfo\tdefault")
                .contains("limit\trecipients=50\tdefault", "limit\tquota=none\tdefault");
    }

    @Test
    void theDefaultLimitsThatItSaysAreTheRelays() {
        RelayLimits limits = new RelayLimits();
        Limit.DEFAULTS.forEach(limit -> Limit.parse(limit).setting().accept(limits));
        assertThat(limits).usingRecursiveComparison().isEqualTo(new RelayLimits());
    }

    @Test
    void masksSecrets() throws IOException {
        Said said = checkFile("postern.yaml", """
                user: "ann@example.org:hunter2:acme:example.org"
                tls-self-signed: true
                upstream:
                  - smtps://ann:hunter2@127.0.0.1:465
                  - smtp://127.0.0.1:25
                """);
        assertThat(said.of("upstream").get(0)).startsWith("smtps://ann:***@127.0.0.1:465\t");
        assertThat(said.of("upstream").get(1)).startsWith("smtp://127.0.0.1:25\t");
        assertThat(said.of("user").get(0)).startsWith("ann@example.org:***:acme:example.org\t");
        assertThat(said.lines).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void propertiesHaveNumbersForListsAndNamesForLimits() throws IOException {
        Said said = checkFile("postern.properties", """
                # numbers, not the order of lines, tell which is first
                listen.10=127.0.0.1:2
                listen.2=127.0.0.1:1
                user=ann@example.org:secret
                allow-plaintext-auth=true
                limit.recipients=5
                limit.quota=1000/day
                """);
        assertThat(said.errors).isEmpty();
        assertThat(said.of("listen"))
                .extracting(line -> line.substring(0, line.indexOf('\t')))
                .containsExactly("127.0.0.1:1", "127.0.0.1:2");
        assertThat(said.of("limit"))
                .extracting(line -> line.substring(0, line.indexOf('\t')))
                .containsExactlyInAnyOrder("recipients=5", "quota=1000/day");
    }

    static Stream<String> names() {
        return OptionNames.all().stream();
    }

    /** Each with a value that is none, so that an error of this option comes, and none that there is no such option. */
    @ParameterizedTest
    @MethodSource("names")
    void everyOptionCanBeInAFileAndInTheEnvironment(String name) throws IOException {
        String wrong = name.equals("spool") ? "jdbc:none" : "/no/such/file"; // a spool's directory is made
        for (Said said : List.of(
                checkFile("a.yaml", name + ": " + wrong),
                checkFile("a.properties", name + "=" + wrong),
                check(Map.of(Layer.variableOf(name), wrong)))) {
            assertThat(said.errors).doesNotContain("there is no option", "did you mean");
            if (!List.of("disabled-account", "unvalidated-domain").contains(name)) {
                assertThat(said.errors).contains(name);
            }
            assertThat(said.code).isEqualTo(2);
        }
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of("a.yaml", "lisen: x", "'lisen'; did you mean listen;"),
                Arguments.of("a.yaml", "tls-cert: x", "did you mean tls-key"),
                Arguments.of("a.yaml", "tls-certificates: x", "did you mean tls-certificate"),
                Arguments.of("a.yaml", "--listen: x", "did you mean listen"),
                Arguments.of("a.yaml", "listen: x", "--listen"),
                Arguments.of("a.yaml", "listen:\nlisten: x", "line 1"),
                Arguments.of("a.yaml", "listen: 127.0.0.1:0\nlisten: 127.0.0.1:0", "line 2: listen is there twice"),
                Arguments.of("a.yaml", "listen: {a: b}", "line 1: listen: write a text or a list"),
                Arguments.of("a.yaml", "listen:\n- [a]", "line 2: write a text"),
                Arguments.of("a.yaml", "limit: {a: [b]}", "line 1: write a text"),
                Arguments.of("a.yaml", "- listen", "line 1: write OPTION: VALUE"),
                Arguments.of("a.yaml", "listen", "line 1: write OPTION: VALUE"),
                Arguments.of("a.yaml", "? [a]\n: b", "line 1: write a text"),
                Arguments.of("a.yaml", "user: &a ann:hunter2", "line 1: no anchors"),
                Arguments.of("a.yaml", "a: &a [x]\nb: *a", "no anchors"),
                Arguments.of("a.yaml", "user: !!str ann:hunter2", "tags"),
                Arguments.of("a.yaml", "user: {ann:hunter2", "line"),
                Arguments.of("a.yaml", "user: \"ann:hunter2", "line"),
                Arguments.of("a.yaml", "user: ann:hunter2: x", "line 1"),
                Arguments.of("a.yaml", "\tuser: ann:hunter2", "line 1"),
                Arguments.of("a.yaml", "tls-self-signed: yes", "tls-self-signed: write true or false"),
                Arguments.of("a.yaml", "config: b.yaml", "one file does not name another"),
                Arguments.of("a.yaml", "upstream-timeout: [1s, 2s]", "upstream-timeout"),
                Arguments.of("a.yaml", "upstream: []", "line 1: upstream: write a text"),
                Arguments.of("a.yaml", "LISTEN: 127.0.0.1:0", "'LISTEN'; did you mean listen;"),
                Arguments.of("a.yaml", "listen: 127.0.0.1:0\n---\nlisten: 127.0.0.1:0", "second document"),
                Arguments.of("a.yaml", "limit: {recipients: 1, recipient: 2}", "recipient"),
                Arguments.of("a.yaml", "x: ".repeat(400_000), "more than 1 MiB"),
                Arguments.of("a.yaml", "x: " + "[".repeat(500_000), "line 1"),
                Arguments.of("a.properties", "lisen=x", "'lisen'; did you mean listen;"),
                Arguments.of("a.properties", "listen=a\nlisten=b", "'listen' is there twice"),
                Arguments.of("a.properties", "listen.x=a", "write listen.1, listen.2"),
                Arguments.of("a.properties", "upstream-timeout.1=1s", "write upstream-timeout"),
                Arguments.of("a.properties", "user=\\u00zz", "no properties"),
                Arguments.of("a.properties", "tls-self-signed=yes", "write true or false"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aWrongFileEndsWith2AndALineThatSaysWhere(String name, String content, String says) throws IOException {
        Said said = checkFile(name, content);
        assertThat(said.code).as(said.errors).isEqualTo(2);
        assertThat(said.errors.lines()).hasSize(1);
        assertThat(said.errors)
                .startsWith("postern: ")
                .contains(directory.resolve(name).toString())
                .contains(says)
                .doesNotContain("hunter2");
        assertThat(said.lines).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "---\n"})
    void aFileWithoutOptionsIsNoError(String content) throws IOException {
        assertThat(checkFile("a.yaml", content).code).isZero();
    }

    @Test
    void wrongVariablesEndWith2AndTheNearestOne() {
        Said said = check(Map.of("POSTERN_LISEN", "127.0.0.1:0"));
        assertThat(said.code).isEqualTo(2);
        assertThat(said.errors).contains("POSTERN_LISEN").contains("did you mean POSTERN_LISTEN");
        assertThat(check(Map.of("POSTERN_LIMIT", "recipients=x")).errors)
                .contains("the environment: ")
                .contains("--limit");
        assertThat(check(Map.of("POSTERN_TLS_SELF_SIGNED", "1")).errors).contains("write true or false");
    }

    @Test
    void whatKubernetesSaysOfAServiceOfThisNameIsNoOption() {
        Said said = check(Map.of(
                "POSTERN_PORT", "tcp://10.0.0.1:587",
                "POSTERN_PORT_587_TCP_ADDR", "10.0.0.1",
                "POSTERN_SERVICE_HOST", "10.0.0.1",
                "POSTERN_SERVICE_PORT_SUBMISSION", "587"));
        assertThat(said.errors).isEmpty();
        assertThat(said.code).isZero();
    }

    @Test
    void secretsOfFilesAreChecked() throws IOException {
        String users = file("users", "ann@example.org:hunter2");
        assertThat(check(Map.of(), "--users", users).errors)
                .contains("--users", "line 1", "no hash")
                .doesNotContain("hunter2");
        String empty = file("empty", "\n");
        assertThat(check(Map.of(), "--upstream", "smtps://ann@h", "--upstream-password-file", empty).errors)
                .contains("--upstream-password-file", "one line");
        String password = file("password", "hunter2\n");
        assertThat(check(Map.of(), "--upstream", "smtps://ann@h").errors)
                .contains("smtps://h:465", "--upstream-password-file");
        assertThat(check(Map.of(), "--upstream", "smtps://h", "--upstream-password-file", password).errors)
                .contains("more than");
        assertThat(check(Map.of(), "--upstream-password-file", password).errors).contains("add --upstream");
        assertThat(check(Map.of(), "--upstream", "smtp://ann@h", "--upstream-password-file", password).errors)
                .contains("would go in clear")
                .doesNotContain("hunter2");
        assertThat(check(Map.of(), "--upstream", "smtps://ann@h", "--upstream-password-file", password).code)
                .isZero();
        assertThat(check(Map.of(), "--tls-certificate", empty).errors).contains("add --tls-key");
        assertThat(check(Map.of(), "--tls-key", empty).errors).contains("add --tls-certificate");
        assertThat(check(Map.of(), "--tls-certificate", empty, "--tls-key", empty).errors)
                .contains("postern: --tls-certificate: " + empty);
        assertThat(check(Map.of(), "--users", users, "--user", "ann:a").errors).contains("leave one out");
    }

    @Test
    void aPasswordOfAFileMayHaveAnyCharacter() {
        String password = "a b+c%20/:@\u00fc?#";
        UpstreamUri uri = UpstreamUri.parse("smtps://ann%40example.org@h:465").withPassword(password);
        String userInfo = URI.create(uri.uri()).getUserInfo();
        assertThat(userInfo).isEqualTo("ann@example.org:" + password);
        assertThat(uri).hasToString("smtps://h:465");
    }
}
