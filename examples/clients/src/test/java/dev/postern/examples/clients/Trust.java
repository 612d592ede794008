package dev.postern.examples.clients;

import dev.postern.testkit.TestCertificates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

/** Lets clients trust the testkit's authority as they would trust one of their own: programs by a file, this JVM too. */
final class Trust {

    private static final String PASSWORD = "throw-away";
    private static final Path PEM = install();

    private Trust() {}

    /** The authority's certificate; asked for before anything of this JVM asks for its default trust store. */
    static Path pem() {
        return PEM;
    }

    private static Path install() {
        try {
            Path directory = Files.createTempDirectory("postern-clients-");
            String certificate = TestCertificates.authorityPem();
            Path pem = Files.writeString(directory.resolve("authority.pem"), certificate);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "authority",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(
                                    new ByteArrayInputStream(certificate.getBytes(StandardCharsets.US_ASCII))));
            Path store = directory.resolve("authority.p12");
            try (OutputStream out = Files.newOutputStream(store)) {
                trusted.store(out, PASSWORD.toCharArray());
            }
            System.setProperty("javax.net.ssl.trustStore", store.toString());
            System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
            for (Path file : new Path[] {directory, pem, store}) {
                file.toFile().deleteOnExit(); // in reverse order
            }
            return pem;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("the authority cannot be trusted", e);
        }
    }
}
