package dev.postern.readme;

import static dev.postern.spi.UpstreamDelivery.byRecipientDomain;
import static dev.postern.spi.UpstreamDelivery.share;
import static dev.postern.spi.UpstreamDelivery.weighted;

import dev.postern.Upstream;
import dev.postern.UpstreamConnector;
import dev.postern.settings.CircuitSettings;
import dev.postern.settings.PoolSettings;
import dev.postern.settings.TlsSettings;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.CanonicalName;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.DeliveryResult.Reason;
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
import dev.postern.spi.Recipient;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.Reservation;
import dev.postern.spi.Submission;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.spi.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
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
        return context; // for TlsSettings.of(...)
    }
    // end

    // DOC connections
    static Upstream upstream(Supplier<String> tokens) {
        return Upstream.startTls("smtp.example.net", 587)
                .oauth("relay@example.net", tokens)
                .pool(PoolSettings.defaults()
                        .withConnections(2, 50) // at least, at most
                        .withMaxWait(Duration.ofSeconds(30)) // of a message for one
                        .withMaxIdle(Duration.ofSeconds(60)) // of those above the minimum
                        .withMaxMessages(1000)
                        .withMaxAge(Duration.ofMinutes(10)))
                .timeouts(UpstreamTimeouts.defaults()
                        .withConnect(Duration.ofSeconds(10)) // each of connecting and TLS handshake
                        .withDataTermination(Duration.ofMinutes(2))); // the reply to the end of the content
    }
    // end

    /** A host's store of messages. */
    interface Store {
        boolean write(Submission message, Duration longest);
    }

    // DOC ownDelivery
    static UpstreamDelivery into(Store store) {
        return message -> {
            Duration longest = message.timeLeft(Duration.ofSeconds(30));
            return store.write(message, longest) // false when it was not done in time
                    ? DeliveryResult.accepted("store", Reply.fromUpstream(250, List.of("stored")))
                    : DeliveryResult.deferred("store", Reason.FAILED, "not stored within " + longest);
        };
    }
    // end

    // DOC ownMailboxes
    static EnvelopePolicy ownMailboxes() {
        return new EnvelopePolicy() {
            @Override
            public Verdict sender(Envelope envelope, Identity identity, ClientInfo client) {
                return Verdict.proceed();
            }

            @Override
            public Verdict recipient(Envelope envelope, Recipient recipient, Identity identity) {
                return Verdict.proceed();
            }

            @Override
            public boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
                return CanonicalName.ofUser(submitter.toString()).equals(identity.user());
            }
        };
    }
    // end

    // DOC alerts
    static RelayListener alerts(Consumer<String> operator) {
        return new RelayListener() {
            @Override
            public void upstreamLost(RelayEvent.UpstreamLost event) {
                operator.accept(event.upstream() + " cannot be reached: " + event.detail());
            }

            @Override
            public void upstreamFound(RelayEvent.UpstreamFound event) {
                operator.accept(
                        event.upstream() + " is back after " + event.lost().toSeconds() + " s");
            }

            @Override
            public void notRelayed(RelayEvent.NotRelayed event) {
                if (event.result() instanceof DeliveryResult.Deferred deferred
                        && deferred.reason() == DeliveryResult.Reason.AMBIGUOUS) {
                    operator.accept(deferred.upstream() + " may have message "
                            + event.submission().id() + " or not");
                }
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
    static TlsSettings tls(Path certificateChain, Path privateKey) { // for SmtpRelay.builder().tls(...)
        return TlsSettings.pem(certificateChain, privateKey) // PKCS #8: -----BEGIN PRIVATE KEY-----
                .withReloadInterval(Duration.ofSeconds(30));
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

    // DOC filed
    static UpstreamDelivery filed(UpstreamConnector connect, UpstreamDelivery files) { // for builder().upstreams(...)
        Upstream others = Upstream.startTls("smtp.example.net", 587).login("postern", "battery staple");
        return UpstreamDelivery.byIdentity(Identity::account, Map.of("acme", files), connect.to(others));
    }
    // end

    // DOC upstreams
    static UpstreamDelivery routes(UpstreamConnector connect) {
        Upstream inside = Upstream.smtp("mail.corp.example", 25);
        Upstream large = Upstream.startTls("smtp.example.net", 587).login("postern", "battery staple");
        Upstream small = Upstream.smtps("smtp.example.org", 465)
                .login("postern", "staple battery")
                .limits(DeliveryLimits.none().withMessagesAtOnce(10).withMessages(14, Duration.ofSeconds(1)))
                .circuit(CircuitSettings.defaults().withFailures(3).withPause(Duration.ofSeconds(30)));
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
