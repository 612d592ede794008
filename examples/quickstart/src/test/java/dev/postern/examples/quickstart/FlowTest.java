package dev.postern.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.postern.passwords.PasswordHashes;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.testkit.upstream.FakeUpstream;
import dev.postern.testkit.upstream.ReceivedMessage;
import dev.postern.tools.Needs;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real clients, through the quickstart in a JVM of its own, to a server. */
@Execution(ExecutionMode.CONCURRENT)
class FlowTest {

    private static final String FIELDS =
            "From: ann@example.org\r\nTo: bob@example.net\r\nSubject: =?utf-8?q?gr=C3=BCn?=\r\n"
                    + "Date: Mon, 05 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n";
    private static final String TEXT =
            FIELDS + "\r\nline\r\n.dot\r\n..\r\n" + "long ".repeat(150) + "\r\ngr\u00fcn\r\n";

    @Test
    @Needs(Tool.CURL)
    void withoutArgumentsPrintsACommandThatWorksAndTheMessageThenDrains() throws Exception {
        try (RelayProcess relay = RelayProcess.start("--listen", "127.0.0.1:0")) {
            relay.awaitListener("plain");
            assertThat(relay.nextLine()).startsWith("postern: send");
            String command = relay.nextLine().strip();

            RelayProcess.run(List.of("sh", "-c", command)).assertSucceeded();

            assertThat(relay.linesUpTo("--- end of message"))
                    .contains("from <demo@example.org>", "to <someone@example.com>")
                    .contains("Subject: Hello", "My first message.");
            relay.terminate();
            assertThat(relay.awaitExit()).isZero();
            assertThat(relay.nextLine()).isEqualTo("postern: drained");
            assertThat(relay.errors()).hasSize(1).first().asString().contains(" INFO ", "recipients=1");
        }
    }

    @Test
    void drainTellsAnIdleClientGoodbyeWith421() throws Exception {
        try (RelayProcess relay = RelayProcess.start("--listen", "127.0.0.1:0");
                SmtpProbe probe = SmtpProbe.connect(relay.awaitListener("plain"))) {
            assertThat(probe.readReply().code()).isEqualTo(220);
            relay.terminate();
            assertThat(probe.readReply().code()).isEqualTo(421);
            assertThat(relay.awaitExit()).isZero();
        }
    }

    @Test
    void wrongArgumentEndsWith2AndOneLine() throws Exception {
        try (RelayProcess relay = RelayProcess.start("--limit", "recipients=many")) {
            assertThat(relay.awaitExit()).isEqualTo(2);
            assertThat(relay.errors()).hasSize(1).first().asString().contains("--limit", "recipients");
        }
    }

    @Test
    void portInUseEndsWith1AndOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RelayProcess relay = RelayProcess.start("--listen", "127.0.0.1:" + taken.getLocalPort())) {
            assertThat(relay.awaitExit()).isEqualTo(1);
            assertThat(relay.errors()).hasSize(1).first().asString().contains(":" + taken.getLocalPort());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--tls-provider=org.conscrypt.OpenSSLProvider"})
    @Needs(Tool.CURL)
    void curlDeliversOverStartTlsAndImplicitTls(String provider, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("message"), TEXT);
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = RelayProcess.start(Stream.of(
                                "--listen",
                                "127.0.0.1:0",
                                "--listen-tls",
                                "127.0.0.1:0",
                                "--tls-self-signed",
                                "--user",
                                "ann@example.org:secret",
                                "--upstream",
                                "smtp://127.0.0.1:" + upstream.port(),
                                provider)
                        .filter(argument -> !argument.isEmpty())
                        .toArray(String[]::new))) {
            InetSocketAddress startTls = relay.awaitListener("starttls");
            InetSocketAddress implicit = relay.awaitListener("tls");

            curl("smtp://127.0.0.1:" + startTls.getPort(), file, "--ssl-reqd").assertSucceeded();
            assertArrived(upstream.awaitMessage());
            curl("smtps://127.0.0.1:" + implicit.getPort(), file).assertSucceeded();
            assertArrived(upstream.awaitMessage());
            // and no password goes in clear
            assertThat(curl("smtp://127.0.0.1:" + startTls.getPort(), file).exit())
                    .isNotZero();
            assertThat(upstream.messages()).hasSize(2);
        }
    }

    @Test
    @Needs(Tool.CURL)
    void secretsOfFilesAreNotSeenInTheListOfProcessesAndChangeWhileItRuns(@TempDir Path directory) throws Exception {
        Path message = Files.writeString(directory.resolve("message"), TEXT);
        Path users = Files.writeString(directory.resolve("users"), "ann@example.org:" + hash("secret") + "\n");
        Path password = Files.writeString(directory.resolve("password"), "sta ple+%\n");
        PemKey first = PemKey.make(directory, "first");
        try (FakeUpstream upstream = FakeUpstream.start().withCredentials("postern", "sta ple+%")) {
            Path config = Files.writeString(directory.resolve("postern.yaml"), """
                    listen-tls: 127.0.0.1:0
                    tls-certificate: %s
                    tls-key: %s
                    users: %s
                    upstream: smtp://postern@127.0.0.1:%d
                    upstream-password-file: %s
                    allow-plaintext-upstream-auth: true
                    """.formatted(
                            first.certificate(), first.key(), users, upstream.port(), password));
            try (RelayProcess relay = RelayProcess.start("--config", config.toString())) {
                int port = relay.awaitListener("tls").getPort();
                assertThat(relay.commandLine())
                        .contains(config.toString())
                        .doesNotContain("secret", "sta ple", "staple");
                String url = "smtps://127.0.0.1:" + port;
                curl(url, message, "--cacert", first.certificate().toString()).assertSucceeded();
                assertArrived(upstream.awaitMessage());

                replace(users, "ann@example.org:" + hash("other") + "\n");
                PemKey second = PemKey.make(directory, "second");
                replace(first.key(), Files.readString(second.key()));
                replace(first.certificate(), Files.readString(second.certificate()));
                // the users are looked at a second later, the keys ten
                awaitExit(67, () -> curl(url, message)); // the password is the old one
                awaitExit(
                        0,
                        () -> curl(
                                url,
                                message,
                                "--cacert",
                                second.certificate().toString(),
                                "--user",
                                "ann@example.org:other"));
                assertThat(relay.errors()).anyMatch(line -> line.contains("was read anew"));
            }
        }
    }

    private static void replace(Path file, String content) throws IOException {
        Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String hash(String password) {
        return PasswordHashes.hash(password.getBytes(StandardCharsets.UTF_8));
    }

    /** Runs a client again and again until it ends so; the test's own time-out ends it, too. */
    private static void awaitExit(int code, Callable<RelayProcess.Client> client) throws Exception {
        RelayProcess.Client last;
        do {
            last = client.call();
        } while (last.exit() != code);
    }

    @Test
    @Needs(Tool.CURL)
    void logsJsonLinesAndNoMoreThanTheLevelSays(@TempDir Path directory) throws Exception {
        Path message = Files.writeString(directory.resolve("message"), TEXT);
        for (String level : List.of("info", "warn")) {
            try (RelayProcess relay = RelayProcess.start(
                    "--listen",
                    "127.0.0.1:0",
                    "--user",
                    "ann@example.org:secret",
                    "--allow-plaintext-auth",
                    "--log-format",
                    "json",
                    "--log-level",
                    level)) {
                curl("smtp://127.0.0.1:" + port(relay), message).assertSucceeded();
                relay.terminate();
                assertThat(relay.awaitExit()).isZero();
                assertThat(relay.errors()).hasSize(level.equals("info") ? 1 : 0);
                for (String line : relay.errors()) {
                    JsonObject json = JsonParser.parseString(line).getAsJsonObject();
                    assertThat(json.get("level").getAsString()).isEqualTo("INFO");
                    assertThat(json.get("formattedMessage").getAsString()).contains("recipients=1");
                    assertThat(json.get("timestamp").getAsLong()).isPositive();
                    assertThat(json.getAsJsonObject("mdc").get("session").getAsString())
                            .isNotEmpty();
                }
            }
        }
    }

    @Test
    @Needs(Tool.CURL)
    void keystoreServesTls(@TempDir Path directory) throws Exception {
        Path keystore = directory.resolve("keys.jks");
        Path password = Files.writeString(directory.resolve("password"), "changeit\n");
        RelayProcess.run(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-J-XX:TieredStopAtLevel=1",
                        "-J-XX:+UseSerialGC",
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "JKS",
                        "-storepass",
                        "changeit",
                        "-keypass",
                        "changeit",
                        "-keystore",
                        keystore.toString()))
                .assertSucceeded();
        Path file = Files.writeString(directory.resolve("message"), TEXT);
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = RelayProcess.start(
                        "--listen-tls",
                        "127.0.0.1:0",
                        "--tls-keystore",
                        keystore.toString(),
                        "--tls-keystore-password-file",
                        password.toString(),
                        "--user",
                        "ann@example.org:secret",
                        "--upstream",
                        "smtp://127.0.0.1:" + upstream.port())) {
            int port = relay.awaitListener("tls").getPort();
            curl("smtps://127.0.0.1:" + port, file).assertSucceeded();
            assertArrived(upstream.awaitMessage());
        }
    }

    @Test
    @Needs(Tool.CURL)
    void logsInAtAnUpstreamInClearWhereTold(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("message"), TEXT);
        try (FakeUpstream upstream = FakeUpstream.start().withCredentials("postern", "staple");
                RelayProcess relay = RelayProcess.start(
                        "--listen",
                        "127.0.0.1:0",
                        "--user",
                        "ann@example.org:secret",
                        "--allow-plaintext-auth",
                        "--allow-plaintext-upstream-auth",
                        "--upstream",
                        "smtp://postern:staple@127.0.0.1:" + upstream.port())) {
            curl("smtp://127.0.0.1:" + relay.awaitListener("plain").getPort(), file)
                    .assertSucceeded();
            assertArrived(upstream.awaitMessage());
        }
    }

    @Test
    @Needs(Tool.CURL)
    void upstreamsAreTriedInOrderOfPriority(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("message"), TEXT);
        try (FakeUpstream down = FakeUpstream.start();
                FakeUpstream up = FakeUpstream.start();
                RelayProcess relay = RelayProcess.start(
                        "--listen",
                        "127.0.0.1:0",
                        "--user",
                        "ann@example.org:secret",
                        "--allow-plaintext-auth",
                        "--upstream-timeout",
                        "5s",
                        "--upstream",
                        "smtp://127.0.0.1:" + down.port(),
                        "--upstream",
                        "smtp://127.0.0.1:" + up.port())) {
            down.refuseConnections();
            curl("smtp://127.0.0.1:" + relay.awaitListener("plain").getPort(), file)
                    .assertSucceeded();
            assertArrived(up.awaitMessage());
        }
    }

    @Test
    @Needs(Tool.SMTP_SOURCE)
    void smtpSourceOfATrustedAddressDeliversHundredMessages() throws Exception {
        try (FakeUpstream direct = FakeUpstream.start();
                FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = trusting(upstream)) {
            smtpSource(1, direct.port()).assertSucceeded();
            smtpSource(100, relay.awaitListener("plain").getPort()).assertSucceeded();

            String body = body(direct.awaitMessage().content());
            assertThat(upstream.messages()).hasSize(100);
            for (ReceivedMessage message : upstream.messages()) {
                assertThat(message.reversePath()).isEqualTo("a@client.test");
                assertThat(message.recipientAddresses()).containsExactly("b@dest.test");
                assertThat(body(message.content())).isEqualTo(body);
            }
        }
    }

    @Test
    @Needs(Tool.SWAKS)
    void swaksDeliversOverAuthLogin(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("message"), TEXT.replace("\r\n", "\n"));
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = withPlaintextAuth(upstream)) {
            RelayProcess.run(List.of(
                            Tool.SWAKS.path(),
                            "--server",
                            "127.0.0.1",
                            "--port",
                            port(relay),
                            "--auth",
                            "LOGIN",
                            "--auth-user",
                            "ann@example.org",
                            "--auth-password",
                            "secret",
                            "--from",
                            "ann@example.org",
                            "--to",
                            "bob@example.net",
                            "--data",
                            "@" + file))
                    .assertSucceeded();
            // swaks ends the content with a line end of its own
            assertThat(withoutAdded(upstream.awaitMessage())).startsWith(TEXT).isEqualToIgnoringWhitespace(TEXT);
        }
    }

    @Test
    @Needs(Tool.PYTHON)
    void pythonDeliversOverAuthPlain(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("message"), TEXT);
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = withPlaintextAuth(upstream)) {
            python(port(relay), file, "s.login('ann@example.org', 'secret')").assertSucceeded();
            assertArrived(upstream.awaitMessage());
        }
    }

    @Test
    @Needs(Tool.PYTHON)
    void messageOf20MibPassesAndAnOctetMoreIsRefusedWith523InAHeapOf64M(@TempDir Path directory) throws Exception {
        byte[] most = new byte[20 << 20];
        Arrays.fill(most, (byte) 'x');
        byte[] fields = (FIELDS + "\r\n").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(fields, 0, most, 0, fields.length);
        for (int end = most.length; end > fields.length + 1; end -= 78) {
            most[end - 2] = '\r';
            most[end - 1] = '\n';
        }
        Path fits = Files.write(directory.resolve("fits"), most);
        byte[] more = Arrays.copyOf(most, most.length + 1);
        more[more.length - 3] = 'x';
        more[more.length - 2] = '\r';
        more[more.length - 1] = '\n';
        Path over = Files.write(directory.resolve("over"), more);
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = RelayProcess.startWith(
                        List.of("-Xmx64m"),
                        "--listen",
                        "127.0.0.1:0",
                        "--user",
                        "ann@example.org:secret",
                        "--trust",
                        "127.0.0.1=ann@example.org",
                        "--upstream",
                        "smtp://127.0.0.1:" + upstream.port())) {
            String port = port(relay);
            for (int i = 0; i < 4; i++) { // more than the heap, one after the other
                python(port, fits, "").assertSucceeded();
                byte[] arrived = upstream.awaitMessage().content();
                assertThat(arrived.length).isGreaterThanOrEqualTo(most.length);
                // fix-ups stand before what was sent
                int added = arrived.length - most.length;
                assertThat(Arrays.equals(arrived, added, arrived.length, most, 0, most.length))
                        .isTrue();
            }
            // without SIZE, so that the content is what tells
            RelayProcess.Client refused = python(port, over, "s.esmtp_features.pop('size')");
            assertThat(refused.output()).contains("523").contains("5.3.4 Message size exceeds fixed maximum");
            // and with SIZE, at MAIL
            assertThat(python(port, over, "").output()).contains("523").contains("5.3.4");
            assertThat(upstream.messages()).hasSize(4);
            python(port, fits, "").assertSucceeded(); // the relay serves on
        }
    }

    @Test
    @Needs(Tool.SMTP_SOURCE)
    void messagesWaitForOneOfTheUpstreamConnections() throws Exception {
        try (FakeUpstream upstream = FakeUpstream.start();
                RelayProcess relay = RelayProcess.start(
                        "--listen", "127.0.0.1:0",
                        "--user", "a@client.test:unused",
                        "--trust", "127.0.0.0/8=a@client.test",
                        "--limit", "messages=0",
                        "--upstream-connections", "1",
                        "--upstream", "smtp://127.0.0.1:" + upstream.port())) {
            smtpSource(50, relay.awaitListener("plain").getPort()).assertSucceeded();
            assertThat(upstream.messages()).hasSize(50);
            assertThat(upstream.connections()).isEqualTo(1);
        }
    }

    private static RelayProcess trusting(FakeUpstream upstream) {
        // what the load run says: no authenticator is needed when everybody is trusted
        return RelayProcess.start(
                "--listen", "127.0.0.1:0",
                "--user", "a@client.test:unused",
                "--trust", "127.0.0.0/8=a@client.test",
                "--limit", "messages=0",
                "--upstream", "smtp://127.0.0.1:" + upstream.port());
    }

    private static RelayProcess withPlaintextAuth(FakeUpstream upstream) {
        return RelayProcess.start(
                "--listen",
                "127.0.0.1:0",
                "--user",
                "ann@example.org:secret",
                "--allow-plaintext-auth",
                "--upstream",
                "smtp://127.0.0.1:" + upstream.port());
    }

    private static String port(RelayProcess relay) throws InterruptedException {
        return Integer.toString(relay.awaitListener("plain").getPort());
    }

    private static RelayProcess.Client smtpSource(int messages, int port) throws Exception {
        return RelayProcess.run(List.of(
                Tool.SMTP_SOURCE.path(),
                "-M",
                "client.test",
                "-f",
                "a@client.test",
                "-t",
                "b@dest.test",
                "-m",
                Integer.toString(messages),
                "-s",
                "5",
                "-l",
                "4096",
                "127.0.0.1:" + port));
    }

    static RelayProcess.Client curl(String url, Path file, String... more) throws Exception {
        List<String> command = List.of(
                Tool.CURL.path(),
                "-sS",
                List.of(more).contains("--cacert") ? "--ssl-reqd" : "--insecure",
                "--url",
                url,
                "--user",
                "ann@example.org:secret",
                "--mail-from",
                "ann@example.org",
                "--mail-rcpt",
                "bob@example.net",
                "--upload-file",
                file.toString());
        return RelayProcess.run(
                Stream.concat(command.stream(), Arrays.stream(more)).toList());
    }

    private static RelayProcess.Client python(String port, Path file, String before) throws Exception {
        String script = "import smtplib\ns = smtplib.SMTP('127.0.0.1', " + port + ")\ns.ehlo()\n" + before
                + "\ns.sendmail('ann@example.org', ['bob@example.net'], open('" + file
                + "', 'rb').read(), [] if not s.has_extn('8bitmime') else ['body=8bitmime'])\ns.quit()\n";
        return RelayProcess.run(List.of(Tool.PYTHON.path(), "-c", script));
    }

    private static void assertArrived(ReceivedMessage message) {
        assertThat(message.reversePath()).isEqualTo("ann@example.org");
        assertThat(message.recipientAddresses()).containsExactly("bob@example.net");
        assertThat(withoutAdded(message)).isEqualTo(TEXT);
    }

    /** Takes the Received: field off that the relay puts first. */
    private static String withoutAdded(ReceivedMessage message) {
        return message.contentText().replaceFirst("\\AReceived: [^\r]*(\r\n[ \t][^\r]*)*\r\n", "");
    }

    private static String body(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return text.substring(text.indexOf("\r\n\r\n"));
    }
}
