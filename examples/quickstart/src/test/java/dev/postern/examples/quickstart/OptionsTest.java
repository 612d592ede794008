package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.tools.OnAnyJdk;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Every option, right and wrong. */
@OnAnyJdk
class OptionsTest {

    private record Outcome(int code, String errors) {}

    private static Outcome execute(String... arguments) {
        StringWriter errors = new StringWriter();
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        CommandLine line = Quickstart.commandLine(new Quickstart(nowhere, Map.of()));
        line.setErr(new PrintWriter(errors, true));
        line.setOut(new PrintWriter(Writers.NOWHERE));
        return new Outcome(line.execute(arguments), errors.toString());
    }

    private static final class Writers {
        private static final StringWriter NOWHERE = new StringWriter();
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                wrong("--listen", "127.0.0.1:2525", "--listen", "x"),
                wrong("--listen", "127.0.0.1:2525", "--listen", "127.0.0.1:65536"),
                wrong("--listen", "[::1]:2525", "--listen", "::1:2525"),
                wrong("--listen", "HOST:PORT", "--listen"),
                wrong("--listen", "--user NAME:SECRET", "--listen", "0.0.0.0:0"),
                wrong("--listen", "--user NAME:SECRET", "--tls-self-signed", "--listen-tls", "0.0.0.0:0"),
                wrong("--listen", "once", "--listen", "[::1]:2525", "--listen", "[::1]:2525"),
                wrong("--listen", "once", "--management", "127.0.0.1:2525"),
                wrong("--listen", "0.0.0.0:2525 and 127.0.0.1:2525", "--management", "0.0.0.0:2525"),
                wrong("--listen-tls", "[::1]:2525", "--listen-tls", "x:y"),
                wrong("--listen-tls", "--tls-self-signed", "--listen-tls", "127.0.0.1:0"),
                wrong("--lisen", "--listen", "--lisen", "127.0.0.1:0"),
                wrong("word", "--help", "word"),
                wrong("--upstream", "smtp://host:25", "--upstream", "ftp://127.0.0.1:25"),
                wrong("--upstream", "smtp://host:25", "--upstream", "127.0.0.1:25"),
                wrong("--upstream", "--allow-plaintext-upstream-auth", "--upstream", "smtp://ann:hunter2@127.0.0.1:25"),
                wrong("--allow-plaintext-upstream-auth", "once", twice("--allow-plaintext-upstream-auth")),
                wrong("--upstream-timeout", "30s", "--upstream-timeout", "30"),
                wrong("--upstream-timeout", "30s", "--upstream", "smtp://127.0.0.1", "--upstream-timeout", "25h"),
                wrong("--upstream-timeout", "30s", "--upstream-timeout", "0s"),
                wrong("--upstream-connections", "10", "--upstream-connections", "0"),
                wrong("--spool", "a directory", "--spool", ""),
                wrong("--upstream-connections", "10", "--upstream", "smtp://h", "--upstream-connections", "0"),
                wrong("--upstream-connections", "--upstream", "smtp://h", "--upstream-connections", "x"),
                wrong("--spool", "jdbc:postgresql:", "--spool", "jdbc:h2:mem:x"),
                wrong("--spool", "HOST:PORT", "--spool", "jdbc:postgresql://h:port/d"),
                wrong("--spool", "-cp postern-quickstart.jar:mysql-connector-j.jar", "--spool", "jdbc:mysql://h/d"),
                wrong("--spool", "may write to", "--check-config", "--spool", "pom.xml"),
                wrong("--spool", "may write to", "--check-config", "--spool", "pom.xml/below"),
                wrong("--limit spool", "--spool DIRECTORY", "--limit", "spool=5"),
                wrong("--limit spool-account", "--spool DIRECTORY", "--limit", "spool-account=5"),
                wrong("--spool-retry", "--spool DIRECTORY", "--spool-retry", "1s,5s"),
                wrong("--spool-retry", "100ms", "--spool", "/nowhere", "--spool-retry", "1s,5ms"),
                wrong("--spool-give-up", "--spool DIRECTORY", "--spool-give-up", "1h"),
                wrong("--spool-give-up", "48h", "--spool", "/nowhere", "--spool-give-up", "9999h"),
                wrong("--user", "NAME:SECRET", "--user", "ann"),
                wrong("--user", "NAME:SECRET", "--user", ":secret"),
                wrong("--user", "NAME:SECRET", "--user", "ann:"),
                wrong("--user", "ACCOUNT", "--user", "ann:secret::example.org"),
                wrong("--user", "DOMAIN", "--user", "ann:secret:acme:not_a domain"),
                wrong("--user", "DOMAIN", "--user", "ann:secret:acme:"),
                wrong("--user", "once", "--user", "ann:a", "--user", "ann:b", "--allow-plaintext-auth"),
                wrong("--user", "--allow-plaintext-auth", "--user", "ann@example.org:secret"),
                wrong("--user", "--tls-self-signed", "--user", "ann@example.org:secret"),
                wrong("--disabled-account", "example.org", "--disabled-account", "acme"),
                wrong("--unvalidated-domain", "example.org", "--unvalidated-domain", "example.net"),
                wrong("--trust", "CIDR=NAME", "--trust", "127.0.0.0/8"),
                wrong("--trust", "10.0.0.0/8", "--trust", "localhost=demo@example.org"),
                wrong("--trust", "10.0.0.0/8", "--trust", "10.0.0.0/33=demo@example.org"),
                wrong("--trust", "--user bob:SECRET", "--trust", "10.0.0.0/8=bob"),
                wrong("--tls-self-signed", "leave out", "--tls-self-signed=yes"),
                wrong("--tls-provider", "--tls-self-signed", "--tls-provider", "org.conscrypt.OpenSSLProvider"),
                wrong("--tls-provider", "class path", "--tls-self-signed", "--tls-provider", "no.Such"),
                wrong("--tls-provider", "security provider", "--tls-self-signed", "--tls-provider", "java.lang.String"),
                wrong("--tls-keystore", "--tls-keystore-password-file", "--tls-keystore", "a.p12"),
                wrong("--tls-keystore", "PKCS12", "--tls-keystore", "src", "--tls-keystore-password-file", "pom.xml"),
                wrong("--config", "may read", "--config", "src"),
                wrong("--tls-keystore-password-file", "--tls-keystore FILE", "--tls-keystore-password-file", "a"),
                wrong("--allow-plaintext-auth", "once", "--allow-plaintext-auth", "--allow-plaintext-auth"),
                wrong("--management", "HOST:PORT", "--management", "9925"),
                wrong("--management", "--management-token-file", "--management", "0.0.0.0:0"),
                wrong("--management-token-file", "--management HOST:PORT", "--management-token-file", "x"),
                wrong("--limit", "NAME=VALUE", "--limit", "recipients"),
                wrong("--limit", "recipients", "--limit", "recipient=3"),
                wrong("--limit", "once", "--limit", "messages=3", "--limit", "messages=4"),
                wrong("--limit", "1 to", "--limit", "recipients=-1"),
                wrong("--limit", "1 to", "--limit", "sessions-user=3000000000"),
                wrong("--limit", "20m", "--limit", "message-size=20q"),
                wrong("--limit", "20m", "--limit", "memory=99999999999g"),
                wrong("--limit", "30s", "--limit", "inactivity=120"),
                wrong("--limit", "a day at most", "--limit", "lifetime=25h"),
                wrong("--limit", "10/10m/5m", "--limit", "auth-failures=10"),
                wrong("--limit", "30s", "--limit", "auth-failures=10/10/5"),
                wrong("--limit", "1000/day", "--limit", "quota=1000"),
                wrong("--limit", "1000/day", "--limit", "quota=1000/year"));
    }

    private static String[] twice(String option) {
        return new String[] {option, option};
    }

    private static Arguments wrong(String names, String advises, String... arguments) {
        return Arguments.of(names, advises, arguments);
    }

    @Test
    void aSpoolBehindALinkToNowhereIsFoundBeforeTheStart(@TempDir Path directory) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("spool"), directory.resolve("nowhere"));
        Outcome outcome = execute("--check-config", "--spool", link.toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.errors()).startsWith("postern: --spool: cannot write to a directory " + link);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void endsWith2AndOneLineThatNamesTheOptionAndSaysWhatToWrite(String names, String advises, String[] arguments) {
        Outcome outcome = execute(arguments);
        assertThat(outcome.code).as(outcome.errors).isEqualTo(2);
        assertThat(outcome.errors.lines()).hasSize(1);
        assertThat(outcome.errors).startsWith("postern: ").contains(names).contains(advises);
    }

    @Test
    void errorsDoNotRepeatSecrets() {
        assertThat(execute("--user", ":hunter2").errors).doesNotContain("hunter2");
        assertThat(execute("--user", "ann:hunter2:acme:no domain").errors).doesNotContain("hunter2");
        assertThat(execute("--upstream", "smtp://ann:hunter2@:99999").errors).doesNotContain("hunter2");
        assertThat(execute("--upstream", "smtp://ann:hunter2@127.0.0.1").errors)
                .contains("smtp://127.0.0.1:25")
                .doesNotContain("hunter2");
        assertThat(execute("--spool", "jdbc:mysql://h/d?password=hunter2").errors)
                .doesNotContain("hunter2");
        assertThat(UpstreamUri.parse("smtp://ann:hunter2@127.0.0.1").toString()).isEqualTo("smtp://127.0.0.1:25");
        assertThat(User.parse("ann:hunter2").toString()).isEqualTo("ann");
    }

    @Test
    void keystoreThatCannotBeUsedEndsWith2(@TempDir Path directory) throws Exception {
        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        Path keystore = directory.resolve("keys.p12");
        String[] arguments = {"--tls-keystore", keystore.toString(), "--tls-keystore-password-file", password.toString()
        };
        assertThat(execute(arguments).errors).contains("--tls-keystore").contains("PKCS12");
        Files.writeString(keystore, "no key store");
        Outcome outcome = execute(arguments);
        assertThat(outcome.code).isEqualTo(2);
        assertThat(outcome.errors).contains("--tls-keystore").contains("PKCS12");
        assertThat(outcome.errors.lines()).hasSize(1);
        Files.delete(password);
        assertThat(execute(arguments).errors).contains("--tls-keystore-password-file");
    }

    @Test
    void spoolWhoseDatabaseIsAwayEndsWith1() {
        Outcome outcome = execute(
                "--listen",
                "127.0.0.1:0",
                "--spool",
                "jdbc:mariadb://127.0.0.1:9/spool?user=ann&password=hunter2&connectTimeout=10000");
        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.errors.lines()).hasSize(1);
        assertThat(outcome.errors).contains("--spool", "127.0.0.1").doesNotContain("hunter2");
    }

    @Test
    void spoolWhoseDirectoryIsAFileEndsWith1AndSaysWhy() {
        Outcome outcome = execute("--listen", "127.0.0.1:0", "--spool", "pom.xml");
        assertThat(outcome.code).isEqualTo(1);
        assertThat(outcome.errors.lines()).hasSize(1);
        assertThat(outcome.errors).contains("spool", "pom.xml", "FileAlreadyExists");
    }

    @Test
    void helpAndVersionEndWith0() {
        assertThat(execute("--help")).isEqualTo(new Outcome(0, ""));
        assertThat(execute("--version")).isEqualTo(new Outcome(0, ""));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:2525, 127.0.0.1, 2525, true",
        "[::1]:0, ::1, 0, true",
        "localhost:65535, localhost, 65535, true",
        "0.0.0.0:25, 0.0.0.0, 25, false",
        "127.example.org:25, 127.example.org, 25, false"
    })
    void readsListenAddress(String text, String host, int port, boolean loopback) {
        ListenAddress address = ListenAddress.parse(text);
        assertThat(address).isEqualTo(new ListenAddress(host, port));
        assertThat(address.isLoopback()).isEqualTo(loopback);
        assertThat(address).hasToString(text);
    }

    @Test
    void readsUser() {
        assertThat(User.parse("ann@example.org:s").identity().account()).isEqualTo("example.org");
        assertThat(User.parse("ann@example.org:s").identity().domains()).containsExactly("example.org");
        assertThat(User.parse("ann:s").identity().account()).isEqualTo("ann");
        assertThat(User.parse("ann:s").identity().domains()).isEmpty();
        assertThat(User.parse("ann@example.org:s:acme").identity().domains()).containsExactly("example.org");
        User full = User.parse("ann@example.org:s:acme:a.example,B.example");
        assertThat(full.identity().account()).isEqualTo("acme");
        assertThat(full.identity().domains()).isEqualTo(Set.of("a.example", "b.example"));
        assertThat(full.secret()).isEqualTo("s");
    }

    @Test
    void readsValues() {
        assertThat(Values.octets("500k")).isEqualTo(512_000);
        assertThat(Values.octets("20M")).isEqualTo(20_971_520);
        assertThat(Values.octets("2g")).isEqualTo(2_147_483_648L);
        assertThat(Values.octets("none")).isEqualTo(Long.MAX_VALUE);
        assertThat(Values.count("0")).isEqualTo(Integer.MAX_VALUE);
        assertThat(Values.count("7")).isEqualTo(7);
        assertThat(Values.duration("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Values.duration("120s")).isEqualTo(Duration.ofMinutes(2));
        assertThat(Values.duration("10m")).isEqualTo(Duration.ofMinutes(10));
        assertThat(Values.duration("1h")).isEqualTo(Duration.ofHours(1));
        assertThatThrownBy(() -> Values.octets("8589934592g")).hasMessageContaining("20m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "recipients=100",
                "message-size=20971520",
                "message-size=25m",
                "messages=0",
                "inactivity=120s",
                "inactivity=none",
                "lifetime=0",
                "sessions-user=none",
                "sessions-account=5",
                "session-wait=10s",
                "session-wait=0",
                "session-wait=none",
                "sessions-ip=5",
                "connections=2000",
                "errors=0",
                "auth-failures=10/10m/5m",
                "auth-failures=none",
                "quota=1000/day",
                "quota=1000/week",
                "quota=1000/month",
                "quota=0",
                "memory=64m",
                "memory=none",
                "spool=1000000",
                "spool-account=none"
            })
    void readsLimit(String text) {
        assertThat(Limit.parse(text).name()).isEqualTo(text.substring(0, text.indexOf('=')));
    }
}
