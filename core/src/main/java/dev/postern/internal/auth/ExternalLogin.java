package dev.postern.internal.auth;

import dev.postern.internal.auth.AuthGate.Step;
import dev.postern.internal.plugin.Guarded;
import dev.postern.spi.AuthResult;
import dev.postern.spi.CertificateAuthenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.TlsInfo;
import java.security.cert.X509Certificate;
import java.util.List;

/** EXTERNAL (RFC 4422 appendix A): the client is who its certificate says, as TLS has shown it. */
record ExternalLogin(Guarded<CertificateAuthenticator> certificates, ClientInfo client) implements AuthGate.Exchange {

    static final String NAME = "EXTERNAL";

    static List<X509Certificate> certificates(ClientInfo client) {
        return client.tls().map(TlsInfo::peerCertificates).orElse(List.of());
    }

    @Override
    public Step read(byte[] response) {
        return AuthGate.name(response, 0, response.length)
                .<Step>map(name -> new Step.Shown(() -> check(name)))
                .orElseGet(Step.Malformed::new);
    }

    private AuthResult check(String authorization) {
        AuthResult result = certificates
                .call(directory -> directory.authenticate(certificates(client), client))
                .orElseGet(() -> AuthResult.unavailable("its plug-in has no answer"));
        boolean another = result instanceof AuthResult.Authenticated authenticated
                && AuthGate.actsForAnother(
                        authorization, authenticated.identity().user());
        return another ? AuthResult.denied() : result;
    }
}
