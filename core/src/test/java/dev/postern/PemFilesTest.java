package dev.postern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.Identity;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.TestClock;
import dev.postern.testkit.internal.tls.CertificateExtension;
import dev.postern.testkit.internal.tls.KeyAndCertificate;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** TLS with keys of PEM files, by real handshakes. */
class PemFilesTest {

    private static final char[] PASSWORD = "throw-away".toCharArray();
    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(TlsSettings.class);

    /** Made once: keys of RSA take their time. */
    private static final Map<String, Holder> HOLDERS = new ConcurrentHashMap<>();

    private final TestClock clock = new TestClock();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    private Path folder;

    /** A key with its self-signed certificate. */
    private record Holder(PrivateKey key, X509Certificate certificate) {

        private static Holder of(String name, String algorithm) {
            return HOLDERS.computeIfAbsent(name + " " + algorithm, any -> make(name, algorithm));
        }

        private static Holder make(String name, String algorithm) {
            try {
                return of(KeyAndCertificate.selfSigned(
                        KeyAndCertificate.keys(algorithm),
                        "CN=" + name,
                        CertificateExtension.names("localhost", "127.0.0.1")));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private static Holder of(KeyAndCertificate made) {
            return new Holder(made.key(), made.certificate());
        }

        String chain() throws GeneralSecurityException {
            return pem("CERTIFICATE", certificate.getEncoded());
        }

        String clearKey() {
            return pem("PRIVATE KEY", key.getEncoded());
        }

        /** As {@code openssl pkcs8 -topk8} encrypts it: PBES2 with PBKDF2 and AES (RFC 8018 section 6.2). */
        String encryptedKey(String password) throws GeneralSecurityException {
            byte[] salt = "saltsalt".getBytes(StandardCharsets.US_ASCII);
            byte[] vector = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
            SecretKey derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, 2048, 256));
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.ENCRYPT_MODE, new SecretKeySpec(derived.getEncoded(), "AES"), new IvParameterSpec(vector));
            byte[] function = der(0x30, oid("2a864886f70d0209"), der(0x05)); // hmacWithSHA256
            byte[] derivation = der(
                    0x30,
                    oid("2a864886f70d01050c"),
                    der(0x30, der(0x04, salt), der(0x02, new byte[] {8, 0}), function));
            byte[] scheme = der(0x30, oid("60864801650304012a"), der(0x04, vector)); // aes256-CBC
            byte[] algorithm = der(0x30, oid("2a864886f70d01050d"), der(0x30, derivation, scheme));
            return pem("ENCRYPTED PRIVATE KEY", der(0x30, algorithm, der(0x04, cipher.doFinal(key.getEncoded()))));
        }

        private static byte[] oid(String hex) {
            return der(0x06, HexFormat.of().parseHex(hex));
        }

        private static byte[] der(int tag, byte[]... parts) {
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                value.writeBytes(part);
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.write(tag);
            if (value.size() > 127) {
                all.write(0x82);
                all.write(value.size() >> 8);
            }
            all.write(value.size());
            all.writeBytes(value.toByteArray());
            return all.toByteArray();
        }
    }

    private static final Holder OLD = Holder.of("old.test", "EC");
    private static final Holder RENEWED = Holder.of("renewed.test", "EC");

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        LOGGER.detachAppender(log);
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + type + "-----\n";
    }

    private Path chain() {
        return folder.resolve("chain.pem");
    }

    private Path key() {
        return folder.resolve("key.pem");
    }

    private void write(Holder holder) throws GeneralSecurityException, IOException {
        Files.writeString(chain(), holder.chain());
        Files.writeString(key(), holder.clearKey());
    }

    private SmtpRelay start(TlsSettings tls) {
        return SmtpRelay.builder()
                .listenTls("127.0.0.1", 0)
                .clock(clock)
                .tls(tls)
                .auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("alice@client.test")))
                .delivery(submission -> {
                    throw new IllegalStateException("nothing is sent");
                })
                .start();
    }

    /** A new context for each: a session that is resumed has the certificate of before. */
    private static SSLContext client(@Nullable Holder own, Holder... trusted)
            throws GeneralSecurityException, IOException {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        for (Holder one : trusted) {
            trust.setCertificateEntry(
                    one.certificate().getSubjectX500Principal().getName(), one.certificate());
        }
        TrustManagerFactory trusting = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusting.init(trust);
        KeyManager[] keys = null;
        if (own != null) {
            KeyStore store = KeyStore.getInstance("JKS"); // PKCS12 hashes the password 10,000 times
            store.load(null, null);
            store.setKeyEntry("own", own.key(), PASSWORD, new X509Certificate[] {own.certificate()});
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, PASSWORD);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trusting.getTrustManagers(), null);
        return context;
    }

    private static SSLSocket connect(SmtpRelay relay, SSLContext context) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", relay.port());
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    /** The certificate that a new client sees. */
    private static X509Certificate shown(SmtpRelay relay, Holder... trusted)
            throws GeneralSecurityException, IOException {
        try (SSLSocket socket = connect(relay, client(null, trusted))) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private X509Certificate shown(SmtpRelay relay) throws GeneralSecurityException, IOException {
        return shown(relay, OLD, RENEWED);
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    // renewal

    @Test
    void aRenewedCertificateIsServedWithoutARestart() throws Exception {
        write(OLD);
        try (SmtpRelay relay = start(TlsSettings.pem(chain(), key()));
                SSLSocket running = connect(relay, client(null, OLD))) {
            assertThat(shown(relay)).isEqualTo(OLD.certificate());
            write(RENEWED);
            clock.advance(Duration.ofMillis(9_999));
            assertThat(shown(relay)).as("looked at less than 10 s ago").isEqualTo(OLD.certificate());
            clock.advance(Duration.ofMillis(1));
            assertThat(shown(relay)).isEqualTo(RENEWED.certificate());
            running.getOutputStream().write("NOOP\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader replies =
                    new BufferedReader(new InputStreamReader(running.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(replies.readLine()).startsWith("220 ");
            assertThat(replies.readLine()).as("a running session goes on").startsWith("250 ");
            assertThat(warnings()).isEmpty();
        }
    }

    @Test
    void filesThatAreRenamedIntoPlaceAreSeenAndTheIntervalIsObeyed() throws Exception {
        write(OLD);
        try (SmtpRelay relay = start(TlsSettings.pem(chain(), key()).withReloadInterval(Duration.ofMinutes(1)))) {
            assertThat(shown(relay)).isEqualTo(OLD.certificate());
            for (Path file : List.of(chain(), key())) {
                Path fresh = folder.resolve("fresh");
                Files.writeString(fresh, file.equals(chain()) ? RENEWED.chain() : RENEWED.clearKey());
                Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(file)); // what it has counts, not its date
                Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
            }
            clock.advance(Duration.ofSeconds(59));
            assertThat(shown(relay)).isEqualTo(OLD.certificate());
            clock.advance(Duration.ofSeconds(1));
            assertThat(shown(relay)).isEqualTo(RENEWED.certificate());
        }
    }

    @Test
    void aCertificateThatWasRenewedBeforeTheStartIsServedAtOnce() throws Exception {
        write(OLD);
        TlsSettings tls = TlsSettings.pem(chain(), key());
        write(RENEWED);
        try (SmtpRelay relay = start(tls)) {
            assertThat(shown(relay)).isEqualTo(RENEWED.certificate());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "the chain is new and the key is old,must be the key of the first certificate",
        "the chain is half-written,certificate that is not complete",
        "the chain has half of a second certificate,certificate that is not complete",
        "the chain has garbage,certificate that cannot be read",
        "the chain is empty,must have a certificate",
        "the chain is missing,cannot be read",
        "the key is half-written,must have a key as PKCS #8",
        "the key is garbage,has no EC key that can be read",
        "the key is encrypted,give its password",
        "the key is endless,more than 1 MiB"
    })
    void theRelayGoesOnWithWhatItHasAndWarnsOnce(String state, String warning) throws Exception {
        write(OLD);
        try (SmtpRelay relay = start(TlsSettings.pem(chain(), key()))) {
            assertThat(shown(relay)).isEqualTo(OLD.certificate());
            spoil(state);
            for (int i = 0; i < 3; i++) {
                clock.advance(Duration.ofSeconds(10));
                assertThat(shown(relay)).as(state).isEqualTo(OLD.certificate());
            }
            assertThat(warnings()).singleElement().asString().contains("goes on", warning);
            write(RENEWED);
            clock.advance(Duration.ofSeconds(10));
            assertThat(shown(relay)).as("mended").isEqualTo(RENEWED.certificate());
        }
    }

    private void spoil(String state) throws Exception {
        String half = RENEWED.chain();
        switch (state) {
            case "the chain is new and the key is old" -> Files.writeString(chain(), RENEWED.chain());
            case "the chain is half-written" -> Files.writeString(chain(), half.substring(0, half.length() / 2));
            case "the chain has half of a second certificate" ->
                Files.writeString(chain(), OLD.chain() + half.substring(0, half.length() / 2));
            case "the chain has garbage" -> Files.writeString(chain(), pem("CERTIFICATE", new byte[] {1, 2, 3}));
            case "the chain is empty" -> Files.writeString(chain(), "");
            case "the chain is missing" -> Files.delete(chain());
            case "the key is half-written" ->
                Files.writeString(key(), RENEWED.clearKey().substring(0, 100));
            case "the key is garbage" -> Files.writeString(key(), pem("PRIVATE KEY", new byte[] {1, 2, 3}));
            case "the key is encrypted" -> Files.writeString(key(), RENEWED.encryptedKey("secret"));
            case "the key is endless" -> Files.writeString(key(), "x".repeat((1 << 20) + 1));
            default -> throw new IllegalArgumentException(state);
        }
    }

    // kinds of keys

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void keysOfEachAlgorithmAreServedInClearAndEncrypted(String algorithm) throws Exception {
        Holder holder = Holder.of("kind.test", algorithm);
        write(holder);
        try (SmtpRelay relay = start(TlsSettings.pem(chain(), key()))) {
            assertThat(shown(relay, holder)).isEqualTo(holder.certificate());
        }
        Files.writeString(key(), holder.encryptedKey("correct horse"));
        try (SmtpRelay relay = start(TlsSettings.pem(chain(), key(), "correct horse"))) {
            assertThat(shown(relay, holder)).isEqualTo(holder.certificate());
        }
    }

    @Test
    void aChainThatIsNoneFailsByName() throws Exception {
        write(OLD);
        Files.writeString(chain(), OLD.chain() + TestCertificates.authorityPem());
        fails("certificateChain", "chain is not valid", chain(), key(), "");
    }

    @Test
    void aChainIsShownWhole() throws Exception {
        KeyAndCertificate authority = KeyAndCertificate.selfSigned(
                KeyAndCertificate.keys("EC"), "CN=authority.test", CertificateExtension.authority());
        KeyAndCertificate server = authority.issue(KeyAndCertificate.keys("EC"), "CN=server.test");
        Files.writeString(
                chain(), Holder.of(server).chain() + Holder.of(authority).chain());
        Files.writeString(key(), Holder.of(server).clearKey());
        try (SmtpRelay relay = start(TlsSettings.pem(chain(), key()));
                SSLSocket socket = connect(relay, client(null, Holder.of(authority)))) {
            assertThat(socket.getSession().getPeerCertificates())
                    .containsExactly(server.certificate(), authority.certificate());
        }
    }

    // client certificates

    @Test
    void clientsNeedACertificateOfTheAuthoritiesWhichMayChange() throws Exception {
        write(OLD);
        Path authorities = folder.resolve("authorities.pem");
        Holder first = Holder.of("first.client.test", "EC");
        Holder second = Holder.of("second.client.test", "EC");
        Files.writeString(authorities, first.chain());
        TlsSettings tls =
                TlsSettings.pem(chain(), key()).withClientCertificates(ClientCertificates.NEEDED, authorities);
        try (SmtpRelay relay = start(tls)) {
            assertThat(greeted(relay, first)).isTrue();
            assertThat(greeted(relay, second)).isFalse();
            assertThat(greeted(relay, null)).isFalse();
            Files.writeString(authorities, second.chain());
            clock.advance(Duration.ofSeconds(10));
            assertThat(greeted(relay, second)).isTrue();
            assertThat(greeted(relay, first)).isFalse();
        }
    }

    /** With TLS 1.3, a client learns only by its first read that its certificate was refused. */
    private static boolean greeted(SmtpRelay relay, @Nullable Holder own) throws GeneralSecurityException, IOException {
        try (SSLSocket socket = connect(relay, client(own, OLD))) {
            return socket.getInputStream().read() == '2';
        } catch (SSLHandshakeException | java.net.SocketException e) {
            return false;
        }
    }

    @Test
    void anSslContextHasItsOwnTrust() {
        TlsSettings tls = TlsSettings.of(TestCertificates.serverContext());
        assertThatIllegalStateException()
                .isThrownBy(() -> tls.withClientCertificates(ClientCertificates.NEEDED, chain()))
                .withMessageContaining("authorities");
    }

    // wrong at the call

    @Test
    void whatIsWrongFailsAtTheCallByName() throws Exception {
        write(OLD);
        Path other = folder.resolve("other.pem");
        fails("certificateChain", "cannot be read", other, key(), "");
        fails("privateKey", "cannot be read", chain(), other, "");
        Files.writeString(other, RENEWED.clearKey());
        fails("privateKey", "must be the key of the first certificate", chain(), other, "");
        Files.writeString(other, "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
        fails("privateKey", "openssl pkcs8 -topk8", chain(), other, "");
        fails("certificateChain", "BEGIN CERTIFICATE", key(), key(), "");
        Files.writeString(other, OLD.encryptedKey("correct horse"));
        fails("privateKey", "give its password", chain(), other, "");
        fails("privateKey", "with this password", chain(), other, "battery staple");
        fails("privateKey", "is not encrypted", chain(), key(), "battery staple");
        TlsSettings tls = TlsSettings.pem(chain(), key());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tls.withClientCertificates(ClientCertificates.WANTED, key()))
                .withMessageStartingWith("authorities");
    }

    private static void fails(String parameter, String why, Path chain, Path key, String password) {
        assertThatThrownBy(() -> {
                    TlsSettings made =
                            password.isEmpty() ? TlsSettings.pem(chain, key) : TlsSettings.pem(chain, key, password);
                    throw new AssertionError(made + " was made");
                })
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(parameter + " ")
                .hasMessageContaining(why)
                .satisfies(wrong -> {
                    for (Throwable cause = wrong; cause != null; cause = cause.getCause()) {
                        assertThat(String.valueOf(cause.getMessage())).doesNotContain("battery staple");
                    }
                });
    }

    @Test
    void thePasswordIsNotShown() throws Exception {
        write(OLD);
        Files.writeString(key(), OLD.encryptedKey("correct horse"));
        assertThat(TlsSettings.pem(chain(), key(), "correct horse").toString())
                .contains("chain.pem", "key.pem")
                .doesNotContain("horse");
    }
}
