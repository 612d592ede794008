package dev.postern.ldap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.internal.tls.CertificateExtension;
import dev.postern.testkit.internal.tls.KeyAndCertificate;
import dev.postern.tools.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** OpenLDAP's server with the same people, in a folder of its own. */
final class Slapd {

    static final String SERVICE = "cn=postern,ou=services,dc=example,dc=org";

    private static final String SERVICES = """

            dn: ou=services,dc=example,dc=org
            objectClass: organizationalUnit
            ou: services

            dn: cn=postern,ou=services,dc=example,dc=org
            objectClass: organizationalRole
            objectClass: simpleSecurityObject
            cn: postern
            userPassword: Service Secret 5
            """;

    /** What has been logged: each operation and its result. */
    final List<String> log = new CopyOnWriteArrayList<>();

    private final Path folder;
    private final int port = freePort();
    private final int tlsPort = freePort();
    private final SSLContext trust;
    private Process process;

    private Slapd(Path folder) throws IOException, GeneralSecurityException, InterruptedException {
        this.folder = folder;
        Path modules = Path.of("/usr/lib/ldap");
        Files.createDirectory(folder.resolve("db"));
        Files.writeString(folder.resolve("slapd.conf"), """
                include /etc/ldap/schema/core.schema
                include /etc/ldap/schema/cosine.schema
                include /etc/ldap/schema/inetorgperson.schema
                modulepath %2$s
                moduleload back_mdb
                pidfile %1$s/pid
                argsfile %1$s/args
                TLSCertificateFile %1$s/certificate.pem
                TLSCertificateKeyFile %1$s/key.pem
                database mdb
                maxsize 16777216
                suffix "dc=example,dc=org"
                directory %1$s/db
                index uid,mail,member eq
                access to attrs=userPassword by anonymous auth by * none
                access to dn.subtree="ou=groups,dc=example,dc=org" by users read
                access to * by dn.exact="cn=postern,ou=services,dc=example,dc=org" read by self read by * none
                """.formatted(folder, modules));
        Path people = Files.writeString(folder.resolve("people.ldif"), People.LDIF + SERVICES);
        trust = certificate();
        Process load = new ProcessBuilder(
                        slapd(), "-T", "add", "-f", folder.resolve("slapd.conf").toString(), "-l", people.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("load").toFile())
                .start();
        assertThat(load.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(load.exitValue())
                .as(Files.readString(folder.resolve("load")))
                .isZero();
        process = run();
    }

    static Slapd start(Path folder) throws IOException, GeneralSecurityException, InterruptedException {
        return new Slapd(folder);
    }

    private static String slapd() {
        return Tool.SLAPD.path();
    }

    private SSLContext certificate() throws IOException, GeneralSecurityException {
        KeyPair keys = KeyAndCertificate.keys("RSA"); // GnuTLS cannot read the EC keys of the JDK
        KeyAndCertificate made =
                KeyAndCertificate.selfSigned(keys, "CN=localhost", CertificateExtension.names("localhost"));
        Files.writeString(
                folder.resolve("key.pem"), pem("PRIVATE KEY", made.key().getEncoded()));
        Files.writeString(
                folder.resolve("certificate.pem"),
                pem("CERTIFICATE", made.certificate().getEncoded()));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("slapd", made.certificate());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String pem(String type, byte[] octets) {
        return "-----BEGIN " + type + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(octets) + "\n-----END " + type
                + "-----\n";
    }

    private Process run() throws IOException {
        Process started = new ProcessBuilder(
                        slapd(),
                        "-d",
                        "stats",
                        "-f",
                        folder.resolve("slapd.conf").toString(),
                        "-h",
                        "ldap://127.0.0.1:" + port + " ldaps://127.0.0.1:" + tlsPort)
                .redirectErrorStream(true)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            if (line.contains("slapd starting")) {
                Thread reader = new Thread(() -> lines.lines().forEach(log::add), "slapd-log");
                reader.setDaemon(true);
                reader.start();
                awaitConnections(started); // it says so before it listens
                return started;
            }
        }
        throw new AssertionError("slapd does not start: " + said);
    }

    private void awaitConnections(Process started) throws IOException {
        long begun = System.nanoTime();
        for (int each : new int[] {port, tlsPort}) {
            while (!accepts(each)) {
                if (!started.isAlive() || System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(20)) {
                    throw new AssertionError("slapd does not listen at port " + each);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private static boolean accepts(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (ConnectException e) {
            return false;
        }
    }

    String url() {
        return "ldap://localhost:" + port;
    }

    String tlsUrl() {
        return "ldaps://localhost:" + tlsPort;
    }

    SSLContext trust() {
        return trust;
    }

    /** Stops it, or lets it go on, in the midst of whatever it does. */
    void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    void restart() throws IOException {
        process = run();
    }

    void close() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
