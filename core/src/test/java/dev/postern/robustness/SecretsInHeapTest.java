package dev.postern.robustness;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.postern.SmtpRelay;
import dev.postern.settings.AuthSettings;
import dev.postern.settings.SessionLimits;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.Identity;
import dev.postern.testkit.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What a heap dump shows of the secrets of users who are logged in. The relay and its clients are in this JVM, so the test itself
 * keeps the secret only in disguise, and wipes what it sends.
 */
@Isolated("stops the process to dump its heap")
class SecretsInHeapTest {

    private static final int LENGTH = 18;
    private static final int BLOCK = 1 << 20;
    private static final byte DISGUISE = 0x55;
    private static final String USER = "alice@client.test";

    /** Is to be found, so that a search that finds nothing means something. */
    private static final byte[] CONTROL = "octets that are to be found".getBytes(StandardCharsets.US_ASCII);

    private final byte[] disguised = new byte[LENGTH];
    private final List<Socket> clients = new ArrayList<>();

    /** How a client says its secret, for which {@code %} stands. */
    private enum Way {
        PLAIN_AT_ONCE("AUTH PLAIN ", "\0" + USER + "\0%"),
        PLAIN_WHEN_ASKED("AUTH PLAIN\r\n", "\0" + USER + "\0%"),
        LOGIN(
                "AUTH LOGIN " + Base64.getEncoder().encodeToString(USER.getBytes(StandardCharsets.US_ASCII)) + "\r\n",
                "%"),
        XOAUTH2("AUTH XOAUTH2 ", "user=" + USER + "\1auth=Bearer %\1\1"),
        OAUTHBEARER("AUTH OAUTHBEARER ", "n,a=" + USER + ",\1host=relay.test\1auth=Bearer %\1\1");

        private final String command;
        private final String response;

        Way(String command, String response) {
            this.command = command;
            this.response = response;
        }
    }

    @Test
    void noSecretOfAnOpenSessionIsThere(@TempDir Path directory) throws IOException {
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < LENGTH; i++) {
            disguised[i] = (byte) ('a' + random.nextInt(26) ^ DISGUISE);
        }
        Authenticator everybody = (credentials, client) -> AuthResult.authenticated(Identity.of(USER));
        try (SmtpRelay relay = SmtpRelay.builder()
                .listen("127.0.0.1", 0)
                .listenTls("127.0.0.1", 0)
                .hostName("relay.test")
                .tls(TlsSettings.of(TestCertificates.serverContext()))
                .auth(AuthSettings.passwords(everybody).withTokens(everybody).withPlaintext())
                .sessions(SessionLimits.defaults().withPerUser(100).withPerAccount(100))
                .delivery(submission -> {
                    throw new IllegalStateException("nobody sends anything");
                })
                .start()) {
            for (String protocol : new String[] {"", "TLSv1.2", "TLSv1.3"}) {
                for (Way way : Way.values()) {
                    logIn(relay, protocol, way);
                }
            }
            Path dump = directory.resolve("heap.hprof");
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(dump.toString(), true);
            assertThat(relay.connections()).isEqualTo(clients.size());
            Map<String, byte[]> wanted = forms();
            wanted.put("control", CONTROL);
            assertThat(found(dump, wanted)).containsExactly("control");
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private void logIn(SmtpRelay relay, String protocol, Way way) throws IOException {
        boolean clear = protocol.isEmpty();
        Socket client = new Socket();
        client.connect(relay.addresses().get(clear ? 0 : 1));
        if (!clear) {
            SSLSocket secure = (SSLSocket) TestCertificates.clientContext()
                    .getSocketFactory()
                    .createSocket(client, "127.0.0.1", client.getPort(), true);
            secure.setEnabledProtocols(new String[] {protocol});
            client = secure;
        }
        clients.add(client);
        InputStream in = client.getInputStream();
        assertThat(reply(in)).startsWith("220 ");
        client.getOutputStream().write("EHLO client.test\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(reply(in)).startsWith("250 ");
        byte[] line = line(way);
        int asked = way.command.endsWith("\n") ? way.command.length() : 0;
        if (asked > 0) {
            client.getOutputStream().write(line, 0, asked);
            assertThat(reply(in)).startsWith("334 ");
        }
        client.getOutputStream().write(line, asked, line.length - asked);
        Arrays.fill(line, (byte) 0);
        assertThat(reply(in)).as("%s %s", protocol, way).startsWith("235 ");
    }

    private byte[] line(Way way) {
        byte[] response = way.response.replace("%", "?".repeat(LENGTH)).getBytes(StandardCharsets.US_ASCII);
        int start = way.response.indexOf('%');
        for (int i = 0; i < LENGTH; i++) {
            response[start + i] = (byte) (disguised[i] ^ DISGUISE);
        }
        byte[] encoded = Base64.getEncoder().encode(response);
        Arrays.fill(response, (byte) 0);
        byte[] line = Arrays.copyOf(
                way.command.getBytes(StandardCharsets.US_ASCII), way.command.length() + encoded.length + 2);
        System.arraycopy(encoded, 0, line, way.command.length(), encoded.length);
        Arrays.fill(encoded, (byte) 0);
        line[line.length - 2] = '\r';
        line[line.length - 1] = '\n';
        return line;
    }

    /** The last line of a reply. */
    private static String reply(InputStream in) throws IOException {
        while (true) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new IOException("closed behind " + line);
                }
                line.write(octet);
            }
            String text = line.toString(StandardCharsets.US_ASCII);
            if (text.length() > 3 && text.charAt(3) == ' ') {
                return text;
            }
        }
    }

    /** How the secret may look, as octets and as characters: as it is, and as base64, which depends on what is before it. */
    private Map<String, byte[]> forms() {
        byte[] secret = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            secret[i] = (byte) (disguised[i] ^ DISGUISE);
        }
        Map<String, byte[]> forms = new TreeMap<>();
        add(forms, "secret", new String(secret, StandardCharsets.US_ASCII));
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + LENGTH];
            System.arraycopy(secret, 0, shifted, before, LENGTH);
            String encoded = Base64.getEncoder().encodeToString(shifted);
            add(forms, "base64 " + before, encoded.substring((before * 8 + 5) / 6, (before + LENGTH) * 8 / 6));
        }
        return forms;
    }

    private static void add(Map<String, byte[]> forms, String name, String text) {
        forms.put(name, text.getBytes(StandardCharsets.US_ASCII));
        forms.put(name + " in characters", text.getBytes(StandardCharsets.UTF_16BE));
    }

    private static List<String> found(Path dump, Map<String, byte[]> wanted) throws IOException {
        int overlap =
                wanted.values().stream().mapToInt(octets -> octets.length).max().orElseThrow();
        boolean[] ends = new boolean[1 << Short.SIZE];
        wanted.values().forEach(octets -> ends[pair(octets, octets.length - 1)] = true);
        List<String> found = new ArrayList<>();
        byte[] block = new byte[BLOCK + overlap];
        int kept = 0;
        try (InputStream in = Files.newInputStream(dump)) {
            for (int read = in.readNBytes(block, kept, BLOCK); read > 0; read = in.readNBytes(block, kept, BLOCK)) {
                int end = kept + read;
                for (int last = overlap - 1; last < end; last++) { // of hundreds of megabytes
                    if (ends[pair(block, last)]) {
                        addFound(found, wanted, block, last + 1);
                    }
                }
                int next = Math.min(overlap, end);
                System.arraycopy(block, end - next, block, 0, next);
                kept = next;
            }
        }
        return found;
    }

    /** The octet there and the one before it, as one number. */
    private static int pair(byte[] octets, int last) {
        return (octets[last - 1] & 0xff) << Byte.SIZE | octets[last] & 0xff;
    }

    private static void addFound(List<String> found, Map<String, byte[]> wanted, byte[] block, int end) {
        wanted.forEach((name, octets) -> {
            int start = end - octets.length;
            if (Arrays.equals(octets, 0, octets.length, block, start, end) && !found.contains(name)) {
                found.add(name);
            }
        });
    }
}
