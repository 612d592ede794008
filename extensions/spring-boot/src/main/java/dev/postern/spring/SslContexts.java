package dev.postern.spring;

import java.security.SecureRandom;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** The TLS material of bundles, which may change while the relay runs. A bundle that cannot be used leaves what there was. */
final class SslContexts {

    private static final Logger LOG = LoggerFactory.getLogger(SslContexts.class);

    private final SslBundles bundles;
    private final Map<String, Supplier<SSLContext>> contexts = new ConcurrentHashMap<>();

    SslContexts(SslBundles bundles) {
        this.bundles = bundles;
    }

    /** {@return the context of a bundle as it is now, the same one until the bundle changes} */
    Supplier<SSLContext> of(String bundle) {
        return contexts.computeIfAbsent(bundle, this::watched);
    }

    /** {@return a context that is always that of the bundle as it is now, for those who keep one} */
    SSLContext current(String bundle) {
        return new Current(of(bundle));
    }

    private Supplier<SSLContext> watched(String name) {
        AtomicReference<@Nullable SSLContext> current = new AtomicReference<>();
        bundles.addBundleUpdateHandler(name, changed -> replace(current, name, changed));
        SSLContext first = bundles.getBundle(name).createSslContext();
        current.compareAndSet(null, first); // unless it has changed since it was read
        return () -> Objects.requireNonNull(current.get());
    }

    private static void replace(AtomicReference<@Nullable SSLContext> current, String name, SslBundle changed) {
        try {
            current.set(changed.createSslContext());
            LOG.info("The SSL bundle {} was reloaded", name);
        } catch (RuntimeException e) {
            LOG.warn("The SSL bundle {} cannot be used as it is now; the relay goes on with what it had", name, e);
        }
    }

    private static final class Current extends SSLContext {
        Current(Supplier<SSLContext> context) {
            super(
                    new CurrentSpi(context),
                    context.get().getProvider(),
                    context.get().getProtocol());
        }
    }

    private static final class CurrentSpi extends SSLContextSpi {

        private final Supplier<SSLContext> context;

        CurrentSpi(Supplier<SSLContext> context) {
            this.context = context;
        }

        @Override
        protected void engineInit(
                KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random) {
            throw new UnsupportedOperationException("the bundle says what is in this context");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return context.get().getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return context.get().getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return context.get().createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return context.get().createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return context.get().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return context.get().getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return context.get().getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return context.get().getSupportedSSLParameters();
        }
    }
}
