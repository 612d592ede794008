package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.settings.AuthSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.StandardReply;
import dev.postern.testkit.Access;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's name with a control character is none in any mechanism, and no authenticator sees it. */
class UserNameTest {

    private final AtomicInteger looked = new AtomicInteger();
    private final Authenticator counting = (credentials, client) -> {
        looked.incrementAndGet();
        return AuthResult.denied();
    };

    private Scene scene() {
        return Scene.bare(b ->
                b.auth(AuthSettings.passwords(counting).withTokens(counting).withPlaintext()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static Stream<String> unfit() {
        return Stream.of(
                        "\0", "\1", "\t", "\r", "\n", "\u001b", "\u007f", "\u0080", "\u0085", "\u009f", "\u2028",
                        "\u2029")
                .flatMap(c -> Stream.of(c + "ann", "a" + c + "nn", "ann" + c));
    }

    @OnAnyJdk
    @ParameterizedTest
    @MethodSource("unfit")
    void isMalformedInEveryMechanism(String name) {
        try (Scene scene = scene()) {
            for (String command : new String[] {
                "AUTH PLAIN " + base64("\0" + name + "\0secret"),
                "AUTH PLAIN " + base64(name + "\0ann\0secret"),
                "AUTH LOGIN " + base64(name),
                "AUTH OAUTHBEARER " + base64("n,a=" + name + ",\1auth=Bearer abc\1\1"),
                "AUTH XOAUTH2 " + base64("user=" + name + "\1auth=Bearer abc\1\1"),
            }) {
                SmtpProbe probe = scene.ready(Access.CLEAR);
                assertThat(probe.send(command)).as(command).isStandardReply(StandardReply.AUTH_MALFORMED);
                probe.close();
            }
            assertThat(looked).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ann", "ann müller", "安", "a\u00a0b"})
    void otherNamesAreLookedAt(String name) {
        try (Scene scene = scene()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            assertThat(probe.authPlain(name, "se\tcret")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(probe.authLogin(name, "se\0\u0085cret")).isStandardReply(StandardReply.AUTH_CREDENTIALS_INVALID);
            assertThat(looked).hasValue(2);
        }
    }
}
