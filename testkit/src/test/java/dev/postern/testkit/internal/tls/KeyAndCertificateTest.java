package dev.postern.testkit.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyAndCertificateTest {

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void aCertificateSignsItself(String algorithm) throws Exception {
        KeyAndCertificate made = KeyAndCertificate.selfSigned(KeyAndCertificate.keys(algorithm), "CN=own.test");
        made.certificate().verify(made.certificate().getPublicKey());
        made.certificate().checkValidity();
        assertThat(made.certificate().getSubjectX500Principal().getName()).isEqualTo("CN=own.test");
        assertThat(made.certificate().getIssuerX500Principal().getName()).isEqualTo("CN=own.test");
        assertThat(made.certificate().getVersion()).isEqualTo(3);
    }

    @Test
    void anAuthoritysCertificatesAreTrustedAsItIs() throws Exception {
        KeyAndCertificate authority = authority();
        KeyAndCertificate server = authority.issue(
                KeyAndCertificate.keys("EC"),
                "CN=server.test",
                CertificateExtension.names("server.test", "192.0.2.1"),
                CertificateExtension.servesTls());
        validate(authority, server);
        assertThat(server.certificate().getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(List.of(2, "server.test"), List.of(7, "192.0.2.1"));
        assertThat(server.certificate().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(server.certificate().getBasicConstraints())
                .as("no authority")
                .isEqualTo(-1);
        assertThat(authority.certificate().getBasicConstraints())
                .as("an authority of any length")
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(authority.certificate().getKeyUsage())
                .containsExactly(false, false, false, false, false, true, false, false, false);
        assertThat(authority.certificate().getSerialNumber())
                .isPositive()
                .isNotEqualTo(server.certificate().getSerialNumber());
        assertThatExceptionOfType(SignatureException.class)
                .as("another authority of the same name")
                .isThrownBy(() ->
                        server.certificate().verify(authority().certificate().getPublicKey()));
    }

    private static KeyAndCertificate authority() throws GeneralSecurityException {
        return KeyAndCertificate.selfSigned(
                KeyAndCertificate.keys("EC"),
                "CN=authority.test",
                CertificateExtension.authority(),
                CertificateExtension.signsCertificates());
    }

    private static void validate(KeyAndCertificate authority, KeyAndCertificate server)
            throws GeneralSecurityException {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority.certificate(), null)));
        parameters.setRevocationEnabled(false);
        List<X509Certificate> chain = List.of(server.certificate());
        CertPathValidator.getInstance("PKIX")
                .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
    }
}
