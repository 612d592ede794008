package dev.postern.internal.upstream.client;

import dev.postern.internal.upstream.client.UpstreamException.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Logs in at the upstream (RFC 4954). What the upstream says to it is never repeated: it could be our credentials.
 *
 * @param limit how long each step may take
 */
public record Login(Account account, Connection connection, Duration limit) {

    private static final int MAX_COMMAND_OCTETS = 510; // RFC 5321 section 4.5.3.1.4, without CRLF
    private static final int MAX_AUTH_OCTETS = 12_288 - 2; // RFC 4954 section 4, without CRLF

    /**
     * Whose login it is, and where.
     *
     * @param password empty when there are tokens
     * @param tokens null when there is a password
     */
    public record Account(
            String host,
            int port,
            String user,
            String password,
            @Nullable AccessTokens tokens) {

        /** Whether there is anything to log in with. */
        public boolean exists() {
            return !user.isEmpty();
        }

        /** Returns everything but what is secret. */
        @Override
        public String toString() {
            return user + " at " + host + ":" + port;
        }
    }

    public void run(Set<String> mechanisms) throws UpstreamException {
        if (account.tokens != null) {
            runWith(account.tokens, mechanisms);
        } else if (mechanisms.contains("PLAIN")) {
            plain();
        } else if (mechanisms.contains("LOGIN")) {
            login();
        } else {
            throw new UpstreamException(Kind.UNUSABLE, "AUTH: neither PLAIN nor LOGIN is offered");
        }
    }

    private void runWith(AccessTokens accessTokens, Set<String> mechanisms) throws UpstreamException {
        if (mechanisms.contains("OAUTHBEARER")) { // RFC 7628 section 3.1
            String header = "n,a=" + saslName(account.user) + ",\1host=" + account.host + "\1port=" + account.port;
            bearer("OAUTHBEARER", header + "\1auth=Bearer " + token(accessTokens) + "\1\1", "AQ==");
        } else if (mechanisms.contains("XOAUTH2")) { // its ancestor, which the large providers still offer alone
            bearer("XOAUTH2", "user=" + account.user + "\1auth=Bearer " + token(accessTokens) + "\1\1", "");
        } else {
            throw new UpstreamException(Kind.UNUSABLE, "AUTH: neither OAUTHBEARER nor XOAUTH2 is offered");
        }
    }

    private String token(AccessTokens accessTokens) throws UpstreamException {
        return accessTokens.next(connection.endOf(limit));
    }

    /** A token that is not taken is explained in a challenge, which has to be answered before the refusal comes. */
    private void bearer(String mechanism, String response, String answer) throws UpstreamException {
        String command = "AUTH " + mechanism + " " + base64(response);
        if (command.length() > MAX_AUTH_OCTETS) {
            throw new UpstreamException(Kind.UNUSABLE, "AUTH " + mechanism + ": the access token is too long");
        }
        UpstreamReply reply = exchange(mechanism, command);
        if (reply.code() == 334) {
            reply = exchange(mechanism, answer);
        }
        require(235, mechanism, reply);
    }

    /** RFC 5801 section 4: what would end the name is written another way. */
    private static String saslName(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    private void plain() throws UpstreamException {
        String response = base64("\0" + account.user + "\0" + account.password);
        String command = "AUTH PLAIN " + response;
        if (command.length() <= MAX_COMMAND_OCTETS) {
            expect(235, "PLAIN", command);
            return;
        }
        expect(334, "PLAIN", "AUTH PLAIN"); // RFC 4954 section 4: what does not fit waits for the challenge
        expect(235, "PLAIN", response);
    }

    private void login() throws UpstreamException {
        expect(334, "LOGIN", "AUTH LOGIN");
        expect(334, "LOGIN", base64(account.user));
        expect(235, "LOGIN", base64(account.password));
    }

    private void expect(int code, String mechanism, String line) throws UpstreamException {
        require(code, mechanism, exchange(mechanism, line));
    }

    private UpstreamReply exchange(String mechanism, String line) throws UpstreamException {
        try {
            return connection.exchange(line, limit);
        } catch (UpstreamException e) {
            throw new UpstreamException(e.kind(), "AUTH " + mechanism + ": no reply"); // its message may quote one
        }
    }

    private static void require(int code, String mechanism, UpstreamReply reply) throws UpstreamException {
        if (reply.code() != code) {
            Kind kind = reply.permanent() ? Kind.LOGIN_REFUSED : reply.negative() ? Kind.LOGIN_DEFERRED : Kind.UNUSABLE;
            throw new UpstreamException(kind, "AUTH " + mechanism + ": " + reply.withoutText());
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
