package dev.postern.examples.quickstart;

import dev.postern.settings.TlsSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes the server's TLS context of a key store, or of a throw-away certificate. */
final class TlsMaterial {

    private static final String KEYSTORE = "--tls-keystore: ";
    private static final String SELF_SIGNED = "--tls-self-signed: ";
    private static final String PASSWORD = "throw-away"; // guards a file that is gone before anybody could open it

    private TlsMaterial() {}

    /** Reads PEM files, which the relay reads again when they have changed. */
    static TlsSettings ofPem(Path certificate, Path key, @Nullable Path passwordFile) {
        try {
            return passwordFile == null
                    ? TlsSettings.pem(certificate, key)
                    : TlsSettings.pem(certificate, key, TextFile.secret("--tls-key-password-file", passwordFile));
        } catch (IllegalArgumentException e) { // it names the setting, which has another name here
            throw new WrongArgumentException(String.valueOf(e.getMessage())
                    .replaceFirst("^certificateChain", "--tls-certificate:")
                    .replaceFirst("^privateKey", "--tls-key:"));
        }
    }

    /** Reads a PKCS12 or JKS key store, which the JDK tells apart. */
    static SSLContext ofKeystore(Path file, Path passwordFile, Provider provider) {
        char[] password =
                TextFile.secret("--tls-keystore-password-file", passwordFile).toCharArray();
        try {
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new WrongArgumentException(KEYSTORE + "cannot read " + file + "; name a PKCS12 or JKS file");
            }
            return context(KeyStore.getInstance(file.toFile(), password), password, provider);
        } catch (IOException e) {
            throw new WrongArgumentException(KEYSTORE + "cannot open " + file + " (" + e.getMessage()
                    + "); its password must be what --tls-keystore-password-file holds");
        } catch (GeneralSecurityException e) {
            throw new WrongArgumentException(KEYSTORE + file + " gives no key (" + e.getMessage()
                    + "); name a PKCS12 or JKS file with a private key under the same password");
        }
    }

    /** Makes a key for localhost and 127.0.0.1 by the JDK's keytool; no file of it is left. */
    static SSLContext selfSigned(Provider provider) {
        try {
            Path directory = Files.createTempDirectory("postern-quickstart-");
            Path file = directory.resolve("self-signed.p12");
            try {
                keytool(file);
                char[] password = PASSWORD.toCharArray();
                return context(KeyStore.getInstance(file.toFile(), password), password, provider);
            } finally {
                Files.deleteIfExists(file);
                Files.delete(directory);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new WrongArgumentException(
                    SELF_SIGNED + "no key could be made (" + e.getMessage() + "); use --tls-keystore");
        }
    }

    private static void keytool(Path store) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-J-XX:TieredStopAtLevel=1", // a run so short is over before better code pays
                        "-J-XX:+UseSerialGC",
                        "-genkeypair",
                        "-alias",
                        "postern",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost,ip:127.0.0.1,ip:0:0:0:0:0:0:0:1",
                        "-startdate",
                        "-1d", // clocks differ
                        "-validity",
                        "365",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString()))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close(); // a question would wait for ever
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool: " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while keytool ran", e);
        }
    }

    private static SSLContext context(KeyStore store, char[] password, Provider provider)
            throws GeneralSecurityException {
        boolean hasKey = false;
        for (String alias : Collections.list(store.aliases())) {
            hasKey |= store.isKeyEntry(alias);
        }
        if (!hasKey) {
            throw new GeneralSecurityException("it has no private key");
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS", provider);
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** Makes the provider of TLS of this name, which whoever starts us has put on the class path; else the JVM's own. */
    static Provider provider(@Nullable String className) {
        if (className == null) {
            return Security.getProviders("SSLContext.TLS")[0];
        }
        try {
            return Class.forName(className)
                    .asSubclass(Provider.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
            throw new WrongArgumentException(
                    "--tls-provider: " + className + " is no security provider that can be used here (" + e
                            + "); name its class, and put its jar on the class path");
        }
    }
}
