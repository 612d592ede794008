package dev.postern.readme;

import static dev.postern.spi.UpstreamDelivery.byRecipientDomain;
import static dev.postern.spi.UpstreamDelivery.share;
import static dev.postern.spi.UpstreamDelivery.weighted;

import dev.postern.Upstream;
import dev.postern.UpstreamConnector;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaAdjustment;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reservation;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamTimeouts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.conscrypt.Conscrypt;

/** Examples of README.md and docs/; DocsTest holds them to the pages, ReadmeTest runs them. */
final class Examples {

    private Examples() {}

    /** A host's user list. */
    interface Directory {
        boolean verify(String user, byte[] password);
    }

    // DOC conscrypt
    static SSLContext byConscrypt(KeyManager[] keys) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS", Conscrypt.newProvider());
        context.init(keys, null, null);
        return context; // for SmtpRelay.builder().tls(...)
    }
    // end

    // DOC connections
    static Upstream upstream(Supplier<String> tokens) {
        return Upstream.startTls("smtp.example.net", 587)
                .oauth("relay@example.net", tokens)
                .connections(2, 50, Duration.ofSeconds(30)) // at least, at most, how long a message waits for one
                .keepIdle(Duration.ofSeconds(60)) // those above the minimum
                .renewAfter(1000, Duration.ofMinutes(10)) // messages, age
                .timeouts(UpstreamTimeouts.defaults()
                        .withConnect(Duration.ofSeconds(10)) // each of connecting and TLS handshake
                        .withDataTermination(Duration.ofMinutes(2))); // the reply to the end of the content
    }
    // end

    // DOC ownMailboxes
    static EnvelopePolicy ownMailboxes() {
        return new EnvelopePolicy() {
            @Override
            public boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
                return CanonicalName.ofUser(submitter.toString()).equals(identity.user());
            }
        };
    }
    // end

    // DOC alerts
    static RelayListener alerts(Consumer<String> operator) {
        return event -> {
            if (event instanceof RelayEvent.UpstreamLost lost) {
                operator.accept(lost.upstream() + " cannot be reached: " + lost.detail());
            } else if (event instanceof RelayEvent.UpstreamFound found) {
                operator.accept(
                        found.upstream() + " is back after " + found.lost().toSeconds() + " s");
            } else if (event instanceof RelayEvent.NotRelayed failed
                    && failed.result() instanceof DeliveryResult.Deferred deferred
                    && deferred.reason() == DeliveryResult.Reason.AMBIGUOUS) {
                operator.accept(deferred.upstream() + " may have message "
                        + failed.submission().id() + " or not");
            }
        };
    }
    // end

    // DOC authenticator
    static Authenticator authenticator(Directory directory) {
        return (credentials, client) -> directory.verify(credentials.username(), credentials.secret())
                ? AuthResult.authenticated(Identity.of(credentials.username())
                        .withAccount("acme")
                        .withDomains("example.org", "example.com"))
                : AuthResult.denied();
    }
    // end

    // DOC tokens
    static Authenticator tokens(Function<String, Optional<String>> userOfToken) {
        return (credentials, client) -> userOfToken
                .apply(new String(credentials.secret(), StandardCharsets.US_ASCII))
                .map(CanonicalName::ofUser)
                .filter(CanonicalName.ofUser(credentials.username())::equals) // whom the client says it is
                .map(user -> AuthResult.authenticated(Identity.of(user)))
                .orElseGet(AuthResult::denied);
    }
    // end

    // DOC quota
    // DOC reserve
    record SuspendableQuota(QuotaStore store, Predicate<String> suspended) implements QuotaStore {
        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return suspended.test(request.account())
                    ? new QuotaDecision.Exceeded(usage(request.account(), request.plan()))
                    : store.reserve(request);
        }
        // end reserve

        @Override
        public void commit(Reservation reservation) {
            store.commit(reservation);
        }

        @Override
        public void release(Reservation reservation) {
            store.release(reservation);
        }

        @Override
        public boolean holds(Reservation reservation) {
            return store.holds(reservation);
        }

        @Override
        public QuotaUsage usage(String account, QuotaPlan plan) {
            return store.usage(account, plan);
        }

        @Override
        public QuotaUsage adjust(QuotaAdjustment adjustment) {
            return store.adjust(adjustment);
        }
    }
    // end quota

    // DOC pem
    static SSLContext fromPem(Path certificateChain, Path privateKey) throws GeneralSecurityException, IOException {
        List<Certificate> chain;
        try (InputStream in = Files.newInputStream(certificateChain)) { // the server's own first
            chain = List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
        }
        String text = Files.readString(privateKey); // PKCS #8: -----BEGIN PRIVATE KEY-----
        byte[] key = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
        String algorithm = chain.get(0).getPublicKey().getAlgorithm(); // RSA, EC
        char[] inMemory = new char[0];
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "server",
                KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key)),
                inMemory,
                chain.toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, inMemory);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context; // for SmtpRelay.builder().tls(...)
    }
    // end

    // DOC preferred
    static UpstreamDelivery preferred(UpstreamConnector connect) { // for SmtpRelay.builder().upstreams(...)
        Upstream near =
                Upstream.smtp("10.0.0.7", 25).limits(DeliveryLimits.none().withMessagesAtOnce(20));
        Upstream far = Upstream.of("smtps://postern:battery%20staple@smtp.example.net");
        return UpstreamDelivery.inOrder(List.of(connect.to(near), connect.to(far)));
    }
    // end

    // DOC upstreams
    static UpstreamDelivery routes(UpstreamConnector connect) {
        Upstream inside = Upstream.smtp("mail.corp.example", 25);
        Upstream large = Upstream.startTls("smtp.example.net", 587).login("postern", "battery staple");
        Upstream small = Upstream.smtps("smtp.example.org", 465)
                .login("postern", "staple battery")
                .limits(DeliveryLimits.none().withMessagesAtOnce(10).withMessages(14, Duration.ofSeconds(1)))
                .circuitBreaker(3, Duration.ofSeconds(30));
        return byRecipientDomain(
                Map.of("corp.example", connect.to(inside), "*.corp.example", connect.to(inside)),
                weighted(share(3, connect.to(large)), share(1, connect.to(small)))); // all others
    }
    // end

    // DOC verify
    static Optional<String> problem(UpstreamHealth upstream, Instant soon) {
        return upstream.failure()
                .map(failure -> upstream.upstream() + ": " + failure) // at which step, why, and what to do
                .or(() -> upstream.certificatesExpire()
                        .filter(soon::isAfter)
                        .map(end -> upstream.upstream() + ": a certificate expires at " + end));
    }
    // end

}
