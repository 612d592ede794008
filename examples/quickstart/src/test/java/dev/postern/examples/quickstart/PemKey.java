package dev.postern.examples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** A key and its self-signed certificate for localhost, in PEM files. */
record PemKey(Path certificate, Path key) {

    private static final String PASSWORD = "changeit";

    static PemKey make(Path directory, String name) throws IOException, InterruptedException, GeneralSecurityException {
        Path keystore = directory.resolve(name + ".p12");
        RelayProcess.run(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-startdate",
                        "-1d",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        keystore.toString()))
                .assertSucceeded();
        KeyStore store = KeyStore.getInstance(keystore.toFile(), PASSWORD.toCharArray());
        return new PemKey(
                Files.writeString(
                        directory.resolve(name + ".crt"),
                        pem("CERTIFICATE", store.getCertificate(name).getEncoded())),
                Files.writeString(
                        directory.resolve(name + ".key"),
                        pem(
                                "PRIVATE KEY",
                                store.getKey(name, PASSWORD.toCharArray()).getEncoded())));
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }
}
