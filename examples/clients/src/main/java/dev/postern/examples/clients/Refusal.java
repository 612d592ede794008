package dev.postern.examples.clients;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The relay's reply.
 *
 * @param code RFC 5321 section 4.2; 4xx may be tried again later, 5xx may not
 * @param status the enhanced status code, RFC 3463
 */
public record Refusal(int code, Optional<String> status, String text) {

    private static final Pattern REPLY =
            Pattern.compile("(?m)(?:^|response: )([45][0-5][0-9])[ -](?:([45]\\.[0-9]{1,3}\\.[0-9]{1,3}) )?(.*)$");

    /** Finds the first reply in a text: where a line begins with its code, or says that this is the response. */
    static Optional<Refusal> in(@Nullable String text) {
        Matcher reply = REPLY.matcher(text == null ? "" : text);
        return reply.find()
                ? Optional.of(new Refusal(
                        Integer.parseInt(reply.group(1)),
                        Optional.ofNullable(reply.group(2)),
                        reply.group(3).strip()))
                : Optional.empty();
    }

    /** The reply as it came. */
    @Override
    public String toString() {
        return code + " " + status.map(known -> known + " ").orElse("") + text;
    }
}
