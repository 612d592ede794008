package dev.postern.testkit.internal.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An extension of a certificate (RFC 5280 section 4.2.1). Immutable. */
public final class CertificateExtension {

    private static final byte[] YES = Der.of(Der.BOOLEAN, new byte[] {(byte) 0xff});

    private final byte[] encoded;

    private CertificateExtension(String identifier, boolean critical, byte[] value) {
        byte[] octets = Der.of(Der.OCTET_STRING, value);
        encoded = critical
                ? Der.of(Der.SEQUENCE, Der.identifier(identifier), YES, octets)
                : Der.of(Der.SEQUENCE, Der.identifier(identifier), octets);
    }

    /** The certificate is an authority's. */
    public static CertificateExtension authority() {
        return new CertificateExtension("551d13", true, Der.of(Der.SEQUENCE, YES));
    }

    /** The key signs certificates, and nothing else. */
    public static CertificateExtension signsCertificates() {
        return new CertificateExtension("551d0f", true, Der.of(Der.BIT_STRING, new byte[] {2, 0x04}));
    }

    /** The key is a TLS server's. */
    public static CertificateExtension servesTls() {
        return new CertificateExtension("551d25", false, Der.of(Der.SEQUENCE, Der.identifier("2b06010505070301")));
    }

    /** Names by which the holder is reached: of hosts, or IP addresses as digits. */
    public static CertificateExtension names(String... names) {
        byte[][] encoded = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            encoded[i] = generalName(names[i]);
        }
        return new CertificateExtension("551d11", false, Der.of(Der.SEQUENCE, encoded));
    }

    private static byte[] generalName(String name) {
        if (!name.matches("[0-9.]+")) {
            return Der.of(Der.context(2, false), name.getBytes(StandardCharsets.US_ASCII));
        }
        try {
            return Der.of(Der.context(7, false), InetAddress.getByName(name).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    static CertificateExtension subjectKey(byte[] identifier) {
        return new CertificateExtension("551d0e", false, Der.of(Der.OCTET_STRING, identifier));
    }

    static CertificateExtension authorityKey(byte[] identifier) {
        return new CertificateExtension(
                "551d23", false, Der.of(Der.SEQUENCE, Der.of(Der.context(0, false), identifier)));
    }

    static byte[] encoded(List<CertificateExtension> extensions) {
        return Der.of(
                Der.SEQUENCE,
                extensions.stream().map(extension -> extension.encoded).toArray(byte[][]::new));
    }
}
