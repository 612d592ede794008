package dev.postern.jwt;

import static dev.postern.jwt.Issuer.claims;
import static dev.postern.jwt.Issuer.header;
import static dev.postern.jwt.Issuer.sign;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Credentials;
import dev.postern.spi.Identity;
import dev.postern.spi.IdentityLimits.Limit;
import dev.postern.spi.QuotaPlan;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.TestMessage;
import dev.postern.tools.OnAnyJdk;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JWTs, by keys that their issuer publishes. */
class SignedTokensTest {

    private static final ECKey KEY = Issuer.key("k1");
    private static final ECKey NEXT = Issuer.key("k2");
    private static final ECKey FOREIGN = Issuer.key("k1"); // by the same name
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final TestClock clock = new TestClock(Issuer.NOW);
    private Issuer issuer;

    @BeforeEach
    void start() throws Exception {
        issuer = new Issuer(0);
        issuer.publish(KEY);
    }

    @AfterEach
    void stop() {
        issuer.close();
    }

    private TokenAuthenticatorBuilder builder() {
        return TokenAuthenticator.ofKeys(Issuer.NAME, issuer.uri())
                .plaintext()
                .audience("relay", "mail")
                .scopes("mail.send")
                .clock(clock);
    }

    static AuthResult login(Authenticator tokens, String user, String token) {
        byte[] octets = token.getBytes(StandardCharsets.UTF_8);
        try (Credentials credentials = new Credentials("OAUTHBEARER", user, octets)) {
            return tokens.authenticate(credentials, TestMessage.clientAt("192.0.2.1"));
        }
    }

    private static AuthResult login(Authenticator tokens, String token) {
        return login(tokens, "", token);
    }

    static Identity identity(AuthResult result) {
        assertThat(result).isInstanceOf(AuthResult.Authenticated.class);
        return ((AuthResult.Authenticated) result).identity();
    }

    /** Whoever may register with the issuer would otherwise log in as whom they like. */
    @OnAnyJdk
    @Test
    void anEmailThatIsNotVerifiedIsNobodys() {
        for (Object verified : List.of(false, "false", "False", true, "true")) {
            String token = sign(KEY, claims().claim("email", "eve@example.org").claim("email_verified", verified));
            boolean in = String.valueOf(verified).equals("true");
            assertThat(login(builder().user("email").build(), token))
                    .isInstanceOf(in ? AuthResult.Authenticated.class : AuthResult.Denied.class);
            assertThat(login(builder().account("email").build(), token))
                    .isInstanceOf(in ? AuthResult.Authenticated.class : AuthResult.Denied.class);
            assertThat(login(builder().build(), token)).isInstanceOf(AuthResult.Authenticated.class);
        }
    }

    @Test
    void anIdentityIsWhatTheTokenSays() {
        Authenticator tokens = builder()
                .account("tenant")
                .domains("domains")
                .relayScope("relay")
                .limit(Limit.QUOTA_PER_DAY, "quota")
                .limit(Limit.SESSIONS_PER_USER, "sessions")
                .build();
        JWTClaimsSet.Builder claims = claims().claim("scope", List.of("mail.send", "relay"))
                .claim("tenant", "Acme")
                .claim("domains", List.of("example.org", "*.example.com"))
                .claim("quota", 100);
        Identity ann = identity(login(tokens, sign(KEY, claims)));
        assertThat(List.of(ann.user(), ann.accountAsGiven())).containsExactly("ann@example.org", "Acme");
        assertThat(ann.domains()).containsExactlyInAnyOrder("example.org", "*.example.com");
        assertThat(ann.limits().quota()).contains(QuotaPlan.perDay(100));
        assertThat(ann.limits().sessionsPerUser()).isEmpty();
        Identity bob = identity(login(
                tokens, sign(KEY, claims().claim("scp", List.of("relay")).claim("domains", "a.example b.example"))));
        assertThat(bob.domains()).containsExactlyInAnyOrder("a.example", "b.example");
        assertThat(login(tokens, sign(KEY, claims()))).isEqualTo(AuthResult.relayDisabled());
        assertThat(identity(login(builder().build(), sign(KEY, claims()))).domains())
                .containsExactly("example.org");
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "ann@example.org, true",
        "ANN@Example.ORG, true",
        "bob@example.org, false",
        "ann, false",
        "'ann@example.org ', false",
        "*, false"
    })
    void theClientIsWhomTheTokenSays(String user, boolean in) {
        AuthResult result = login(builder().build(), user, sign(KEY, claims()));
        assertThat(result instanceof AuthResult.Authenticated).isEqualTo(in);
        assertThat(result instanceof AuthResult.Denied).isNotEqualTo(in);
    }

    private static Arguments wrong(String what, UnaryOperator<JWTClaimsSet.Builder> change) {
        return Arguments.of(what, change);
    }

    static Stream<Arguments> wrongClaims() {
        return Stream.of(
                wrong("expired", c -> c.expirationTime(Date.from(Issuer.NOW.minusSeconds(60)))),
                wrong("never expires", c -> c.expirationTime(null)),
                wrong("not valid yet", c -> c.notBeforeTime(Date.from(Issuer.NOW.plusSeconds(61)))),
                wrong("other issuer", c -> c.issuer(Issuer.NAME + "/")),
                wrong("no issuer", c -> c.issuer(null)),
                wrong("other audience", c -> c.audience("other")),
                wrong("audience in part", c -> c.audience("relay2")),
                wrong("null as audience", c -> c.claim("aud", Collections.singletonList(null))),
                wrong("null as scope", c -> c.claim("scope", Collections.singletonList(null))),
                wrong("no audience", c -> c.audience((String) null)),
                wrong("scope is a number", c -> c.claim("scope", 1)),
                wrong("scopes in a map", c -> c.claim("scope", Map.of("mail.send", 1))),
                wrong("no user", c -> c.subject(null)),
                wrong("empty user", c -> c.subject("")),
                wrong("user is a list", c -> c.claim("sub", List.of("ann"))),
                wrong("account is a number", c -> c.claim("tenant", 7)),
                wrong("no domain", c -> c.claim("domains", "not_a_domain")),
                wrong("domains are numbers", c -> c.claim("domains", List.of(1))),
                wrong("limit is text", c -> c.claim("quota", "100")),
                wrong("limit is none", c -> c.claim("quota", 0)),
                wrong("limit is a fraction", c -> c.claim("quota", 1.5)));
    }

    @OnAnyJdk
    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongClaims")
    void aTokenWhoseClaimsAreWrongIsDenied(String what, UnaryOperator<JWTClaimsSet.Builder> change) {
        Authenticator tokens = builder()
                .account("tenant")
                .domains("domains")
                .limit(Limit.QUOTA_PER_MONTH, "quota")
                .build();
        assertThat(login(tokens, sign(KEY, change.apply(claims())))).isEqualTo(AuthResult.denied());
        assertThat(identity(login(tokens, sign(KEY, claims()))).user()).isEqualTo("ann@example.org");
    }

    @Test
    void aTokenThatLacksNothingButAScopeIsToldSo() {
        Authenticator tokens = builder().build();
        for (Object scope : Arrays.asList("openid mail.sending mail", List.of("mail"), null)) {
            JWTClaimsSet.Builder lacking = claims().claim("scope", scope);
            assertThat(login(tokens, sign(KEY, lacking))).isEqualTo(AuthResult.insufficientScope());
            assertThat(login(tokens, sign(FOREIGN, lacking))).isEqualTo(AuthResult.denied());
            for (JWTClaimsSet.Builder worse : List.of(
                    claims().claim("scope", scope).audience("other"),
                    claims().claim("scope", scope).expirationTime(Date.from(Issuer.NOW.minusSeconds(60))),
                    claims().claim("scope", scope).subject(null))) {
                assertThat(login(tokens, sign(KEY, worse))).isEqualTo(AuthResult.denied());
            }
        }
    }

    @OnAnyJdk
    @Test
    void clocksMayDifferByTheSkew() {
        JWTClaimsSet.Builder ended = claims().expirationTime(Date.from(Issuer.NOW.minusSeconds(59)));
        JWTClaimsSet.Builder begins = claims().notBeforeTime(Date.from(Issuer.NOW.plusSeconds(59)));
        for (JWTClaimsSet.Builder near : List.of(ended, begins)) {
            identity(login(builder().build(), sign(KEY, near)));
            assertThat(login(builder().skew(Duration.ZERO).build(), sign(KEY, near)))
                    .isEqualTo(AuthResult.denied());
        }
    }

    /** Numbers of seconds that are no moment, and some that are. */
    @ParameterizedTest
    @CsvSource({
        "nbf, 9223372036854775807, false",
        "nbf, 1e300, false",
        "nbf, 9223372036854776, false",
        "nbf, -9223372036854775808, false",
        "exp, 9223372036854775807, false",
        "exp, 1e17, false",
        "nbf, -1, true",
        "nbf, 1.5, true",
        "exp, 4102444800.5, true",
        "exp, 4102444800000, true"
    })
    void aTimeThatIsNoneLetsNobodyIn(String claim, String number, boolean in) throws Exception {
        String given =
                claims().build().toString().replaceFirst(",\"" + claim + "\":[0-9]+|\"" + claim + "\":[0-9]+,", "");
        String token = signedOctets(header(KEY).build(), "{\"" + claim + "\":" + number + "," + given.substring(1));
        assertThat(login(builder().build(), token) instanceof AuthResult.Authenticated)
                .isEqualTo(in);
    }

    private static String text(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String mac(byte[] secret) throws Exception {
        JWSObject jws = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(),
                claims().build().toPayload());
        jws.sign(new MACSigner(Arrays.copyOf(secret, Math.max(32, secret.length))));
        return jws.serialize();
    }

    private static String signedOctets(JWSHeader header, String payload) throws Exception {
        JWSObject jws = new JWSObject(header, new Payload(payload));
        jws.sign(new ECDSASigner(KEY));
        return jws.serialize();
    }

    private static String encrypted(String signed) throws Exception {
        JWEObject jwe = new JWEObject(
                new JWEHeader.Builder(JWEAlgorithm.ECDH_ES, EncryptionMethod.A128GCM)
                        .contentType("JWT")
                        .keyID("k1")
                        .build(),
                new Payload(signed));
        jwe.encrypt(new ECDHEncrypter(KEY));
        return jwe.serialize();
    }

    /** What is tried on those who check JWTs (RFC 8725). */
    private Map<String, String> attacks() throws Exception {
        String right = sign(KEY, claims());
        String[] parts = right.split("\\.");
        String payload = parts[1];
        Map<String, String> attacks = new LinkedHashMap<>();
        for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
            String unsigned = text("{\"alg\":\"" + none + "\",\"kid\":\"k1\"}") + "." + payload + ".";
            attacks.put("alg " + none, unsigned);
            attacks.put("alg " + none + " with a signature", unsigned + parts[2]);
        }
        String noKey = "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\",\"d\":\"AQ\",\"oth\":[{}]}";
        attacks.put(
                "jwk that is none", text("{\"alg\":\"ES256\",\"jwk\":" + noKey + "}") + "." + payload + "." + parts[2]);
        attacks.put("no alg", text("{\"kid\":\"k1\"}") + "." + payload + "." + parts[2]);
        attacks.put("alg twice", text("{\"alg\":\"ES256\",\"kid\":\"k1\",\"alg\":\"none\"}") + "." + payload + ".x");
        byte[] der = KEY.toPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        attacks.put("HS256 with the public key, DER", mac(der));
        attacks.put("HS256 with the public key, PEM", mac(pem.getBytes(StandardCharsets.US_ASCII)));
        attacks.put(
                "HS256 with the public key, JWK",
                mac(KEY.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));
        attacks.put("HS256 with the published text", mac(issuer.answer.getBytes(StandardCharsets.UTF_8)));
        attacks.put("HS256 with nothing", mac(new byte[32]));
        attacks.put("another key of this name", sign(FOREIGN, claims()));
        attacks.put("a key of no name", sign(FOREIGN, new JWSHeader(JWSAlgorithm.ES256), claims().build()));
        URI attacker = URI.create(issuer.uri().replace("/keys", "/attacker"));
        for (String by : List.of(", right key", ", own key")) {
            ECKey key = by.contains("right") ? KEY : FOREIGN;
            attacks.put("jku" + by, sign(key, header(key).jwkURL(attacker).build(), claims().build()));
            attacks.put("x5u" + by, sign(key, header(key).x509CertURL(attacker).build(), claims().build()));
            attacks.put("jwk" + by, sign(key, header(key).jwk(key.toPublicJWK()).build(), claims().build()));
            attacks.put(
                    "crit" + by,
                    sign(
                            key,
                            header(key)
                                    .criticalParams(Set.of("ext"))
                                    .customParam("ext", 1)
                                    .build(),
                            claims().build()));
            attacks.put(
                    "crit exp" + by,
                    sign(
                            key,
                            header(key)
                                    .criticalParams(Set.of("exp"))
                                    .customParam("exp", 1)
                                    .build(),
                            claims().build()));
        }
        for (String kid : List.of("../../dev/null", "k1' OR '1'='1", "", "k1\0", "K1", "k2")) {
            attacks.put("kid " + kid, sign(FOREIGN, header(FOREIGN).keyID(kid).build(), claims().build()));
        }
        attacks.put("zero signature (CVE-2022-21449)", parts[0] + "." + payload + "." + Base64URL.encode(new byte[64]));
        attacks.put("no signature", parts[0] + "." + payload + ".");
        attacks.put("two parts", parts[0] + "." + payload);
        attacks.put("four parts", right + "." + parts[2]);
        attacks.put("half a signature", right.substring(0, right.length() - 40));
        attacks.put("a letter less", right.substring(0, right.length() - 1));
        attacks.put("a letter more", right + "A");
        attacks.put("padded", right + "==");
        attacks.put("space", right + " ");
        attacks.put("line break", parts[0] + ".\n" + payload + "." + parts[2]);
        attacks.put("NUL", right + "\0");
        char last = right.charAt(right.length() - 1); // 64 octets end with 4 bits that are nothing
        attacks.put("same signature in other letters", right.substring(0, right.length() - 1) + (char) (last + 1));
        attacks.put(
                "other claims",
                parts[0] + "." + text(claims().subject("bob").build().toString()) + "." + parts[2]);
        attacks.put("encrypted, signed inside", encrypted(right));
        attacks.put("encrypted, unsigned inside", encrypted(text("{\"alg\":\"none\"}") + "." + payload + "."));
        attacks.put(
                "JSON serialization",
                "{\"payload\":\"" + payload + "\",\"protected\":\"" + parts[0] + "\",\"signature\":\"" + parts[2]
                        + "\"}");
        attacks.put("huge", sign(KEY, claims().claim("x", "x".repeat(16_384))));
        String deep = "[".repeat(5000) + "]".repeat(5000);
        attacks.put("deep header", text("{\"alg\":\"ES256\",\"x\":" + deep + "}") + "." + payload + "." + parts[2]);
        attacks.put("deep claims", parts[0] + "." + text("{\"x\":" + deep + "}") + "." + parts[2]);
        attacks.put("deep claims, right key", signedOctets(header(KEY).build(), "{\"sub\":\"a\",\"x\":" + deep + "}"));
        attacks.put("no JSON, right key", signedOctets(header(KEY).build(), "ann@example.org"));
        attacks.put("a list, right key", signedOctets(header(KEY).build(), "[1]"));
        attacks.put("empty", "");
        attacks.put("dots", "..");
        attacks.put("no text", "\u00fc.\u00fc.\u00fc");
        return attacks;
    }

    @Test
    void noAttackGetsIn() throws Exception {
        Authenticator tokens = builder().build();
        Map<String, String> attacks = attacks();
        assertThat(attacks).hasSizeGreaterThan(55);
        attacks.forEach(
                (what, token) -> assertThat(login(tokens, token)).as(what).isEqualTo(AuthResult.denied()));
        assertThat(identity(login(tokens, sign(KEY, claims()))).user()).isEqualTo("ann@example.org");
        assertThat(identity(login(tokens, sign(KEY, new JWSHeader(JWSAlgorithm.ES256), claims().build())))
                        .user())
                .isEqualTo("ann@example.org"); // whose key is not named
        assertThat(issuer.requests).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void aSecretThatIsPublishedIsNoKey() throws Exception {
        byte[] secret = "a secret that everybody can read".getBytes(StandardCharsets.US_ASCII);
        issuer.answer = "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"k1\",\"k\":\"" + Base64URL.encode(secret) + "\"}]}";
        assertThat(login(builder().build(), mac(secret))).isEqualTo(AuthResult.denied());
    }

    /** RFC 7517 section 5: what is not understood of a set is left out, and the rest of it is taken. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'kty':'EC','crv':'BP-256','x':'AQ','y':'AQ','kid':'other'}",
                "{'kty':'OKP','crv':'Ed999','x':'AQ'}",
                "{'kty':'RSA','kid':'other'}",
                "{'kty':'RSA','n':'AQ','e':'AQAB','key_ops':['newer']}",
                "{'kty':'RSA','n':'AQ','e':'AQAB','x5c':['AQ']}",
                "{'kty':'RSA','n':'AQ','e':'AQAB','d':'AQ','oth':[{}]}",
                "{}"
            })
    void aKeyThatCannotBeUsedKeepsNobodyOut(String other) {
        Authenticator tokens = builder().build();
        issuer.answer = "{\"keys\":[" + other.replace('\'', '"') + "," + KEY.toPublicJWK() + "]}";
        identity(login(tokens, sign(KEY, claims())));
        assertThat(login(tokens, sign(FOREIGN, claims()))).isEqualTo(AuthResult.denied());
    }

    /** RFC 7517 sections 4.2 and 4.3. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "'use':'enc', false",
                "'use':'sig', true",
                "'key_ops':['encrypt'], false",
                "'key_ops':['wrapKey';'deriveKey'], false",
                "'key_ops':['verify'], true",
                "'key_ops':['sign';'verify'], true",
                "'key_ops':[], true"
            })
    void aKeyThatIsForSomethingElseSignsNothing(String member, boolean in) {
        String key = KEY.toPublicJWK().toJSONString();
        issuer.answer = "{\"keys\":[{" + member.replace('\'', '"').replace(';', ',') + "," + key.substring(1) + "]}";
        assertThat(login(builder().build(), sign(KEY, claims())) instanceof AuthResult.Authenticated)
                .isEqualTo(in);
    }

    @Test
    void onlyAllowedAlgorithmsAndTypesAreTaken() {
        assertThat(login(builder().algorithms("RS256", "ES384").build(), sign(KEY, claims())))
                .isEqualTo(AuthResult.denied());
        Authenticator strict = builder().accessTokensAlone().build();
        for (String type : List.of("at+jwt", "application/at+jwt", "AT+JWT")) {
            JWSHeader header = header(KEY).type(new JOSEObjectType(type)).build();
            identity(login(strict, sign(KEY, header, claims().build())));
        }
        assertThat(login(strict, sign(KEY, claims()))).isEqualTo(AuthResult.denied());
        JWSHeader other = header(KEY).type(JOSEObjectType.JWT).build();
        assertThat(login(strict, sign(KEY, other, claims().build()))).isEqualTo(AuthResult.denied());
        identity(login(builder().build(), sign(KEY, other, claims().build())));
    }

    // keys

    @Test
    void keysAreAskedForOnceAndAgainWhenTheyAreOld() {
        Authenticator tokens = builder().build();
        for (int i = 0; i < 5; i++) {
            identity(login(tokens, sign(KEY, claims())));
        }
        assertThat(issuer.requests).hasSize(1);
        clock.advance(Duration.ofMinutes(9));
        identity(login(tokens, sign(KEY, claims())));
        assertThat(issuer.requests).hasSize(1);
        issuer.publish(NEXT); // the old one was withdrawn
        clock.advance(Duration.ofMinutes(6));
        JWTClaimsSet.Builder later =
                claims().expirationTime(Date.from(clock.now().plusSeconds(60)));
        assertThat(login(tokens, sign(KEY, later))).isEqualTo(AuthResult.denied());
        assertThat(issuer.requests).hasSize(2);
        identity(login(tokens, sign(NEXT, later)));
        assertThat(issuer.requests).hasSize(2);
    }

    @Test
    void aNewKeyIsAskedForAtOnceButNotByAFloodOfUnknownOnes() {
        Authenticator tokens = builder().build();
        identity(login(tokens, sign(KEY, claims())));
        clock.advance(INTERVAL);
        issuer.publish(KEY, NEXT);
        identity(login(tokens, sign(NEXT, claims())));
        identity(login(tokens, sign(KEY, claims())));
        assertThat(issuer.requests).hasSize(2);
        for (int i = 0; i < 50; i++) {
            String unknown = sign(FOREIGN, header(FOREIGN).keyID("u" + i).build(), claims().build());
            assertThat(login(tokens, unknown)).isEqualTo(AuthResult.denied());
        }
        assertThat(issuer.requests).hasSize(2);
        clock.advance(INTERVAL);
        assertThat(login(tokens, sign(FOREIGN, header(FOREIGN).keyID("u").build(), claims().build())))
                .isEqualTo(AuthResult.denied());
        assertThat(issuer.requests).hasSize(3);
    }

    @Test
    void whileTheIssuerIsAwayKnownKeysAreTakenAndNobodyIsDenied() throws Exception {
        Authenticator tokens =
                builder().keys(Duration.ofMinutes(1), Duration.ofMinutes(5)).build();
        int port = issuer.port();
        issuer.status = 500;
        assertThat(login(tokens, sign(KEY, claims()))).isInstanceOf(AuthResult.Unavailable.class);
        assertThat(login(tokens, sign(KEY, claims()))).isInstanceOf(AuthResult.Unavailable.class);
        assertThat(issuer.requests).hasSize(1); // for this interval
        issuer.status = 200;
        clock.advance(INTERVAL);
        identity(login(tokens, sign(KEY, claims())));
        issuer.close();
        clock.advance(Duration.ofMinutes(4));
        identity(login(tokens, sign(KEY, claims())));
        assertThat(login(tokens, sign(NEXT, claims()))).isInstanceOf(AuthResult.Unavailable.class);
        assertThat(login(tokens, sign(FOREIGN, claims()))).isEqualTo(AuthResult.denied());
        clock.advance(Duration.ofMinutes(1));
        assertThat(login(tokens, sign(KEY, claims()))).isInstanceOf(AuthResult.Unavailable.class);
        try (Issuer again = new Issuer(port)) {
            again.publish(NEXT);
            clock.advance(INTERVAL);
            identity(login(tokens, sign(NEXT, claims())));
        }
    }

    @ParameterizedTest
    @CsvSource({"302, ''", "404, ''", "503, ''", "200, no JSON", "200, {}", "200, '{\"keys\":1}'", "200, '[]'"})
    void whatAreNoKeysDeniesNobody(int status, String answer) {
        issuer.status = status;
        issuer.answer = answer;
        assertThat(login(builder().build(), sign(KEY, claims()))).isInstanceOf(AuthResult.Unavailable.class);
    }

    @Test
    void endlessKeysAreNotRead() {
        issuer.answer = "{\"keys\":[],\"x\":\"" + "x".repeat(300 * 1024) + "\"}";
        assertThat(login(builder().build(), sign(KEY, claims())))
                .isInstanceOfSatisfying(
                        AuthResult.Unavailable.class,
                        result -> assertThat(result.reason()).contains("more than 262144 octets"));
    }

    @Test
    void manyAtOnceAskOnce() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        issuer.gate = gate;
        Authenticator tokens = builder().timeout(Duration.ofSeconds(30)).build();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            CountDownLatch ready = new CountDownLatch(8);
            List<Future<AuthResult>> logins = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                logins.add(threads.submit(() -> {
                    ready.countDown();
                    return login(tokens, sign(KEY, claims()));
                }));
            }
            assertThat(ready.await(30, TimeUnit.SECONDS)).isTrue();
            gate.countDown();
            for (Future<AuthResult> each : logins) {
                identity(each.get(30, TimeUnit.SECONDS));
            }
            assertThat(issuer.requests).hasSize(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aSilentIssuerIsGivenUp() {
        CountDownLatch gate = new CountDownLatch(1);
        issuer.gate = gate;
        Authenticator tokens = builder().timeout(Duration.ofMillis(100)).build();
        assertThat(login(tokens, sign(KEY, claims()))).isInstanceOf(AuthResult.Unavailable.class);
        gate.countDown();
    }

    // RFC 7515

    @ParameterizedTest
    @CsvSource({
        "A.2, eyJhbGciOiJSUzI1NiJ9,"
                + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        "A.3, eyJhbGciOiJFUzI1NiJ9,"
                + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    })
    void rfc7515_theExamplesOfTheAppendixAreSigned(String example, String header, String signature) throws Exception {
        issuer.answer = """
                {"keys":[
                 {"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
                 {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
                ]}""";
        String payload =
                "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        SignedTokens reader = new SignedTokens(
                new PublishedKeys(
                        new Http(null, Duration.ofSeconds(10)),
                        URI.create(issuer.uri()),
                        clock,
                        new PublishedKeys.Times(INTERVAL, INTERVAL, INTERVAL)),
                Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256),
                Set.of());
        JWTClaimsSet claims = reader.read(header + "." + payload + "." + signature);
        assertThat(claims.getIssuer()).isEqualTo("joe");
        assertThat(claims.getClaim("http://example.com/is_root")).isEqualTo(true);
        String changed = payload.substring(0, 20) + "x" + payload.substring(21);
        assertThatThrownBy(() -> reader.read(header + "." + changed + "." + signature))
                .isInstanceOf(RefusedTokenException.class);
    }

    // settings

    private static Arguments setting(String parameter, UnaryOperator<TokenAuthenticatorBuilder> call) {
        return Arguments.of(parameter, call);
    }

    static Stream<Arguments> wrongSettings() {
        return Stream.of(
                setting("names", b -> b.audience()),
                setting("names", b -> b.audience("")),
                setting("names", b -> b.scopes("a b")),
                setting("name", b -> b.relayScope("")),
                setting("names", b -> b.algorithms()),
                setting("names", b -> b.algorithms("none")),
                setting("names", b -> b.algorithms("RS256", "HS256")),
                setting("claim", b -> b.user("")),
                setting("issuer", b -> b.issuer("")),
                setting("most", b -> b.skew(Duration.ofMinutes(11))),
                setting("fresh", b -> b.keys(Duration.ZERO, Duration.ofHours(1))),
                setting("stale", b -> b.keys(Duration.ofHours(2), Duration.ofHours(1))),
                setting("least", b -> b.keysInterval(Duration.ZERO)),
                setting("limit", b -> b.timeout(Duration.ZERO)));
    }

    @ParameterizedTest
    @MethodSource("wrongSettings")
    void aWrongValueFailsAtItsCall(String parameter, UnaryOperator<TokenAuthenticatorBuilder> call) {
        TokenAuthenticatorBuilder builder = TokenAuthenticator.ofKeys(Issuer.NAME, "https://issuer.test/keys");
        assertThatThrownBy(() -> call.apply(builder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(parameter);
    }

    @Test
    void whatIsMissingFails() {
        assertThatThrownBy(() -> TokenAuthenticator.ofKeys("", "https://a/b")).hasMessageContaining("issuer");
        for (String uri : List.of("", "issuer.test", "ftp://a/b", "https://", "https://a:b@c/", "file:///keys")) {
            assertThatThrownBy(() -> TokenAuthenticator.ofKeys(Issuer.NAME, uri))
                    .hasMessageContaining("jwksUri");
        }
        assertThatThrownBy(() ->
                        TokenAuthenticator.ofKeys(Issuer.NAME, "https://a/b").build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("audience");
        assertThatThrownBy(() -> TokenAuthenticator.ofKeys(Issuer.NAME, "http://a/b")
                        .audience("x")
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("plaintext");
        assertThatThrownBy(() -> builder().limit(Limit.QUOTA_PER_DAY, "a").limit(Limit.QUOTA_PER_WEEK, "b"))
                .isInstanceOf(IllegalStateException.class);
    }
}
