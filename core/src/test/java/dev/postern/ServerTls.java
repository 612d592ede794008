package dev.postern;

import dev.postern.testkit.TestCertificates;
import javax.net.ssl.SSLContext;
import org.conscrypt.Conscrypt;

/** Clients' TLS of the relays under test: the JDK's, or Conscrypt's with {@code -Dpostern.tls=Conscrypt}. */
public final class ServerTls {

    private ServerTls() {}

    public static SSLContext context() {
        return "Conscrypt".equals(System.getProperty("postern.tls"))
                ? TestCertificates.serverContext(Conscrypt.newProvider())
                : TestCertificates.serverContext();
    }
}
