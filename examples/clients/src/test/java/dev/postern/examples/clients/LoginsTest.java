package dev.postern.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.tools.HeldPage;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each client logs in by each mechanism that it has, and is refused with another secret or certificate. */
@Needs(Tool.OPENSSL)
class LoginsTest {

    private static final List<String> MECHANISMS =
            List.of("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "EXTERNAL", "OAUTHBEARER", "XOAUTH2");
    private static final Path PAGE = Path.of("..", "..", "docs", "clients.md");
    private static final String USER = "ann@example.org";
    private static final String SECRET = "secret";
    private static final ScramKeys KEYS = ScramKeys.ofPrepared(
            SECRET.toCharArray(), "a salt of theirs".getBytes(StandardCharsets.US_ASCII), ScramKeys.MIN_ITERATIONS);

    /** Mechanism and reply of each login. */
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @TempDir
    private static Path right;

    @TempDir
    private static Path stranger;

    private static FakeUpstream upstream;
    private static SmtpRelay relay;

    @BeforeAll
    static void start() throws IOException {
        Path server = certificate(right, "server", "localhost");
        Path own = certificate(right, "client", USER);
        Path another = certificate(stranger, "client", "stranger");
        Files.copy(server, stranger.resolve("server.pem"));
        Path trusted =
                Files.writeString(right.resolve("trusted.pem"), Files.readString(own) + Files.readString(another));
        for (Path folder : List.of(right, stranger)) {
            Files.writeString(folder.resolve("message"), "From: " + USER + "\nSubject: hello\n\nHow are you?\n");
        }
        upstream = FakeUpstream.start();
        Authenticator users = Authenticator.of(Map.of(USER, SECRET));
        relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .tls(TlsSettings.pem(server, right.resolve("server.key"))
                        .withClientCertificates(ClientCertificates.WANTED, trusted))
                .auth(AuthSettings.passwords(users)
                        .withTokens(users)
                        .withScram((name, client) -> name.equals(USER)
                                ? ScramLookup.known(KEYS, Identity.of(USER))
                                : ScramLookup.unknown(KEYS))
                        .withCertificates((chain, client) ->
                                chain.get(0).getSubjectX500Principal().getName().equals("CN=" + USER)
                                        ? AuthResult.authenticated(Identity.of(USER))
                                        : AuthResult.denied())
                        .withFailures(Integer.MAX_VALUE, Duration.ofDays(1), Duration.ofDays(1)))
                .upstream(Upstream.smtp("127.0.0.1", upstream.port()))
                .listener(RelayListener.of(event -> {
                    if (event instanceof RelayEvent.LoginJudged judged) {
                        SEEN.add(judged.mechanism().orElseThrow() + " "
                                + judged.reply().code());
                    }
                }))
                .start();
    }

    @AfterAll
    static void stop() {
        if (relay != null) {
            relay.close();
            upstream.close();
        }
    }

    private static Path certificate(Path folder, String name, String subject) {
        Path file = folder.resolve(name + ".pem");
        String arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + subject
                + " -addext subjectAltName=DNS:localhost -keyout " + folder.resolve(name + ".key") + " -out " + file;
        Programs.output(Stream.concat(Stream.of(Tool.OPENSSL.path()), Stream.of(arguments.split(" ")))
                .toList());
        return file;
    }

    static Stream<Arguments> all() {
        return Arrays.stream(LoginClient.values())
                .flatMap(client -> client.mechanisms().stream().map(mechanism -> Arguments.of(client, mechanism)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("all")
    void logsInAndIsRefused(LoginClient client, String mechanism) throws Exception {
        client.assumeInstalled();
        Assumptions.assumeTrue(
                !mechanism.endsWith("-PLUS") || Runtime.version().feature() >= 25,
                "TLS 1.3 is bound by what a JDK gives from 25 on");
        SEEN.clear();
        assertThat(client.logIn(new Login(relay.port(), mechanism, USER, SECRET, right)))
                .isTrue();
        assertThat(SEEN).containsExactly(mechanism + " 235");
        SEEN.clear();
        assertThat(client.logIn(new Login(relay.port(), mechanism, USER, "wrong", stranger)))
                .isFalse();
        assertThat(SEEN).isNotEmpty().containsOnly(mechanism + " 535");
    }

    @Test
    void theTableHasThem() throws IOException {
        String table = Arrays.stream(LoginClient.values())
                .map(client -> MECHANISMS.stream()
                        .map(mechanism -> client.mechanisms().contains(mechanism) ? "yes" : "")
                        .collect(Collectors.joining(" | ", "| " + client.title() + " | ", " |\n")))
                .collect(Collectors.joining());
        HeldPage.hold(
                PAGE,
                HeldPage.withGenerated(
                        Files.readString(PAGE),
                        "<!-- generated: logins -->\n",
                        "| client | " + String.join(" | ", MECHANISMS) + " |\n|---" + "|---".repeat(MECHANISMS.size())
                                + "|\n" + table));
    }
}
