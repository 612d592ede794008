package dev.postern.internal.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.internal.auth.AuthGate.Exchange;
import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Identity;
import dev.postern.spi.Reply;
import dev.postern.spi.ScramDirectory;
import dev.postern.spi.ScramKeys;
import dev.postern.spi.ScramLookup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One exchange, message by message, with nonces that are known. */
class ScramLoginTest {

    private static final ScramKeys PENCIL = ScramKeys.parse("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO" + SERVER_NONCE;
    private static final String PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    private final List<String> asked = new ArrayList<>();
    private final byte[] secret = "a secret of the relay's".getBytes(UTF_8);

    private final ScramDirectory directory = (username, client) -> {
        asked.add(username);
        return switch (username) {
            case "user" -> ScramLookup.known(PENCIL, Identity.of("user"));
            case "dead" -> ScramLookup.withoutRelay(PENCIL);
            case "away" -> ScramLookup.unavailable("no answer");
            case "throws" -> throw new IllegalStateException("broken");
            case "like" -> ScramLookup.unknown(ScramKeys.of(new byte[40], 5000, new byte[32], new byte[32]));
            default -> ScramLookup.unknown();
        };
    };

    private Exchange exchange(ScramDirectory users, byte[] salts, String mechanism, boolean plusOffered, String nonce) {
        InetSocketAddress here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 25);
        return new ScramLogin(Guarded.inline("ScramDirectory", users), salts, () -> nonce)
                .begin(
                        mechanism,
                        plusOffered,
                        ClientInfo.of("s-1", here, here),
                        type -> type.equals("tls-exporter") ? Optional.of(new byte[] {1, 2, 3}) : Optional.empty());
    }

    private Exchange exchange() {
        return exchange(directory, secret, "SCRAM-SHA-256", false, SERVER_NONCE);
    }

    private static Step say(Exchange exchange, String message) {
        return exchange.respond(message.getBytes(UTF_8));
    }

    private static String challenge(Reply reply) {
        String wire = reply.toString();
        assertThat(wire).startsWith("334 ");
        return new String(Base64.getDecoder().decode(wire.substring(4)), UTF_8);
    }

    private static String challenge(Step step) {
        assertThat(step).isInstanceOf(Step.Challenge.class);
        return challenge(((Step.Challenge) step).reply());
    }

    private static AuthResult shown(Step step) {
        assertThat(step).isInstanceOf(Step.Shown.class);
        return ((Step.Shown) step).check().get();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    @Test
    void theExampleOfRfc7677() {
        Exchange exchange = exchange();
        assertThat(challenge(exchange.invitation())).isEmpty();
        assertThat(challenge(say(exchange, FIRST))).isEqualTo("r=" + NONCE + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assertThat(exchange.confirmation()).isEmpty();
        assertThat(shown(say(exchange, "c=biws,r=" + NONCE + ",p=" + PROOF)))
                .isEqualTo(AuthResult.authenticated(Identity.of("user")));
        assertThat(challenge(exchange.confirmation().orElseThrow()))
                .isEqualTo("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    /** With SHA-256 in place of SHA-1; keys, proof and signature computed by Python's hashlib. */
    @Test
    void theMessagesOfRfc5802() {
        ScramKeys keys = ScramKeys.parse("SCRAM-SHA-256$4096:QSXCR+Q6sek8bf92$"
                + "FO+9jBb3MUukt6jJnzjPZOWc5ow/Pu6JtPyju0aqaE8=:qxJ1SbmSAi5EcS0J5Ck/cKAm/+Ixa+Kwp63f4OHDgzo=");
        Exchange exchange = exchange(
                (username, client) -> ScramLookup.known(keys, Identity.of(username)),
                secret,
                "SCRAM-SHA-256",
                false,
                "3rfcNHYJY1ZVvWVs7j");
        assertThat(challenge(say(exchange, "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")))
                .isEqualTo("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
        assertThat(shown(say(
                        exchange,
                        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
                                + "p=qQRLRHGPDGjB+7iVAE7NNi5xEoHKHuLCHPNQ8BTmvds=")))
                .isInstanceOf(AuthResult.Authenticated.class);
        assertThat(challenge(exchange.confirmation().orElseThrow()))
                .isEqualTo("v=XKW6VuW1FANROQabnJBz1KaeCnQL/HZByQtX/iU+o30=");
    }

    // what is no message

    /** Nobody has logged in yet, and to prepare a name may take the square of its length. */
    @Test
    void aNameThatNobodyCanHaveIsMalformedBeforeItIsPrepared() {
        assertThat(say(exchange(), "n,,n=" + "a".repeat(256) + ",r=abc")).isInstanceOf(Step.Malformed.class);
        assertThat(say(exchange(), "n,,n=" + "\u00ad".repeat(252) + "user,r=abc"))
                .isInstanceOf(Step.Malformed.class);
        assertThat(asked).isEmpty();
        assertThat(challenge(say(exchange(), "n,,n=" + "a".repeat(255) + ",r=abc")))
                .startsWith("r=abc");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,",
                "n,,",
                "n,,n=user",
                "n,,n=user,",
                "n,,n=user,r=",
                "n,,n=,r=abc",
                "n,,r=abc,n=user",
                "n,,n=user,x=y,r=abc",
                "n,,N=user,r=abc",
                "n,,n=user,r=a b",
                "n,,n=user,r=a\u00fc",
                "n,,n=user,r=a\u007f",
                "n,,n=us=er,r=abc",
                "n,,n=us=2cer,r=abc",
                "n,,n=us\0er,r=abc",
                "n,,n=us\u0007er,r=abc",
                "n,,n=\u00ad,r=abc", // SASLprep leaves nothing
                "n,,n=\u06271,r=abc", // SASLprep: right to left, and does not end so
                "n,,m=ext,n=user,r=abc", // RFC 5802 section 5.1
                "n,,n=user,r=abc,m=ext",
                "n,,n=user,r=abc,",
                "n,,n=user,r=abc,1=x",
                "n,,n=user,r=abc,x=",
                "n,a=,n=user,r=abc",
                "n,b=user,n=user,r=abc",
                "n,a=us=er,n=user,r=abc",
                "x,,n=user,r=abc",
                "N,,n=user,r=abc",
                "p=,,n=user,r=abc",
                "p=tls exporter,,n=user,r=abc",
                "p=tls-exporter,,n=user,r=abc", // for the mechanism with PLUS
            })
    void whatIsNoFirstMessageIsMalformed(String message) {
        assertThat(say(exchange(), message)).isInstanceOf(Step.Malformed.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void boundsWhatAClientSends() {
        assertThat(say(exchange(), "n,,n=user,r=" + "a".repeat(200))).isInstanceOf(Step.Challenge.class);
        assertThat(say(exchange(), "n,,n=user,r=" + "a".repeat(201))).isInstanceOf(Step.Malformed.class);
        assertThat(say(exchange(), "n,,n=user,r=abc,x=" + "y".repeat(4000))).isInstanceOf(Step.Challenge.class);
        assertThat(say(exchange(), "n,,n=user,r=abc,x=" + "y".repeat(5000))).isInstanceOf(Step.Malformed.class);
        Exchange exchange = exchange();
        say(exchange, FIRST);
        assertThat(say(exchange, "c=biws,r=" + NONCE + ",x=" + "y".repeat(9000) + ",p=" + PROOF))
                .isInstanceOf(Step.Malformed.class);
    }

    @Test
    void theLongestChallengeIsALineOfAReply() {
        ScramKeys longest = ScramKeys.of(new byte[64], ScramKeys.MAX_ITERATIONS, new byte[32], new byte[32]);
        ScramDirectory users = (username, client) -> ScramLookup.known(longest, Identity.of(username));
        Exchange exchange = exchange(users, secret, "SCRAM-SHA-256", false, "b".repeat(24));
        assertThat(challenge(say(exchange, "n,,n=user,r=" + "a".repeat(200)))).endsWith(",i=1000000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=NONCE",
                "r=NONCE,c=biws,p=PROOF",
                "c=biws,r=NONCE,p=",
                "c=biws,r=NONCE,p=AAAA",
                "c=biws,r=NONCE,p=PROOF,x=y",
                "c=biws,r=NONCE,p=PROOF,",
                "c=biw,r=NONCE,p=PROOF",
                "c=bi-s,r=NONCE,p=PROOF",
                "c=,r=NONCE,p=PROOF",
                "c=biws,m=x,r=NONCE,p=PROOF",
                "c=biws,r=NONCE,m=x,p=PROOF",
                "m=x,c=biws,r=NONCE,p=PROOF",
                "c=biws,x=y,r=NONCE,p=PROOF",
                "c=biws,r=NONCE,x,p=PROOF",
            })
    void whatIsNoFinalMessageIsMalformed(String message) {
        Exchange exchange = exchange();
        say(exchange, FIRST);
        assertThat(say(exchange, message.replace("NONCE", NONCE).replace("PROOF", PROOF)))
                .isInstanceOf(Step.Malformed.class);
    }

    // who is asked for, and who it is

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n=user | user",
                "n=us=2Cer=3D | us,er=",
                "n=u\u00adser | user", // SASLprep: mapped to nothing
                "n=\u2168 | IX", // SASLprep: NFKC
                "n=us\u00a0er | us er", // SASLprep: a space
                "n=j\u00f6rg@b\u00fccher.example | j\u00f6rg@b\u00fccher.example",
            })
    void theDirectoryIsAskedForThePreparedName(String attribute, String name) {
        challenge(say(exchange(), "n,," + attribute + ",r=abc"));
        assertThat(asked).containsExactly(name);
    }

    @ParameterizedTest
    @CsvSource({"'n,a=user,'", "'n,a=USER,'", "'n,a=u=2Cser,'"})
    void anAuthorizationIdentityIsTheUserOrRefused(String header) {
        Step step = say(exchange(), header + "n=user,r=rOprNGfwEbeRWgbNEkqO");
        if (header.contains("2C")) {
            assertThat(step).isInstanceOf(Step.Hopeless.class);
            assertThat(asked).isEmpty();
        } else {
            assertThat(step).isInstanceOf(Step.Challenge.class);
        }
    }

    @Test
    void extensionsAreSigned() {
        Exchange exchange = exchange();
        say(exchange, FIRST + ",x=y");
        assertThat(shown(say(exchange, "c=biws,r=" + NONCE + ",p=" + PROOF))).isEqualTo(AuthResult.denied());
    }

    @Test
    void aDirectoryWithoutAnswerIsUnavailable() {
        assertThat(shown(say(exchange(), "n,,n=away,r=abc"))).isEqualTo(AuthResult.unavailable("no answer"));
        assertThat(shown(say(exchange(), "n,,n=throws,r=abc"))).isInstanceOf(AuthResult.Unavailable.class);
    }

    @Test
    void anAccountWithoutRelayIsToldAfterTheRightProofAlone() {
        Exchange exchange = exchange();
        challenge(say(exchange, "n,,n=dead,r=rOprNGfwEbeRWgbNEkqO"));
        assertThat(shown(say(exchange, "c=biws,r=" + NONCE + ",p=" + PROOF))).isEqualTo(AuthResult.denied());
    }

    // an exchange that proves nothing

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "c=biws,r=NONCE,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=NONCE,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=PROOF",
                "c=biws,r=NONCEx,p=PROOF",
                "c=eSws,r=NONCE,p=PROOF", // y,,
                "c=biwsAQID,r=NONCE,p=PROOF",
            })
    void whatIsWrongIsDenied(String message) {
        Exchange exchange = exchange();
        say(exchange, FIRST);
        assertThat(shown(say(exchange, message.replace("NONCE", NONCE).replace("PROOF", PROOF))))
                .isEqualTo(AuthResult.denied());
    }

    @Test
    void noProofOfAnUnknownUserIsRight() {
        Exchange exchange = exchange();
        challenge(say(exchange, "n,,n=nobody,r=rOprNGfwEbeRWgbNEkqO"));
        assertThat(shown(say(exchange, "c=biws,r=" + NONCE + ",p=" + PROOF))).isEqualTo(AuthResult.denied());
    }

    // channel binding (RFC 5802 section 6)

    @Test
    void aClientFromWhichTheOfferWasTakenAwayIsRefused() {
        assertThat(say(exchange(directory, secret, "SCRAM-SHA-256", true, "x"), "y,,n=user,r=abc"))
                .isInstanceOf(Step.Hopeless.class);
        assertThat(say(exchange(directory, secret, "SCRAM-SHA-256", true, "x"), FIRST))
                .isInstanceOf(Step.Challenge.class);
        assertThat(say(exchange(directory, secret, "SCRAM-SHA-256", false, "x"), "y,,n=user,r=abc"))
                .isInstanceOf(Step.Challenge.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"n,,", "y,,"})
    void plusNeedsABinding(String header) {
        assertThat(say(exchange(directory, secret, "SCRAM-SHA-256-PLUS", true, "x"), header + "n=user,r=abc"))
                .isInstanceOf(Step.Malformed.class);
    }

    @Test
    void aBindingThatTheConnectionHasNotIsUnsupported() {
        assertThat(say(exchange(directory, secret, "SCRAM-SHA-256-PLUS", true, "x"), "p=tls-unique,,n=user,r=abc"))
                .isInstanceOf(Step.Unsupported.class);
    }

    // what unknown users are shown

    private String salt(byte[] salts, String user) {
        String first =
                challenge(say(exchange(directory, salts, "SCRAM-SHA-256", false, "x"), "n,,n=" + user + ",r=abc"));
        return first.substring(first.indexOf(",s="));
    }

    @Test
    void anUnknownUserHasASaltThatStays() {
        String nobody = salt(secret, "nobody");
        assertThat(nobody).matches(",s=[A-Za-z0-9+/]{22}==,i=4096");
        assertThat(salt(secret, "nobody")).isEqualTo(nobody);
        assertThat(salt(secret, "NOBODY")).isEqualTo(nobody);
        assertThat(salt(secret, "somebody")).isNotEqualTo(nobody);
        assertThat(salt("another secret".getBytes(UTF_8), "nobody")).isNotEqualTo(nobody);
        assertThat(salt(new byte[0], "nobody")).isNotEqualTo(salt(new byte[0], "nobody"));
    }

    @Test
    void anUnknownUserLooksLikeOthers() {
        assertThat(salt(secret, "like"))
                .matches(",s=[A-Za-z0-9+/]{54}==,i=5000")
                .isEqualTo(salt(secret, "like"));
    }

    @Test
    void whatTheClientBoundIsCompared() {
        Exchange exchange = exchange(directory, secret, "SCRAM-SHA-256-PLUS", true, SERVER_NONCE);
        challenge(say(exchange, "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        assertThat(shown(say(
                        exchange, "c=" + base64("p=tls-exporter,,\u0001\u0002\u0004") + ",r=" + NONCE + ",p=" + PROOF)))
                .isEqualTo(AuthResult.denied());
    }
}
