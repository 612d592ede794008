package dev.postern.spi;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The result of checking an upstream without sending it a message.
 *
 * @param upstream which upstream, as {@link DeliveryResult#upstream()} names it
 * @param failure why it cannot take a message; empty when it can
 * @param tls the TLS of the connection and the upstream's certificates; empty without TLS, or when the check failed
 *     before TLS
 * @param extensions the extensions in its last reply to EHLO, in upper case and sorted, for instance {@code SIZE
 *     10240000}; printable. Empty when EHLO was not reached or is not supported
 * @param took how long the check took
 */
public record UpstreamHealth(
        String upstream, Optional<Failure> failure, Optional<TlsInfo> tls, List<String> extensions, Duration took) {

    /**
     * Copies the extensions.
     *
     * @param upstream as {@link #upstream()}
     * @param failure as {@link #failure()}
     * @param tls as {@link #tls()}
     * @param extensions as {@link #extensions()}
     * @param took as {@link #took()}
     */
    public UpstreamHealth {
        extensions = List.copyOf(extensions);
    }

    /**
     * Returns whether the upstream is ready for a message.
     *
     * @return true when nothing failed
     */
    public boolean ok() {
        return failure.isEmpty();
    }

    /** {@return when the first of the upstream's certificates expires; empty without TLS} */
    public Optional<Instant> certificatesExpire() {
        return tls.stream()
                .flatMap(session -> session.peerCertificates().stream())
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder());
    }

    /**
     * Where and why a check failed.
     *
     * @param step the step that failed
     * @param detail the upstream's reply or the error; printable, never with credentials
     */
    public record Failure(Step step, String detail) {

        /** Returns step, detail and advice, for a log line. */
        @Override
        public String toString() {
            return step + " failed: " + detail + "; " + step.advice();
        }
    }

    /** The steps until an upstream is ready for a message, in order. */
    public enum Step {
        /** Looking up the host's name. */
        ADDRESS("correct the host, or see to it that this machine can look it up"),
        /** Connecting. */
        CONNECT("correct host and port, and see to it that the upstream runs and no firewall is in between"),
        /** The TLS handshake: at once, or after STARTTLS. */
        TLS("name the host as its certificate does, and trust who has signed it by tls(context)"),
        /** The upstream's greeting. */
        GREETING("ask who runs the upstream whether it takes connections from this machine"),
        /** EHLO, or HELO. */
        EHLO("see to it that hostName(name) is a name that the upstream accepts for this machine"),
        /** STARTTLS. */
        STARTTLS("correct the port, or use smtps(host, port) where the upstream begins with TLS"),
        /** The login. */
        AUTH(
                "correct login(user, password) or oauth(user, tokens), or ask which logins the upstream takes at this port");

        private final String advice;

        Step(String advice) {
            this.advice = advice;
        }

        /** {@return what to do when the step fails, as a phrase for whoever configures the relay} */
        public String advice() {
            return advice;
        }
    }
}
