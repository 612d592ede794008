package dev.postern.spring;

import dev.postern.RelayHealth;
import dev.postern.RevokeResult;
import dev.postern.SmtpRelay;
import dev.postern.spi.Identity;
import dev.postern.spi.SessionInfo;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * The actuator's endpoint {@code postern}: the relay's sessions, and how they are ended. To delete is to end: {@code
 * sessions/ID} one session, {@code users/NAME} and {@code accounts/NAME} all of a user or an account.
 */
@Endpoint(id = "postern")
final class PosternEndpoint {

    private final PosternRelay relay;

    PosternEndpoint(PosternRelay relay) {
        this.relay = relay;
    }

    @ReadOperation
    Overview overview() {
        SmtpRelay running = relay.relay();
        RelayHealth health = running.health();
        return new Overview(
                lower(running.state()),
                lower(health.status()),
                health.reasons().stream().map(RelayHealth.Reason::toString).toList(),
                running.addresses().stream()
                        .map(address -> address.getAddress().getHostAddress() + ":" + address.getPort())
                        .toList(),
                running.sessions().stream().map(Session::of).toList());
    }

    @DeleteOperation
    Ended end(@Selector Kind kind, @Selector String name) {
        SmtpRelay running = relay.relay();
        return switch (kind) {
            case SESSIONS -> new Ended(running.disconnect(name) ? 1 : 0, true);
            case USERS -> Ended.of(running.revoke(name));
            case ACCOUNTS -> Ended.of(running.revokeAccount(name));
        };
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What is ended. */
    enum Kind {
        SESSIONS,
        USERS,
        ACCOUNTS
    }

    /**
     * How many sessions are being ended.
     *
     * @param sessions of this relay
     * @param everywhere whether all relays that count together know of it
     */
    record Ended(int sessions, boolean everywhere) {
        private static Ended of(RevokeResult result) {
            return new Ended(result.sessions(), result.everywhere());
        }
    }

    /** What the relay is doing. */
    record Overview(
            String state, String health, List<String> reasons, List<String> addresses, List<Session> sessions) {}

    /** A session, with the names that the management endpoint has too. */
    record Session(String id, Peer peer, @Nullable Who who, Instant since, String phase, int messages, long octetsIn) {

        private static Session of(SessionInfo info) {
            return new Session(
                    info.id(),
                    new Peer(
                            info.client().remote().getAddress().getHostAddress(),
                            info.client().remote().getPort(),
                            info.client().helo(),
                            info.client()
                                    .tls()
                                    .map(tls -> tls.protocol() + " " + tls.cipherSuite())
                                    .orElse(null)),
                    info.identity().map(Who::of).orElse(null),
                    info.since(),
                    lower(info.phase()),
                    info.messages(),
                    info.octetsIn());
        }
    }

    /** Who is at the other end. */
    record Peer(
            String address, int port, String helo, @Nullable String tls) {}

    /** Who has logged in. */
    record Who(String user, String account) {
        private static Who of(Identity identity) {
            return new Who(identity.user(), identity.account());
        }
    }
}
