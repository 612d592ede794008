package dev.postern.examples.quickstart;

import dev.postern.testkit.internal.tls.CertificateExtension;
import dev.postern.testkit.internal.tls.KeyAndCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;

/** A key and its self-signed certificate for localhost, in PEM files. */
record PemKey(Path certificate, Path key) {

    static PemKey make(Path directory, String name) throws IOException, GeneralSecurityException {
        KeyAndCertificate made = KeyAndCertificate.selfSigned(
                KeyAndCertificate.keys("EC"), "CN=localhost", CertificateExtension.names("127.0.0.1"));
        return new PemKey(
                Files.writeString(
                        directory.resolve(name + ".crt"),
                        pem("CERTIFICATE", made.certificate().getEncoded())),
                Files.writeString(
                        directory.resolve(name + ".key"),
                        pem("PRIVATE KEY", made.key().getEncoded())));
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }
}
