package dev.postern.rfc;

import static dev.postern.rfc.Dialogue.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.Scene;
import dev.postern.settings.AuthSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.testkit.Access;
import dev.postern.tools.Needs;
import dev.postern.tools.OnAnyJdk;
import dev.postern.tools.Tool;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7628, SASL Mechanisms for OAuth; and XOAUTH2, which most programs have in place of it. */
@OnAnyJdk
class Rfc7628Test {

    private static final String TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
    private static final String EXPLANATION = base64("{\"status\":\"invalid_token\",\"schemes\":\"bearer\"}");

    /** What the host was shown: mechanism, user and whether the secret is the token. */
    private final List<String> shown = new CopyOnWriteArrayList<>();

    private final Authenticator tokens = (credentials, client) -> {
        boolean right = credentials.secretEquals(TOKEN);
        shown.add(credentials.mechanism() + " <" + credentials.username() + "> " + right);
        return right ? AuthResult.authenticated(Identity.of("alice@client.test")) : AuthResult.denied();
    };

    private Scene scene() {
        return Scene.open(b -> b.auth(Scene.auth().withTokens(tokens)));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String octets(String text) {
        return text.replace("^A", "\1").replace("TOKEN", TOKEN);
    }

    @Test
    void bothAreOfferedWhereTheHostTakesTokensAndAuthMayBeDone() {
        try (Scene scene = scene()) {
            assertThat(scene.ready(Access.STARTTLS).ehlo().extensions())
                    .contains("AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2");
        }
        try (Scene scene = Scene.bare(b -> b.auth(AuthSettings.defaults().withTokens(tokens)))) {
            assertThat(scene.ready(Access.CLEAR).ehlo().extensions()).noneMatch(e -> e.startsWith("AUTH"));
            assertThat(scene.ready(Access.IMPLICIT_TLS).ehlo().extensions()).contains("AUTH OAUTHBEARER XOAUTH2");
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH OAUTHBEARER
                    S: 538 5.7.0 Must issue a STARTTLS command first
                    """);
            hold(scene.ready(Access.STARTTLS), """
                    C: AUTH PLAIN AGFsaWNlAGFsaWNl
                    S: 504 5.5.4 Authentication mechanism not supported
                    """);
        }
        try (Scene scene = Scene.open()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH OAUTHBEARER
                    S: 504 5.5.4 Authentication mechanism not supported
                    C: AUTH XOAUTH2
                    S: 504 5.5.4 Authentication mechanism not supported
                    """);
        }
        assertThat(shown).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OAUTHBEARER | n,a=alice@client.test,^Ahost=relay.test^Aport=587^Aauth=Bearer TOKEN^A^A | alice@client.test",
                "oauthbearer | n,a=alice@client.test,^Aauth=Bearer TOKEN^Ahost=relay.test^A^A | alice@client.test",
                "OAUTHBEARER | y,a=al=2Cice=3D@client.test,^Aauth=bearer  TOKEN^A^A | al,ice=@client.test",
                "OAUTHBEARER | n,,^Aauth=Bearer TOKEN^A^A | ''",
                "XOAUTH2 | user=alice@client.test^Aauth=Bearer TOKEN^A^A | alice@client.test",
                "xoauth2 | user=j\u00f6rg@client.test^Aauth=BEARER TOKEN^A^A | j\u00f6rg@client.test",
            })
    void s3_1_theTokenIsShownToTheHost(String mechanism, String response, String user) {
        try (Scene scene = scene()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH %s %s
                    S: 235 2.7.0 Authentication succeeded
                    C: MAIL FROM:<alice@client.test>
                    S: 250 2.1.0 Sender ok
                    """.formatted(mechanism, base64(octets(response))));
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH %s
                    S: 334\s
                    C: %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(mechanism, base64(octets(response))));
        }
        String once = mechanism.toUpperCase(Locale.ROOT) + " <" + user + "> true";
        assertThat(shown).containsExactly(once, once);
    }

    @ParameterizedTest
    @CsvSource({
        "OAUTHBEARER, 'n,a=alice@client.test,^Aauth=Bearer wrong^A^A', AQ==",
        "OAUTHBEARER, 'n,a=alice@client.test,^Aauth=Bearer wrong^A^A', *",
        "XOAUTH2, user=alice@client.test^Aauth=Bearer wrong^A^A, ''",
        "XOAUTH2, user=alice@client.test^Aauth=Bearer wrong^A^A, no base64",
    })
    void s3_2_3_aRefusedTokenIsExplainedThenRefusedWhateverTheClientAnswers(
            String mechanism, String response, String answer) {
        try (Scene scene = scene()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH %s %s
                    S: 334 %s
                    C: %s
                    S: 535 5.7.8 Authentication credentials invalid
                    C: MAIL FROM:<alice@client.test>
                    S: 530 5.7.0 Authentication required
                    C: AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(mechanism, base64(octets(response)), EXPLANATION, answer));
        }
        assertThat(shown).containsExactly(mechanism + " <alice@client.test> false");
    }

    @Test
    void s3_2_2_aClientIsToldWhereItGetsARightToken() {
        AuthSettings auth = Scene.auth()
                .withTokens(tokens)
                .withTokenHelp("mail.send profile", URI.create("https://id.test/.well-known/openid-configuration"));
        String told = base64("{\"status\":\"invalid_token\",\"schemes\":\"bearer\",\"scope\":\"mail.send profile\","
                + "\"openid-configuration\":\"https://id.test/.well-known/openid-configuration\"}");
        try (Scene scene = Scene.open(b -> b.auth(auth))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH OAUTHBEARER %s
                    S: 334 %s
                    C: AQ==
                    S: 535 5.7.8 Authentication credentials invalid
                    """.formatted(base64(octets("n,,^Aauth=Bearer wrong^A^A")), told));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"OAUTHBEARER", "XOAUTH2"})
    void s3_2_2_aTokenThatLacksAScopeIsToldSoAndCountsAsAFailure(String mechanism) {
        Authenticator lacking = (credentials, client) ->
                credentials.secretEquals(TOKEN) ? AuthResult.insufficientScope() : AuthResult.denied();
        String help = ",\"scope\":\"mail.send\",\"openid-configuration\":\"https://id.test/c\"}";
        AuthSettings auth = Scene.auth()
                .withTokens(lacking)
                .withTokenHelp("mail.send", URI.create("https://id.test/c"))
                .withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5));
        String user = mechanism.equals("XOAUTH2") ? "user=alice@client.test" : "n,,";
        try (Scene scene = Scene.open(b -> b.auth(auth))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH %1$s %2$s
                    S: 334 %3$s
                    C: AQ==
                    S: 535 5.7.8 Authentication credentials invalid
                    C: AUTH %1$s %4$s
                    S: 334 %5$s
                    C: AQ==
                    S: 535 5.7.8 Authentication credentials invalid
                    C: AUTH %1$s %2$s
                    S: 535 5.7.8 Authentication blocked due to too many failed attempts
                    """.formatted(
                            mechanism,
                            base64(octets(user + "^Aauth=Bearer TOKEN^A^A")),
                            base64("{\"status\":\"insufficient_scope\",\"schemes\":\"bearer\"" + help),
                            base64(octets(user + "^Aauth=Bearer wrong^A^A")),
                            base64("{\"status\":\"invalid_token\",\"schemes\":\"bearer\"" + help)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a  b", "a\"b", "a\\b", "a\u0007", "\u00fc", " a"})
    void s3_2_2_whatIsNoScopeIsNotTold(String scope) {
        assertThatThrownBy(() -> Scene.auth().withTokenHelp(scope, URI.create("https://id.test/")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("scope");
        assertThatThrownBy(() -> Scene.auth().withTokenHelp("a", URI.create("/" + "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("openidConfiguration");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OAUTHBEARER ",
                "OAUTHBEARER n,,",
                "OAUTHBEARER n,,^A^A",
                "OAUTHBEARER n,,^Aauth=Bearer TOKEN^A",
                "OAUTHBEARER n,,^Aauth=Bearer TOKEN",
                "OAUTHBEARER n,,^Aauth=Bearer TOKEN^A^A^A",
                "OAUTHBEARER n,,^Aauth=Bearer ^A^A",
                "OAUTHBEARER n,,^Aauth=BearerTOKEN^A^A",
                "OAUTHBEARER n,,^Aauth=Basic TOKEN^A^A",
                "OAUTHBEARER n,,^Aauth=Bearer TO KEN^A^A",
                "OAUTHBEARER n,,^Aauth=Bearer TOKEN^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,,^Aauth=Basic x^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,,^Anokey^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,,^Ak=\u0007^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER p=tls-exporter,,^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER x,,^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,a=,^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,a=a,b,^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,a=a=b,^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER n,a=a\u0007,^Aauth=Bearer TOKEN^A^A",
                "OAUTHBEARER user=alice@client.test^Aauth=Bearer TOKEN^A^A",
                "XOAUTH2 ",
                "XOAUTH2 user=^Aauth=Bearer TOKEN^A^A",
                "XOAUTH2 user=a\0b^Aauth=Bearer TOKEN^A^A",
                "XOAUTH2 user=a^Ahost=b^Aauth=Bearer TOKEN^A^A",
                "XOAUTH2 n,a=a,^Aauth=Bearer TOKEN^A^A",
                "XOAUTH2 user=a^Aauth=Bearer TOKEN^A",
            })
    void s3_1_whatIsNoResponseIs501AndNotShownToTheHost(String login) {
        String mechanism = login.substring(0, login.indexOf(' '));
        String response = base64(octets(login.substring(mechanism.length() + 1)));
        try (Scene scene = scene()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH %s %s
                    S: 501 5.5.2 Cannot decode authentication data
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """.formatted(mechanism, response.isEmpty() ? "=" : response));
        }
        assertThat(shown).isEmpty();
    }

    @Test
    void theLongestLineOfPiecesIsReadWithoutHarm() {
        try (Scene scene = scene()) {
            String pieces = "n,," + "^Ak=".repeat(3000).substring(0, 8700) + "^Aauth=Bearer TOKEN^A^A";
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH OAUTHBEARER %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64(octets(pieces))));
            String escapes = "n,a=" + "=2C".repeat(255) + ",^Aauth=Bearer TOKEN^A^A";
            String longer = "n,a=" + "=2C".repeat(2900) + ",^Aauth=Bearer TOKEN^A^A"; // than any name
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH OAUTHBEARER %s
                    S: 501 5.5.2 Cannot decode authentication data
                    C: AUTH OAUTHBEARER %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64(octets(longer)), base64(octets(escapes))));
        }
    }

    @Test
    void refusedTokensBlockTheAddressAsWrongPasswordsDo() {
        String wrong = base64(octets("user=alice@client.test^Aauth=Bearer wrong^A^A"));
        try (Scene scene = Scene.open(b -> b.auth(
                Scene.auth().withTokens(tokens).withFailures(2, Duration.ofMinutes(10), Duration.ofMinutes(5))))) {
            String refused = """
                    C: AUTH XOAUTH2 %s
                    S: 334 %s
                    C:
                    S: 535 5.7.8 Authentication credentials invalid
                    """.formatted(wrong, EXPLANATION);
            hold(scene.ready(Access.CLEAR), refused + refused + """
                    C: AUTH XOAUTH2 %s
                    S: 535 5.7.8 Authentication blocked due to too many failed attempts
                    """.formatted(wrong));
        }
        assertThat(shown).hasSize(2);
    }

    /** Its octets must not be run as commands. */
    @Test
    void aChunkInPlaceOfTheAnswerToTheExplanationEndsTheSession() {
        try (Scene scene = scene()) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH XOAUTH2 %s
                    S: 334 %s
                    C: BDAT 6
                    C: QUIT
                    S: 501 5.5.2 Cannot decode authentication data
                    -- closed
                    """.formatted(
                            base64(octets("user=alice@client.test^Aauth=Bearer wrong^A^A")), EXPLANATION));
        }
    }

    @Test
    void noPasswordIsShownToTheOneNorATokenToTheOther() {
        List<String> passwords = new ArrayList<>();
        Authenticator users = (credentials, client) -> {
            passwords.add(credentials.mechanism());
            return AuthResult.denied();
        };
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.passwords(users).withPlaintext().withTokens(tokens)))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH PLAIN AGFsaWNlQGNsaWVudC50ZXN0AGFsaWNl
                    S: 535 5.7.8 Authentication credentials invalid
                    C: AUTH XOAUTH2 %s
                    S: 235 2.7.0 Authentication succeeded
                    """.formatted(base64(octets("user=a@client.test^Aauth=Bearer TOKEN^A^A"))));
        }
        assertThat(passwords).containsExactly("PLAIN");
        assertThat(shown).containsExactly("XOAUTH2 <a@client.test> true");
    }

    @Test
    void aTokenAuthenticatorThatBreaksLetsNobodyIn() {
        try (Scene scene = Scene.open(b -> b.auth(Scene.auth().withTokens((credentials, client) -> {
            throw new IllegalStateException("a defect of the host");
        })))) {
            hold(scene.ready(Access.CLEAR), """
                    C: AUTH OAUTHBEARER %s
                    S: 454 4.7.0 Temporary authentication failure
                    C: NOOP
                    S: 250 2.0.0 Ok
                    """.formatted(base64(octets("n,,^Aauth=Bearer TOKEN^A^A"))));
        }
    }

    /** Sends a message with a token, and a second one with a wrong token, which is refused. */
    private void sendTwo(String mechanism, Path directory, Function<SmtpAndToken, List<String>> command)
            throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        try (Scene scene = scene()) {
            for (String token : new String[] {TOKEN, "wrong"}) {
                Process client = new ProcessBuilder(command.apply(new SmtpAndToken(scene.relay.port(), token)))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                assertThat(client.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(client.exitValue() == 0).as(Files.readString(output)).isEqualTo(token.equals(TOKEN));
            }
            assertThat(scene.upstream.messages()).hasSize(1);
        }
        assertThat(shown)
                .containsExactly(mechanism + " <alice@client.test> true", mechanism + " <alice@client.test> false");
    }

    /** What a client's command line needs to know. */
    private record SmtpAndToken(int port, String token) {}

    @Test
    @Needs(Tool.CURL)
    void curlSendsByOauthbearer(@TempDir Path directory) throws IOException, InterruptedException {
        Path message = Files.writeString(directory.resolve("message"), Scene.MESSAGE);
        sendTwo(
                "OAUTHBEARER",
                directory,
                to -> List.of(
                        Tool.CURL.path(),
                        "-sS",
                        "smtp://127.0.0.1:" + to.port() + "/client.test",
                        "--user",
                        "alice@client.test:",
                        "--oauth2-bearer",
                        to.token(),
                        "--mail-from",
                        "alice@client.test",
                        "--mail-rcpt",
                        "bob@dest.test",
                        "--upload-file",
                        message.toString()));
    }

    @Test
    @Needs(Tool.PYTHON)
    void pythonSendsByXoauth2(@TempDir Path directory) throws IOException, InterruptedException {
        String script = """
                import smtplib, sys
                smtp = smtplib.SMTP('127.0.0.1', int(sys.argv[1]))
                smtp.ehlo()
                answers = ['user=alice@client.test\\1auth=Bearer ' + sys.argv[2] + '\\1\\1', '']
                smtp.auth('XOAUTH2', lambda challenge=None: answers.pop(0))
                smtp.sendmail('alice@client.test', ['bob@dest.test'], sys.argv[3])
                smtp.quit()
                """;
        sendTwo(
                "XOAUTH2",
                directory,
                to -> List.of(Tool.PYTHON.path(), "-c", script, String.valueOf(to.port()), to.token(), Scene.MESSAGE));
    }
}
