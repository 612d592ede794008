package dev.postern.internal.upstream.client;

import dev.postern.spi.MailAddress;
import dev.postern.spi.TlsInfo;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** How TLS is spoken with the upstream: 1.2 or newer (RFC 8314 section 4.1), and with the right one (RFC 9525). */
public record TlsClient(SSLContext context, String host, boolean verifyHostName) {

    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private static final int DNS_NAME = 2; // GeneralName's choices (RFC 5280 section 4.2.1.6)
    private static final int IP_ADDRESS = 7;

    public TlsClient {
        host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** Puts a TLS socket above a connected one, before the handshake. */
    SSLSocket over(Socket plain) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, plain.getPort(), true);
        socket.setUseClientMode(true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(Arrays.stream(socket.getSupportedProtocols())
                .filter(PROTOCOLS::contains)
                .toArray(String[]::new));
        if (verifyHostName) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        serverName().ifPresent(name -> parameters.setServerNames(List.of(name)));
        socket.setSSLParameters(parameters);
        return socket;
    }

    /**
     * Checks, after the handshake, what the JDK's check of the host name lets pass: a certificate that names its host by the
     * subject's common name alone. RFC 9525 section 6.3 looks for names in subjectAltName only.
     */
    void requireAlternativeName(SSLSession session) throws SSLPeerUnverifiedException {
        if (!verifyHostName) {
            return;
        }
        boolean address = isAddress(host);
        int wanted = address ? IP_ADDRESS : DNS_NAME;
        try {
            Certificate first = session.getPeerCertificates()[0]; // never empty
            Collection<List<?>> names =
                    first instanceof X509Certificate certificate ? certificate.getSubjectAlternativeNames() : null;
            if (names != null && names.stream().anyMatch(name -> name.get(0).equals(wanted))) {
                return;
            }
        } catch (CertificateParsingException e) {
            throw new SSLPeerUnverifiedException("the certificate's subjectAltName cannot be read: " + e.getMessage());
        }
        throw new SSLPeerUnverifiedException("the certificate has no subjectAltName of the kind "
                + (address ? "IP" : "DNS") + ", and its common name does not count (RFC 9525); get one with "
                + (address ? "IP:" : "DNS:") + host + " for the upstream");
    }

    static TlsInfo describe(SSLSession session) {
        List<X509Certificate> chain;
        try {
            chain = Arrays.stream(session.getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            chain = List.of(); // a trust manager of the host's own may let one without a certificate pass
        }
        return new TlsInfo(session.getProtocol(), session.getCipherSuite(), chain);
    }

    /** SNI is for names (RFC 6066 section 3): no addresses, nor what only a local resolver takes for a name. */
    private Optional<SNIServerName> serverName() {
        if (isAddress(host)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SNIHostName(host));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isAddress(String host) {
        return MailAddress.isAddressLiteral("[" + host + "]") || MailAddress.isAddressLiteral("[IPv6:" + host + "]");
    }
}
