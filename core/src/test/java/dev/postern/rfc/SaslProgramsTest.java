package dev.postern.rfc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import dev.postern.testkit.TestCertificates;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of the system log in by mechanisms that show no password. */
class SaslProgramsTest {

    private static final String USER = "alice@client.test";
    private static final ScramDirectory DIRECTORY = (username, client) -> username.equals(USER)
            ? ScramLookup.known(
                    ScramKeys.ofPrepared(
                            "alice".toCharArray(), "a salt of theirs".getBytes(StandardCharsets.US_ASCII), 4096),
                    Identity.of(USER))
            : ScramLookup.unknown();

    /** Mechanism and reply of each login. */
    private final List<String> logins = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    private Path message;
    private Path authority;

    @BeforeEach
    void writeFiles() throws IOException {
        message = Files.writeString(directory.resolve("message"), Scene.MESSAGE);
        authority = Files.writeString(directory.resolve("authority.pem"), TestCertificates.authorityPem());
    }

    private Scene scene() {
        return Scene.bare(b -> b.auth(AuthSettings.defaults().withScram(DIRECTORY))
                .tls(TlsSettings.of(TestCertificates.serverContext()))
                .listener(listener()));
    }

    private RelayListener listener() {
        return RelayListener.of(event -> {
            if (event instanceof RelayEvent.LoginJudged judged) {
                logins.add(
                        judged.mechanism().orElse("none") + " " + judged.reply().code());
            }
        });
    }

    /** Runs a program to its end. Returns whether it says that it has succeeded. */
    private boolean run(Path input, List<String> command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process program = new ProcessBuilder(command)
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(program.waitFor(30, TimeUnit.SECONDS))
                .as("end of %s", command)
                .isTrue();
        return program.exitValue() == 0;
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "wrong"})
    @Needs(Tool.GSASL)
    void gsasl(String password) throws IOException, InterruptedException {
        Path nothing = Files.createFile(directory.resolve("nothing"));
        boolean plus = Runtime.version().feature() >= 25; // which gives what TLS 1.3 is bound by (RFC 9266)
        String result = password.equals("alice") ? " 235" : " 535";
        try (Scene scene = scene()) {
            for (String mechanism : plus ? List.of("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS") : List.of("SCRAM-SHA-256")) {
                logins.clear();
                boolean succeeded = run(
                        nothing,
                        List.of(
                                Tool.GSASL.path(),
                                "--smtp",
                                "--connect=localhost:" + scene.relay.port(),
                                "--mechanism=" + mechanism,
                                "--authentication-id=" + USER,
                                "--authorization-id=" + USER,
                                "--password=" + password,
                                mechanism.endsWith("PLUS") ? "--quiet" : "--no-cb", // which it would insist on
                                "--x509-ca-file=" + authority));
                assertThat(logins).containsExactly(mechanism + result);
                assertThat(succeeded).isEqualTo(password.equals("alice"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "wrong"})
    @Needs(Tool.MSMTP)
    void msmtp(String password) throws IOException, InterruptedException {
        try (Scene scene = scene()) {
            boolean succeeded = run(
                    message,
                    msmtp(scene, authority, List.of("--auth=on", "--user=" + USER, "--passwordeval=echo " + password)));
            assertThat(logins).hasSize(1).allMatch(login -> login.startsWith("SCRAM-SHA-256"));
            assertThat(succeeded).isEqualTo(password.equals("alice"));
            assertThat(scene.upstream.messages()).hasSize(succeeded ? 1 : 0);
        }
    }

    private static List<String> msmtp(Scene scene, Path trusted, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                Tool.MSMTP.path(),
                "--file=/dev/null",
                "--host=localhost",
                "--port=" + scene.relay.port(),
                "--tls=on",
                "--tls-starttls=on",
                "--tls-trust-file=" + trusted,
                "--from=" + USER));
        command.addAll(options);
        command.addAll(List.of("--", "bob@dest.test"));
        return command;
    }

    // by a certificate

    private Path certificate(String name, String subject) throws IOException, InterruptedException {
        Path file = directory.resolve(name + ".pem");
        assertThat(run(
                        message,
                        List.of(
                                Tool.OPENSSL.path(),
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:P-256",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                subject,
                                "-addext",
                                "subjectAltName=DNS:localhost",
                                "-keyout",
                                directory.resolve(name + ".key").toString(),
                                "-out",
                                file.toString())))
                .isTrue();
        return file;
    }

    private Scene scene(Path server, Path trusted) {
        Path key = directory.resolve("server.key");
        return Scene.bare(b -> b.tls(
                        TlsSettings.pem(server, key).withClientCertificates(ClientCertificates.WANTED, trusted))
                .auth(AuthSettings.defaults()
                        .withCertificates((chain, client) -> AuthResult.authenticated(Identity.of(
                                chain.get(0).getSubjectX500Principal().getName().replace("CN=", "")))))
                .listener(listener()));
    }

    @Test
    @Needs({Tool.OPENSSL, Tool.MSMTP})
    void msmtpByACertificate() throws IOException, InterruptedException {
        Path server = certificate("server", "/CN=localhost");
        Path own = certificate("own", "/CN=" + USER);
        try (Scene scene = scene(server, own)) {
            assertThat(run(
                            message,
                            msmtp(
                                    scene,
                                    server,
                                    List.of(
                                            "--auth=external",
                                            "--user=" + USER, // without one, it goes on before it is logged in
                                            "--tls-cert-file=" + own,
                                            "--tls-key-file=" + directory.resolve("own.key")))))
                    .isTrue();
            assertThat(logins).containsExactly("EXTERNAL 235");
            assertThat(scene.upstream.messages()).hasSize(1);
        }
    }

    @Test
    @Needs(Tool.OPENSSL)
    void opensslByACertificate() throws IOException, InterruptedException {
        Path server = certificate("server", "/CN=localhost");
        Path own = certificate("own", "/CN=" + USER);
        Path stranger = certificate("stranger", "/CN=" + USER);
        Path dialogue = Files.writeString(directory.resolve("dialogue"), "EHLO client.test\nAUTH EXTERNAL =\nQUIT\n");
        try (Scene scene = scene(server, own)) {
            assertThat(run(dialogue, openssl(scene, server, own, "own.key"))).isTrue();
            assertThat(Files.readString(directory.resolve("output"))).contains("235 2.7.0");
            assertThat(logins).containsExactly("EXTERNAL 235");
            run(dialogue, openssl(scene, server, stranger, "stranger.key"));
            assertThat(logins).as("a certificate that nobody trusts").hasSize(1);
        }
    }

    private List<String> openssl(Scene scene, Path server, Path own, String key) {
        return List.of(
                Tool.OPENSSL.path(),
                "s_client",
                "-starttls",
                "smtp",
                "-connect",
                "localhost:" + scene.relay.port(),
                "-CAfile",
                server.toString(),
                "-verify_return_error",
                "-cert",
                own.toString(),
                "-key",
                directory.resolve(key).toString(),
                "-crlf",
                "-ign_eof",
                "-nocommands");
    }
}
