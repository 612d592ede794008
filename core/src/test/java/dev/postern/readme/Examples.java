package dev.postern.readme;

import static dev.postern.spi.UpstreamDelivery.byRecipientDomain;
import static dev.postern.spi.UpstreamDelivery.share;
import static dev.postern.spi.UpstreamDelivery.weighted;
import static dev.postern.testkit.SmtpAssertions.assertThat;

import dev.postern.SmtpRelay;
import dev.postern.Upstream;
import dev.postern.UpstreamConnector;
import dev.postern.spi.AuthResult;
import dev.postern.spi.Authenticator;
import dev.postern.spi.ClientInfo;
import dev.postern.spi.DeliveryLimits;
import dev.postern.spi.DeliveryResult;
import dev.postern.spi.Envelope;
import dev.postern.spi.EnvelopePolicy;
import dev.postern.spi.Identity;
import dev.postern.spi.MailAddress;
import dev.postern.spi.QuotaDecision;
import dev.postern.spi.QuotaPlan;
import dev.postern.spi.QuotaRequest;
import dev.postern.spi.QuotaStore;
import dev.postern.spi.QuotaUsage;
import dev.postern.spi.RelayEvent;
import dev.postern.spi.RelayListener;
import dev.postern.spi.Reply;
import dev.postern.spi.Reservation;
import dev.postern.spi.StandardReply;
import dev.postern.spi.UpstreamDelivery;
import dev.postern.spi.UpstreamHealth;
import dev.postern.spi.UpstreamTimeouts;
import dev.postern.testkit.RelayExtension;
import dev.postern.testkit.RelayUnderTest;
import dev.postern.testkit.SmtpProbe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The README's examples; ReadmeTest holds the two together, and runs them. */
final class Examples {

    private Examples() {}

    /** A host's user list. */
    interface Directory {
        boolean verify(String user, byte[] password);
    }

    // README embedding
    static SmtpRelay start(SSLContext keys) {
        return SmtpRelay.builder()
                .listen("0.0.0.0", 587) // STARTTLS
                .listenTls("0.0.0.0", 465) // TLS from the first octet
                .tls(keys)
                .authenticator(Authenticator.of(Map.of("alice@example.org", "correct horse")))
                .quota(QuotaPlan.perDay(1000)) // recipients, for each account
                .upstream(Upstream.startTls("smtp.example.net", 587).login("postern", "battery staple"))
                .start(); // listens until close(), which lets messages in flight end
    }
    // end

    // README conscrypt
    static SSLContext byConscrypt(KeyManager[] keys) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS", Conscrypt.newProvider());
        context.init(keys, null, null);
        return context; // for SmtpRelay.builder().tls(...)
    }
    // end

    // README connections
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

    // README ownMailboxes
    static EnvelopePolicy ownMailboxes() {
        return new EnvelopePolicy() {
            @Override
            public boolean vouchesFor(MailAddress submitter, Envelope envelope, Identity identity, ClientInfo client) {
                return submitter.toString().equals(identity.user());
            }
        };
    }
    // end

    // README alerts
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

    // README authenticator
    static Authenticator authenticator(Directory directory) {
        return (credentials, client) -> directory.verify(credentials.username(), credentials.secret())
                ? AuthResult.authenticated(Identity.of(credentials.username())
                        .withAccount("acme")
                        .withDomains("example.org", "example.com"))
                : AuthResult.denied();
    }
    // end

    // README tokens
    static Authenticator tokens(Function<String, Optional<String>> userOfToken) {
        return (credentials, client) -> userOfToken
                .apply(new String(credentials.secret(), StandardCharsets.US_ASCII))
                .map(user -> AuthResult.authenticated(Identity.of(user)))
                .orElseGet(AuthResult::denied);
    }
    // end

    // README quota
    record SuspendableQuota(QuotaStore store, Predicate<String> suspended) implements QuotaStore {
        @Override
        public QuotaDecision reserve(QuotaRequest request) {
            return suspended.test(request.account())
                    ? new QuotaDecision.Exceeded(usage(request.account(), request.plan()))
                    : store.reserve(request);
        }
        // commit, release and usage are handed on to the store
        // end

        @Override
        public void commit(Reservation reservation) {
            store.commit(reservation);
        }

        @Override
        public void release(Reservation reservation) {
            store.release(reservation);
        }

        @Override
        public QuotaUsage usage(String account, QuotaPlan plan) {
            return store.usage(account, plan);
        }
    }

    // README delivery
    static UpstreamDelivery toDirectory(Path spool) {
        return submission -> {
            try (var content = submission.content().open()) {
                Files.copy(content, spool.resolve(submission.id() + ".eml"));
                return new DeliveryResult.Accepted("spool", Reply.fromUpstream(250, List.of("stored")));
            } catch (IOException e) { // not taken: the client is told to come back
                return new DeliveryResult.Deferred("spool", DeliveryResult.Reason.FAILED, e.toString());
            }
        };
    }
    // end

    // README upstreams
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

    // README verify
    static Optional<String> problem(UpstreamHealth upstream, Instant soon) {
        return upstream.failure()
                .map(failure -> upstream.upstream() + ": " + failure) // at which step, why, and what to do
                .or(() -> upstream.certificatesExpire()
                        .filter(soon::isAfter)
                        .map(end -> upstream.upstream() + ": a certificate expires at " + end));
    }
    // end

    // README testkit
    static class MailTest {
        @RegisterExtension
        final RelayExtension relay = RelayExtension.with(env -> {
                    SmtpRelay started = SmtpRelay.builder()
                            .listen("127.0.0.1", 0)
                            .allowPlaintextAuth()
                            .authenticator(Authenticator.of(Map.of("alice@example.org", "secret")))
                            .upstream(Upstream.smtp("127.0.0.1", env.upstream().port()))
                            .clock(env.clock())
                            .start();
                    return RelayUnderTest.of(started, started.port());
                })
                .withLogin("alice@example.org", "secret");

        @Test
        void aSilentClientIsHungUpOn() {
            SmtpProbe probe = relay.authenticated();
            relay.clock().advance(Duration.ofMinutes(2)); // no sleeping
            assertThat(probe.readReply()).isStandardReply(StandardReply.INACTIVITY);
        }
    }
    // end
}
