package dev.postern.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Throw-away TLS material: a certificate authority, four servers and a client, made by the JDK's {@code keytool} when first asked
 * for, once a JVM, and kept in memory. The certificates are valid for ten years from yesterday, by the machine's clock.
 * Safe for use by several threads.
 */
public final class TestCertificates {

    private static final String PASSWORD = "throw-away"; // guards a file that is gone before anybody could open it

    /**
     * Whose certificate, and what keytool has to know about it; made when first asked for, each costs a JVM's start.
     */
    private enum Holder {
        AUTHORITY("CN=Postern test authority", "bc:c=ca:true"),
        SERVER("CN=localhost", "san=dns:localhost,ip:127.0.0.1", "-signer", "authority"),
        WRONG_NAME("CN=wrong.test", "san=dns:wrong.test", "-signer", "authority"),
        COMMON_NAME("CN=localhost", "eku=serverAuth", "-signer", "authority"),
        UNTRUSTED("CN=localhost", "san=dns:localhost,ip:127.0.0.1"),
        CLIENT("CN=client.test", "san=dns:client.test", "-signer", "authority");

        private final List<String> options = new ArrayList<>();

        Holder(String name, String extension, String... more) {
            options.addAll(List.of("-alias", alias(), "-dname", name, "-ext", extension));
            options.addAll(List.of(more));
        }

        String alias() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static byte[] material = {}; // a PKCS12 file, empty before the first certificate

    // contexts are not kept: they remember sessions, and a resumed session skips the checks that a test is about
    private static final Map<Holder, KeyManager[]> KEY_MANAGERS = new EnumMap<>(Holder.class);
    private static @Nullable Certificate authority;

    private TestCertificates() {}

    /**
     * Returns a server's context.
     *
     * @return with a certificate for localhost and 127.0.0.1 that {@link #clientContext()} trusts; trusts the certificate
     *     of {@link #clientContextWithCertificate()}
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext serverContext() {
        return context(Holder.SERVER, null);
    }

    /**
     * Returns a server's context of which a provider other than the JVM's first does TLS.
     *
     * @param provider has an SSLContext "TLS"
     * @return otherwise as {@link #serverContext()}
     * @throws IllegalStateException when keytool fails, or the provider has no TLS; the message has what it said
     */
    public static SSLContext serverContext(Provider provider) {
        return context(Holder.SERVER, Objects.requireNonNull(provider, "provider"));
    }

    /**
     * Returns a server's context for another name.
     *
     * @return with a certificate for wrong.test alone that {@link #clientContext()} trusts
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext wrongNameServerContext() {
        return context(Holder.WRONG_NAME, null);
    }

    /**
     * Returns a server's context that names its host by the subject alone, as certificates did before RFC 2818; RFC 9525 does
     * not let that count.
     *
     * @return with a certificate for CN=localhost without subjectAltName, of an authority that {@link #clientContext()} trusts
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext commonNameServerContext() {
        return context(Holder.COMMON_NAME, null);
    }

    /**
     * Returns a server's context that no client should accept.
     *
     * @return with a self-signed certificate for localhost and 127.0.0.1
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext untrustedServerContext() {
        return context(Holder.UNTRUSTED, null);
    }

    /**
     * Returns a client's context.
     *
     * @return trusts the authority that has signed the other certificates, and nobody else
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext clientContext() {
        return context(null, null);
    }

    /**
     * Returns a client's context with a certificate of its own.
     *
     * @return as {@link #clientContext()}, and shows a certificate for CN=client.test that {@link #serverContext()} trusts
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static SSLContext clientContextWithCertificate() {
        return context(Holder.CLIENT, null);
    }

    /**
     * Returns the authority's certificate, for clients that are not of this JVM or take a file.
     *
     * @return in PEM (RFC 7468), as a trust store of most programs
     * @throws IllegalStateException when keytool fails; the message has what it said
     */
    public static String authorityPem() {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'})
                            .encodeToString(authority().getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext context(@Nullable Holder holder, @Nullable Provider provider) {
        try {
            KeyStore trusted = load(new byte[0]);
            trusted.setCertificateEntry(Holder.AUTHORITY.alias(), authority());
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context =
                    provider == null ? SSLContext.getInstance("TLS") : SSLContext.getInstance("TLS", provider);
            context.init(holder == null ? null : keyManagers(holder), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized KeyManager[] keyManagers(Holder holder) throws GeneralSecurityException {
        KeyManager[] made = KEY_MANAGERS.get(holder);
        if (made == null) {
            made = makeKeyManagers(holder.alias(), storeWith(holder));
            KEY_MANAGERS.put(holder, made);
        }
        return made;
    }

    private static KeyManager[] makeKeyManagers(String alias, KeyStore store) throws GeneralSecurityException {
        KeyStore own = load(new byte[0]);
        char[] password = PASSWORD.toCharArray();
        own.setKeyEntry(alias, store.getKey(alias, password), password, store.getCertificateChain(alias));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        return keys.getKeyManagers();
    }

    private static synchronized Certificate authority() throws GeneralSecurityException {
        if (authority == null) {
            authority = storeWith(Holder.AUTHORITY).getCertificate(Holder.AUTHORITY.alias());
        }
        return authority;
    }

    private static synchronized KeyStore storeWith(Holder holder) throws GeneralSecurityException {
        for (Holder needed : List.of(Holder.AUTHORITY, holder)) {
            if (!load(material).containsAlias(needed.alias())) {
                material = generate(needed, material);
            }
        }
        return load(material);
    }

    private static KeyStore load(byte[] file) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(file.length == 0 ? null : new ByteArrayInputStream(file), PASSWORD.toCharArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return store;
    }

    private static byte[] generate(Holder holder, byte[] before) {
        try {
            Path directory = Files.createTempDirectory("postern-testkit-");
            Path file = directory.resolve("material.p12");
            try {
                if (before.length > 0) {
                    Files.write(file, before);
                }
                generateKey(file, holder);
                return Files.readAllBytes(file);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void generateKey(Path store, Holder holder) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
        arguments.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", store.toString()));
        arguments.addAll(List.of("-startdate", "-1d", "-validity", "3650")); // yesterday: clocks differ
        arguments.addAll(holder.options);
        keytool(arguments);
    }

    static void keytool(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.add("-J-XX:TieredStopAtLevel=1"); // a run so short is over before better code pays
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
}
