package dev.postern.internal.upstream;

import dev.postern.internal.upstream.UpstreamException.Kind;
import dev.postern.internal.upstream.UpstreamPool.Settings;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/** Logs in at the upstream (RFC 4954). What the upstream says to it is never repeated: it could be our credentials. */
final class Login {

    private static final int MAX_COMMAND_OCTETS = 510; // RFC 5321 section 4.5.3.1.4, without CRLF

    private final Settings settings;
    private final Connection connection;

    Login(Settings settings, Connection connection) {
        this.settings = settings;
        this.connection = connection;
    }

    void run(Set<String> mechanisms) throws UpstreamException {
        if (mechanisms.contains("PLAIN")) {
            plain();
        } else if (mechanisms.contains("LOGIN")) {
            login();
        } else {
            throw new UpstreamException(Kind.UNUSABLE, "AUTH: neither PLAIN nor LOGIN is offered");
        }
    }

    private void plain() throws UpstreamException {
        String response = base64("\0" + settings.user() + "\0" + settings.password());
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
        expect(334, "LOGIN", base64(settings.user()));
        expect(235, "LOGIN", base64(settings.password()));
    }

    private void expect(int code, String mechanism, String line) throws UpstreamException {
        UpstreamReply reply;
        try {
            reply = connection.exchange(line, settings.connectTimeout());
        } catch (UpstreamException e) {
            throw new UpstreamException(e.kind(), "AUTH " + mechanism + ": no reply"); // its message may quote one
        }
        if (reply.code() != code) {
            Kind kind = reply.permanent() ? Kind.LOGIN_REFUSED : Kind.UNUSABLE;
            throw new UpstreamException(kind, "AUTH " + mechanism + ": " + reply.withoutText());
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
