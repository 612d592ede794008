package dev.postern.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Throw-away TLS material: a certificate authority and three servers, made by the JDK's {@code keytool} when first asked
 * for, once a JVM, and kept in memory. The certificates are valid for ten years from yesterday, by the machine's clock.
 * Safe for use by several threads.
 */
public final class TestCertificates {

    private static final String PASSWORD = "throw-away"; // guards a file that is gone before anybody could open it
    private static final String AUTHORITY = "authority";

    private static @Nullable KeyStore material;

    private TestCertificates() {}

    /**
     * Returns a server's context.
     *
     * @return with a certificate for localhost and 127.0.0.1 that {@link #clientContext()} trusts
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext serverContext() {
        return server("server");
    }

    /**
     * Returns a server's context for another name.
     *
     * @return with a certificate for wrong.test alone that {@link #clientContext()} trusts
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext wrongNameServerContext() {
        return server("wrong-name");
    }

    /**
     * Returns a server's context that no client should accept.
     *
     * @return with a self-signed certificate for localhost and 127.0.0.1
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext untrustedServerContext() {
        return server("untrusted");
    }

    /**
     * Returns a client's context.
     *
     * @return trusts the authority that has signed the other certificates, and nobody else
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext clientContext() {
        try {
            KeyStore trusted = emptyStore();
            trusted.setCertificateEntry(AUTHORITY, store().getCertificate(AUTHORITY));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext server(String alias) {
        try {
            KeyStore own = emptyStore();
            char[] password = PASSWORD.toCharArray();
            own.setKeyEntry(alias, store().getKey(alias, password), password, store().getCertificateChain(alias));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, password);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore emptyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized KeyStore store() {
        if (material == null) {
            material = generate();
        }
        return material;
    }

    private static KeyStore generate() {
        try {
            Path directory = Files.createTempDirectory("postern-testkit-");
            try {
                Path file = directory.resolve("material.p12");
                generateKey(file, AUTHORITY, "CN=Postern test authority", "bc:c=ca:true");
                String here = "san=dns:localhost,ip:127.0.0.1";
                generateKey(file, "server", "CN=localhost", here, "-signer", AUTHORITY);
                generateKey(file, "wrong-name", "CN=wrong.test", "san=dns:wrong.test", "-signer", AUTHORITY);
                generateKey(file, "untrusted", "CN=localhost", here);
                KeyStore store = KeyStore.getInstance("PKCS12");
                try (InputStream in = Files.newInputStream(file)) {
                    store.load(in, PASSWORD.toCharArray());
                }
                return store;
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void generateKey(Path store, String alias, String name, String extension, String... more)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
        arguments.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", store.toString()));
        arguments.addAll(List.of("-startdate", "-1d", "-validity", "3650")); // yesterday: clocks differ
        arguments.addAll(List.of("-alias", alias, "-dname", name, "-ext", extension));
        arguments.addAll(List.of(more));
        keytool(arguments);
    }

    static void keytool(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close(); // a question would wait for ever
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while keytool ran", e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
