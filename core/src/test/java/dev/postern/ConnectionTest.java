package dev.postern;

import static dev.postern.testkit.assertions.SmtpAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.settings.AuthSettings;
import dev.postern.settings.Policies;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.ClientCertificates;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.Identity;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.StandardReply;
import dev.postern.spi.Verdict;
import dev.postern.testkit.Access;
import dev.postern.testkit.TestCertificates;
import dev.postern.testkit.probe.SmtpProbe;
import dev.postern.tools.OnAnyJdk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies, key material, and clients that are slow on purpose. */
class ConnectionTest {

    private static final byte[] V2 = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    // PROXY protocol

    static List<byte[]> headersOfAnIpv4Client() throws IOException {
        List<byte[]> headers = new ArrayList<>();
        headers.add("PROXY TCP4 192.0.2.7 198.51.100.1 4711 587\r\n".getBytes(StandardCharsets.US_ASCII));
        headers.add(v2(0x21, 0x11, ipv4(), 0));
        headers.add(v2(0x21, 0x11, ipv4(), 200)); // with TLVs, over 127 octets
        headers.add(v2(0x21, 0x11, ipv4(), 5000)); // more than a buffer
        return headers;
    }

    @ParameterizedTest
    @MethodSource("headersOfAnIpv4Client")
    void theProxiedAddressCountsEverywhere(byte[] header) throws IOException {
        List<ClientInfo> seen = new CopyOnWriteArrayList<>();
        try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.1/32")
                .sessions(SessionLimits.defaults().withPerAddress(1))
                .policies(Policies.defaults().withSession(client -> {
                    seen.add(client);
                    return Verdict.proceed();
                })))) {
            SmtpProbe first = scene.connect(Access.CLEAR);
            for (byte octet : header) {
                first.write(new byte[] {octet}); // in as many pieces as there can be
            }
            assertThat(first.readReply()).hasCode(220);
            SmtpProbe second = scene.connect(Access.CLEAR);
            second.write(header);
            assertThat(second.readReply()).isStandardReply(StandardReply.IP_SESSIONS_EXCEEDED);
            assertThat(seen).hasSize(1);
            assertThat(seen.get(0).remote().getAddress()).isEqualTo(InetAddress.getByName("192.0.2.7"));
            assertThat(seen.get(0).remote().getPort()).isEqualTo(4711);
            first.ehlo();
            first.authPlain("alice@client.test", "alice");
            Scene.send(first);
            assertThat(scene.upstream.awaitMessage().contentText()).contains("([192.0.2.7])");
        }
    }

    @Test
    void takesTheHeaderOfAnIpv6Client() throws IOException {
        byte[] address = new byte[36];
        address[0] = 0x20;
        address[1] = 0x01;
        address[15] = 1;
        address[32] = 1;
        for (byte[] header : List.of(
                v2(0x21, 0x21, address, 3),
                "PROXY TCP6 2001::1 2001::2 256 587\r\n".getBytes(StandardCharsets.US_ASCII))) {
            List<ClientInfo> seen = new CopyOnWriteArrayList<>();
            try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.0/8").listener(RelayListener.of(event -> {
                if (event instanceof RelayEvent.SessionOpened opened) {
                    seen.add(opened.client());
                }
            })))) {
                SmtpProbe probe = scene.connect(Access.CLEAR);
                probe.write(header);
                assertThat(probe.readReply()).hasCode(220);
                assertThat(probe.send("NOOP")).hasCode(250);
                assertThat(seen.get(0).remote().getAddress()).isEqualTo(InetAddress.getByName("2001::1"));
                assertThat(seen.get(0).remote().getPort()).isEqualTo(256);
            }
        }
    }

    @Test
    void keepsTheProxysOwnAddressForLocalUnknownAndUnixConnections() throws IOException {
        for (byte[] header : List.of(
                v2(0x20, 0x00, new byte[0], 0),
                v2(0x20, 0x11, ipv4(), 0),
                v2(0x21, 0x31, new byte[216], 0),
                "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII))) {
            try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.1")
                    .sessions(SessionLimits.defaults().withPerAddress(1)))) {
                SmtpProbe probe = scene.connect(Access.CLEAR);
                probe.write(header);
                assertThat(probe.readReply()).hasCode(220);
                SmtpProbe other = scene.connect(Access.CLEAR);
                other.write(header);
                assertThat(other.readReply()).isStandardReply(StandardReply.IP_SESSIONS_EXCEEDED);
            }
        }
    }

    @Test
    void takesTheHeaderInClearBeforeImplicitTls() throws IOException {
        try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.1"))) {
            SmtpProbe probe = SmtpProbe.connect(scene.relay.addresses().get(1));
            try (probe) {
                probe.write("PROXY TCP4 192.0.2.7 198.51.100.1 4711 465\r\n");
                probe.upgradeToTls(TestCertificates.clientContext());
                assertThat(probe.readReply()).hasCode(220);
                assertThat(probe.ehlo()).hasCode(250);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EHLO x\r\n",
                "PROXY TCP4 192.0.2.7\r\n",
                "PROXY TCP4 example.org 198.51.100.1 1 2\r\n",
                "PROXY TCP4 256.0.2.7 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.7. 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.07 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.7 198.051.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 1 00\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 +1 2\r\n",
                "PROXY tcp4 192.0.2.7 198.51.100.1 1 2\r\n",
                "PROXY TCP6 ::ffff:192.0.2.07 ::1 1 2\r\n",
                "PROXY TCP6 2001:00db8::7 ::1 1 2\r\n",
                "PROXY TCP6 fe80::1%lo ::1 1 2\r\n",
                "PROXY TCP6 ::1 1:2:3:4:5:6:7:8:9 1 2\r\n",
                "PROXY TCP4 192.0.2 198.51.100.1 1 2\r\n",
                "PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n",
                "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 70000 2\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
                "\r\n\r\n\0\r\nQUIT\n1\21\0\0"
            })
    void aListedProxyWithoutAHeaderIsHungUpOn(String octets) {
        try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.1"))) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            probe.write(octets);
            probe.assertClosed();
        }
    }

    @Test
    void aSilentProxyIsHungUpOnAfterFiveSeconds() {
        try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.1"))) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            probe.write("PROXY ");
            assertThat(scene.clock.advanceUntil(Duration.ofSeconds(5), probe::closedByPeer))
                    .isTrue();
        }
    }

    static List<byte[]> endlessHeaders() throws IOException {
        return List.of(
                ("PROXY UNKNOWN " + "x".repeat(90)).getBytes(StandardCharsets.US_ASCII),
                v2(0x21, 0x11, ipv4(), 0xffff - ipv4().length));
    }

    /** The five seconds are for the header as a whole, whatever it comes in. */
    @ParameterizedTest
    @MethodSource("endlessHeaders")
    void aHeaderThatTricklesIsHungUpOn(byte[] header) throws IOException {
        int part = (header.length + 99) / 100;
        Duration passed = Duration.ZERO;
        try (Scene scene = Scene.open(b -> b.proxyProtocol("127.0.0.1"));
                Socket proxy = new Socket()) {
            proxy.connect(scene.relay.addresses().get(0));
            proxy.setSoTimeout(50);
            for (int sent = 0; sent < header.length && !ended(proxy); sent += part) {
                proxy.getOutputStream().write(header, sent, Math.min(part, header.length - sent));
                scene.clock.advance(Duration.ofSeconds(1));
                passed = passed.plusSeconds(1);
            }
        }
        assertThat(passed).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(60));
    }

    private static boolean ended(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true; // a part of the header was not read any more
        }
    }

    @Test
    void aStrangersHeaderEndsTheConnection() throws IOException {
        for (byte[] header : headersOfAnIpv4Client().subList(0, 2)) {
            try (Scene scene = Scene.open(b -> b.proxyProtocol("192.0.2.0/24"))) {
                SmtpProbe probe = scene.connect(Access.CLEAR);
                assertThat(probe.readReply()).hasCode(220);
                probe.write(header);
                probe.assertClosed();
            }
        }
    }

    private static byte[] ipv4() {
        return new byte[] {(byte) 192, 0, 2, 7, (byte) 198, 51, 100, 1, 4711 >> 8, (byte) 4711, 2, 75};
    }

    private static byte[] v2(int command, int family, byte[] addresses, int tlvs) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(V2);
        int length = addresses.length + tlvs;
        header.write(new byte[] {(byte) command, (byte) family, (byte) (length >> 8), (byte) length});
        header.write(addresses);
        header.write(new byte[tlvs]);
        return header.toByteArray();
    }

    // TLS

    @Test
    void keyMaterialChangesWhileTheRelayRuns() {
        AtomicReference<SSLContext> current = new AtomicReference<>(TestCertificates.untrustedServerContext());
        try (SmtpRelay relay = SmtpRelay.builder()
                .listenTls("127.0.0.1", 0)
                .tls(TlsSettings.of(current::get))
                .auth(AuthSettings.passwords(Scene.users()))
                .delivery(submission -> {
                    throw new IllegalStateException("nothing is sent");
                })
                .start()) {
            assertThatThrownBy(() -> SmtpProbe.connectTls(relay.addresses().get(0), TestCertificates.clientContext()))
                    .hasMessageContaining("PKIX");
            current.set(TestCertificates.serverContext());
            try (SmtpProbe old = SmtpProbe.connectTls(relay.addresses().get(0), TestCertificates.clientContext())) {
                assertThat(old.readReply()).hasCode(220);
                current.set(TestCertificates.untrustedServerContext());
                assertThat(old.ehlo()).as("a running session keeps its keys").hasCode(250);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STARTTLS", "IMPLICIT_TLS"})
    void aWantedClientCertificateIsShownToTheAuthenticatorAndMayBeMissing(Access access) {
        List<String> subjects = new CopyOnWriteArrayList<>();
        try (Scene scene = Scene.bare(b -> b.tls(
                        TlsSettings.of(ServerTls.context()).withClientCertificates(ClientCertificates.WANTED))
                .auth(AuthSettings.passwords((credentials, client) -> {
                    subjects.add(client.tls().orElseThrow().peerCertificates().stream()
                            .findFirst()
                            .map(certificate ->
                                    certificate.getSubjectX500Principal().getName())
                            .orElse("none"));
                    return AuthResult.authenticated(Identity.of(credentials.username()));
                })))) {
            for (SSLContext context :
                    List.of(TestCertificates.clientContext(), TestCertificates.clientContextWithCertificate())) {
                assertThat(scene.ladder(access).with(context).afterEhlo().authPlain("a@client.test", "x"))
                        .hasCode(235);
            }
            assertThat(subjects).containsExactly("none", "CN=client.test");
        }
    }

    @Test
    void aNeededClientCertificateMayNotBeMissing() {
        try (Scene scene = Scene.open(
                b -> b.tls(TlsSettings.of(ServerTls.context()).withClientCertificates(ClientCertificates.NEEDED)))) {
            assertThat(scene.ladder(Access.IMPLICIT_TLS)
                            .with(TestCertificates.clientContextWithCertificate())
                            .afterEhlo()
                            .authPlain("alice@client.test", "alice"))
                    .hasCode(235);
            // with TLS 1.3 the client learns of it when it reads, so whichever step is the first to fail will do
            assertThatThrownBy(() -> scene.ladder(Access.IMPLICIT_TLS)
                            .with(TestCertificates.clientContext())
                            .afterEhlo())
                    .isInstanceOfAny(AssertionError.class, UncheckedIOException.class);
        }
    }

    @Test
    void aScannerThatSpeaksNoTlsLeavesNoErrorAndTheRelayGoesOn() {
        try (Scene scene = Scene.open()) {
            try (SmtpProbe scanner = SmtpProbe.connect(scene.relay.addresses().get(1))) {
                scanner.write("GET / HTTP/1.1\r\n\r\n");
            }
            Scene.send(scene.alice(Access.IMPLICIT_TLS));
        }
    }

    /** A web page can make a browser inside of a trusted network say this. */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(
            strings = {"POST / HTTP/1.1", "GET / HTTP/1.1", "put /x HTTP/1.0", "CONNECT a.test:25 HTTP/1.1", "HEAD"})
    void anHttpRequestIsHungUpOnBeforeItsBodyIsRead(String request) {
        try (Scene scene = Scene.bare(
                b -> b.auth(AuthSettings.defaults().withTrusted("127.0.0.0/8", Identity.of("bert@beta.test"))))) {
            SmtpProbe probe = scene.connect(Access.CLEAR);
            assertThat(probe.readReply()).hasCode(220);
            probe.write(request + "\r\nHost: relay.test\r\n\r\nEHLO x\r\nMAIL FROM:<bert@beta.test>\r\n"
                    + "RCPT TO:<bob@dest.test>\r\nDATA\r\nFrom: bert@beta.test\r\n\r\nx\r\n.\r\nQUIT\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.COMMAND_UNKNOWN);
            probe.assertClosed();
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    /** A script that writes everything without reading a reply; whoever wrote what it sends could have it run as commands. */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"From: alice@client.test", "subject:x", "X-Y:", "DKIM-Signature: %s", "Subject: \u0001"})
    void contentBehindDataThatIsRefusedIsHungUpOnBeforeItsBodyIsRead(String field) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            probe.write("MAIL FROM:<alice@client.test>\r\nRCPT TO:<two@>\r\nDATA\r\n"
                    + field.formatted("x".repeat(2_000))
                    + "\r\n\r\nRSET\r\nMAIL FROM:<alice@client.test>\r\nRCPT TO:<bob@dest.test>\r\nDATA\r\n"
                    + "From: alice@client.test\r\n\r\nx\r\n.\r\nQUIT\r\n");
            assertThat(probe.readReply()).isStandardReply(StandardReply.SENDER_OK);
            assertThat(probe.readReply()).isStandardReply(StandardReply.RECIPIENT_SYNTAX);
            assertThat(probe.readReply()).isStandardReply(StandardReply.NO_VALID_RECIPIENTS);
            assertThat(probe.readReply()).hasCode(500);
            probe.assertClosed();
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    // slow on purpose

    @ParameterizedTest
    @EnumSource(names = {"STARTTLS", "IMPLICIT_TLS"})
    void aTlsHandshakeThatTricklesEnds(Access access) {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = SmtpProbe.connect(scene.relay.addresses().get(access == Access.IMPLICIT_TLS ? 1 : 0));
            try (probe) {
                if (access == Access.STARTTLS) {
                    assertThat(probe.readReply()).hasCode(220);
                    assertThat(probe.ehlo()).hasCode(250);
                    assertThat(probe.send("STARTTLS")).hasCode(220);
                }
                // the head of a record with a ClientHello of 512 octets, which come by and by
                probe.write(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
                assertThat(scene.clock.advanceUntil(Duration.ofSeconds(1), () -> {
                            trickle(scene, probe, "\0", Duration.ofSeconds(1), 400);
                            return probe.closedByPeer();
                        }))
                        .isTrue();
            }
            Scene.send(scene.alice(access));
        }
    }

    @Test
    void aCommandThatTricklesEnds() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            probe.write("NOOP\r\nNO");
            assertThat(probe.readReply()).hasCode(250);
            trickle(scene, probe, "x", Duration.ofSeconds(100), 4);
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        }
    }

    @Test
    void contentThatTricklesEnds() {
        try (Scene scene = Scene.open(b -> b.sessions(SessionLimits.defaults().withLifetime(Duration.ofHours(20))))) {
            SmtpProbe probe = scene.atRcpt(Access.CLEAR);
            assertThat(probe.send("DATA")).hasCode(354);
            trickle(scene, probe, "X: y\r\n", Duration.ofSeconds(100), 4);
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
            assertThat(scene.upstream.contentsSeen()).isZero();
        }
    }

    @Test
    void aClientThatNeverLogsInEnds() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.ready(Access.CLEAR);
            for (int i = 1; i < 100; i++) {
                assertThat(probe.send("NOOP")).hasCode(250);
            }
            assertThat(probe.send("NOOP")).isStandardReply(StandardReply.TOO_MANY_ERRORS);
            probe.assertClosed();
        }
    }

    @Test
    void anEndlessLineEnds() {
        try (Scene scene = Scene.open()) {
            SmtpProbe probe = scene.alice();
            probe.write("X".repeat((1 << 20) + (1 << 16)));
            assertThat(probe.readReply()).isStandardReply(StandardReply.TOO_MANY_ERRORS);
        }
    }

    private static void trickle(Scene scene, SmtpProbe probe, String octets, Duration pause, int times) {
        for (int i = 0; i < times; i++) {
            scene.clock.advance(pause);
            try {
                probe.write(octets);
            } catch (UncheckedIOException e) {
                return; // the relay has hung up
            }
        }
    }
}
