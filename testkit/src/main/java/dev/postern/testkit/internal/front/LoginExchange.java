package dev.postern.testkit.internal.front;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Finds out who logs in, from what the client says in an AUTH exchange (RFC 4954 section 4). For one thread. */
final class LoginExchange {

    private final String mechanism;
    private boolean first = true;
    private String user = "";

    /**
     * Begins with the command.
     *
     * @param arguments of AUTH: a mechanism, and an initial response if there is one
     */
    LoginExchange(String arguments) {
        String[] words = arguments.strip().split(" ", 2);
        mechanism = words[0].toUpperCase(Locale.ROOT);
        if (words.length > 1) {
            response(words[1]);
        }
    }

    /** Takes a response in base64. */
    void response(String base64) {
        String name = userIn(base64);
        user = name.isEmpty() ? user : name;
        first = false;
    }

    /** The authentication identity, empty while it is not known. */
    String user() {
        return user;
    }

    /** The authentication identity of PLAIN (RFC 4616 section 2), or the first answer of LOGIN. */
    private String userIn(String base64) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return ""; // the relay will say so
        }
        if (mechanism.equals("PLAIN")) {
            String[] parts = text.split("\0", -1);
            return parts.length == 3 ? parts[1] : "";
        }
        return mechanism.equals("LOGIN") && first ? text : "";
    }
}
