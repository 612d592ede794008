package dev.postern.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.testkit.TestCertificates;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.ssl.SslStoreBundle;

/** Bundles that change. */
class SslContextsTest {

    @Test
    void aBundleThatIsReloadedJustWhenItIsReadIsNotForgotten() {
        SSLContext renewed = TestCertificates.serverContext();
        DefaultSslBundleRegistry bundles = new DefaultSslBundleRegistry();
        bundles.registerBundle("relay", bundle(() -> {
            bundles.updateBundle("relay", bundle(() -> renewed));
            return TestCertificates.untrustedServerContext();
        }));
        assertThat(new SslContexts(bundles).of("relay").get()).isSameAs(renewed);
    }

    static SslBundle bundle(Supplier<SSLContext> contexts) {
        return SslBundle.of(SslStoreBundle.NONE, SslBundleKey.NONE, SslOptions.NONE, "TLS", new SslManagerBundle() {
            @Override
            public KeyManagerFactory getKeyManagerFactory() {
                throw new UnsupportedOperationException();
            }

            @Override
            public TrustManagerFactory getTrustManagerFactory() {
                throw new UnsupportedOperationException();
            }

            @Override
            public SSLContext createSslContext(String protocol) {
                return contexts.get();
            }
        });
    }
}
